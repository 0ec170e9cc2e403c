"""A rubric that does not behave is caught, whoever judges."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from evaluator.bank import Bank
from evaluator.domain import Assessment, Finding, Question, RedFlagFinding, Rubric
from evaluator.judges import Case, JudgeIdentity
from evaluator.judges.embedded import Encoder
from evaluator.proof.behaviour import Behaviour, Matrix, cross, observe
from evaluator.proof.check import check_rubrics, misbehaviour
from evaluator.proof.probes import OFF_TOPIC, keyword_soup, without_source
from tests.factory import QUESTION, RUBRIC, SCALE

Rule = Callable[[str, str], bool]


class RuleJudge:
    """Meets a criterion in full where a rule on its id and the text of the answer says so."""

    identity = JudgeIdentity(judge="rule", model="rule", prompt=None, settings="")

    def __init__(self, rule: Rule) -> None:
        self._rule = rule

    def trust(self, rubric: Rubric) -> str:
        """Not asked here."""
        return rubric.question

    async def aclose(self) -> None:
        """Nothing is open."""

    async def assess(self, case: Case) -> Assessment:
        """Apply the rule."""
        findings = tuple(
            Finding(criterion_id=c.id, points=(self._rule(c.id, case.answer.text),) * len(c.points), confidence=1)
            for c in case.rubric.criteria
        )
        flags = tuple(RedFlagFinding(red_flag_id=f.id, present=False, confidence=1) for f in case.rubric.red_flags)
        return Assessment(findings=findings, red_flags=flags)


def keyword(criterion_id: str, text: str) -> bool:
    """A fair rule for the factory's rubric."""
    return {"owner-paged": "an owner who is paged", "page-review": "each page on Monday"}[criterion_id] in text


def seen(rule: Rule) -> Behaviour:
    """The behaviour of the factory's rubric under a rule."""
    rubric = RUBRIC.model_copy(
        update={
            "criteria": (
                RUBRIC.criteria[0],
                RUBRIC.criteria[1].model_copy(update={"source": "We review each page on Monday."}),
            )
        }
    )
    return asyncio.run(observe(QUESTION, rubric, SCALE, RuleJudge(rule)))


def test_sound_rubric() -> None:
    """With a fair judge the model answer scores 100, the probes nothing, and each criterion hangs on its source."""
    assert seen(keyword) == Behaviour(
        question_id="on-call",
        has_model_answer=True,
        model_answer=100.0,
        not_met=(),
        empty=None,
        off_topic=0.0,
        keyword_soup=0.0,
        kept=(),
    )
    assert list(misbehaviour(RUBRIC, seen(keyword))) == []


@pytest.mark.parametrize(
    ("rule", "names"),
    [
        (lambda _id, _text: False, ["model-answer-low"]),
        (lambda _id, _text: True, ["off-topic-scores", "keyword-soup-scores", *["criterion-not-needed"] * 2]),
        (lambda _id, text: "wner" in text and "aged" in text, ["keyword-soup-scores", "criterion-not-needed"]),
        (
            lambda id_, text: id_ == "page-review" or keyword(id_, text),
            ["off-topic-scores", "criterion-not-needed"],
        ),
    ],
    ids=["nothing is met", "everything is met", "words are enough", "one is always met"],
)
def testmisbehaviour(rule: Rule, names: list[str]) -> None:
    """Each way to misbehave has a remark of its own."""
    assert [lint.name for lint in misbehaviour(RUBRIC, seen(rule))] == names


@pytest.mark.parametrize("answered", [0, 1, 2])
def test_a_matrix_needs_two_model_answers(bank: Bank, answered: int) -> None:
    """Rubrics are compared where at least two questions have a model answer; else each is checked alone."""
    pairs = []
    for number, id_ in enumerate(("dora-rollout", "technical-debt")):
        silent = {} if number < answered else {"model_answer": None}
        pairs.append((bank.find(id_).model_copy(update=silent), bank.rubric(id_)))
    check = asyncio.run(check_rubrics(bank, pairs, RuleJudge(lambda _id, _text: False), Encoder()))
    assert [report.behaviour.question_id for report in check.reports] == ["dora-rollout", "technical-debt"]
    assert (check.matrix is not None) == (answered == 2)
    assert [report.rival is not None for report in check.reports] == [answered == 2] * 2


def test_without_source_removes_the_whole_sentence() -> None:
    """The sentence that holds the source goes, the others stay."""
    assert without_source(QUESTION, RUBRIC.criteria[0]) == "We review each page on Monday."
    assert without_source(QUESTION, RUBRIC.criteria[1]) is None


def test_every_shipped_criterion_has_a_source_to_remove(bank: Bank) -> None:
    """Every criterion of the shipped bank names a span of the model answer, and the rest is shorter without it."""
    for rubric in bank.load_rubrics():
        question = bank.find(rubric.question)
        for criterion in rubric.criteria:
            rest = without_source(question, criterion)
            assert rest is not None
            assert len(rest.split()) < len((question.model_answer or "").split())


def test_keyword_soup_holds_words_and_no_statement() -> None:
    """The soup has the words of statement and points, and no sentence of either."""
    soup = keyword_soup(RUBRIC)
    assert soup == "Owner, service, paged. Pages, reviewed, week."
    assert "owner" not in OFF_TOPIC


def test_matrix() -> None:
    """The margin is the own score less the best other; the rival is that other."""
    matrix = Matrix(("a", "b", "c"), ((90.0, 20.0, 30.0), (60.0, 80.0, None), (0.0, 0.0, None)))
    assert [matrix.margin(row) for row in range(3)] == [60.0, 20.0, None]
    assert [matrix.rival(row) for row in range(2)] == ["c", "a"]


def test_cross_counts_rows() -> None:
    """Every model answer is graded under every rubric; questions without one are left out; each row is a step."""
    other = QUESTION.model_copy(update={"id": "other", "model_answer": "Nothing of the kind is done here."})
    silent = Question(id="silent", level="bonus", themes=("x",), text="?")
    steps: list[int] = []
    pairs = [(QUESTION, RUBRIC), (other, RUBRIC.model_copy(update={"question": "other"})), (silent, RUBRIC)]
    matrix = asyncio.run(cross(pairs, SCALE, RuleJudge(keyword), lambda: steps.append(1)))
    assert matrix.ids == ("on-call", "other")
    assert matrix.scores == ((100.0, 100.0), (0.0, 0.0))
    assert len(steps) == 2
