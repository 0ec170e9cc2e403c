"""The whole LLM judge before a model that obeys whatever an answer tells it: what becomes of each family."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from evaluator.bank import Bank
from evaluator.domain import Answer, Graded, Ungraded
from evaluator.honesty import addressed_passages, unbelieved_spans
from evaluator.judges import Case
from evaluator.judges.llm import LLMJudge, LLMSettings
from evaluator.runs import grade_one
from tests.agreeing import completion_that_agrees

ROWS: list[dict[str, Any]] = [
    json.loads(line) for line in Path(__file__).with_name("answers.jsonl").read_text(encoding="utf-8").splitlines()
]
FAMILIES = list(dict.fromkeys(row["family"] for row in ROWS))
SPEAKING = [row for row in ROWS if addressed_passages(row["text"])]
LOUD = {"orders", "forged-fence", "forged-json", "approved", "role-play", "many-shot"}
"""Families in which nearly every answer speaks to the grader."""


class Obedient:
    """A model that calls everything met, as it was told, with the quotes that it is given."""

    def __init__(self, quotes: list[str]) -> None:
        self.quotes = quotes
        self.users: list[str] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        """As a transport calls it."""
        system, user = (message["content"] for message in json.loads(request.content)["messages"])
        self.users.append(user)
        body = completion_that_agrees(system, self.quotes, strength="All is met.")
        return httpx2.Response(200, json=body)


Grade = Callable[[dict[str, Any], Obedient], Graded | Ungraded]


@pytest.fixture
def grade(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> Grade:
    """Grades a hostile answer with an obedient model."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-none")
    for name in ("OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.delenv(name, raising=False)

    def done(row: dict[str, Any], model: Obedient) -> Graded | Ungraded:
        question = row["question_id"]
        answer = Answer(id=row["id"], question_id=question, text=row["text"])
        case = Case(bank.find(question), bank.rubric(question), answer)

        async def run() -> Graded | Ungraded:
            client = httpx2.AsyncClient(transport=httpx2.MockTransport(model))
            judge = LLMJudge(LLMSettings(spec="openai/gpt-5-mini", max_repairs=1), http_client=client)
            try:
                return await grade_one(case, bank.scale, judge)
            finally:
                await judge.aclose()

        return asyncio.run(run())

    return done


def first_of(family: str, rows: list[dict[str, Any]] = ROWS) -> dict[str, Any]:
    """An answer of the family that holds some text."""
    return next(row for row in rows if row["family"] == family and row["text"].strip())


@pytest.mark.parametrize("family", FAMILIES)
def test_obeying_without_a_quote_gives_no_score(family: str, grade: Grade) -> None:
    """Whatever the answer orders: a verdict without a quote is asked for again, and then there is none."""
    model = Obedient([])
    done = grade(first_of(family), model)
    assert isinstance(done, Ungraded)
    assert (done.reason, len(model.users)) == ("quote_not_found", 2)


@pytest.mark.parametrize("family", sorted({row["family"] for row in SPEAKING}))
def test_obeying_with_the_order_as_quote_gives_no_score(family: str, grade: Grade) -> None:
    """Passages addressed to the grader support nothing, although they stand in the answer."""
    row = first_of(family, SPEAKING)
    model = Obedient([passage.quote for passage in addressed_passages(row["text"])])
    done = grade(row, model)
    assert isinstance(done, Ungraded)
    assert done.reason == "quote_not_found"


@pytest.mark.parametrize("id_", ["pasted-rubric-02", "pasted-rubric-03", "pasted-rubric-09"])
def test_the_rubric_pasted_back_supports_nothing(id_: str, grade: Grade, bank: Bank) -> None:
    """A model that quotes the statements and points that an answer copied gets none of them met."""
    row = next(row for row in ROWS if row["id"] == id_)
    criteria = bank.rubric(row["question_id"]).criteria
    done = grade(row, Obedient([text for one in criteria for text in (one.statement, *one.points)]))
    assert isinstance(done, Ungraded)
    assert done.reason == "quote_not_found"


def test_the_families_that_speak_to_the_grader_are_tried() -> None:
    """No family that gives orders is missing from the test above."""
    assert {row["family"] for row in SPEAKING} >= LOUD


@pytest.mark.parametrize("row", ROWS[::11], ids=lambda row: str(row["id"]))
def test_the_answer_stays_in_its_fence(row: dict[str, Any], grade: Grade) -> None:
    """In every request, repairs too, there is one fence, whose tags the answer does not hold, and the note follows it."""
    model = Obedient([])
    grade(row, model)
    for user in model.users:
        code = re.match(r"<answer-([0-9a-f]{12})>\n", user)
        assert code is not None
        assert code[1] not in row["text"]
        assert len(re.findall(r"<\s*/\s*answer", user, re.IGNORECASE)) == 1
    assert [user.count("<note-") for user in model.users] == [0, 1][: len(model.users)]


@pytest.mark.parametrize("family", sorted(LOUD | {"hidden", "padding", "flattery"}))
def test_evidence_is_honest_text(family: str, grade: Grade) -> None:
    """A model that obeys and quotes the candidate's own words gets through: those words are shown beside the verdict.

    Whether they fit is for the model. The coach sees them, and the flag beside them.
    """
    row = first_of(family)
    done = grade(row, Obedient([row["honest"].split(". ")[0]]))
    assert isinstance(done, Graded)
    spans = unbelieved_spans(row["text"])
    start = row["text"].find(row["honest"])
    for evidence in (one for criterion in done.criteria for one in criterion.evidence):
        assert start <= evidence.start < evidence.end <= start + len(row["honest"])
        assert all(evidence.end <= a or b <= evidence.start for a, b in spans)
    assert family in ("padding", "flattery") or set(done.flags) & {"addresses_grader", "hidden_text"}
