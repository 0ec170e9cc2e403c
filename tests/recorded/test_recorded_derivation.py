"""A real, weak model derives a rubric; what it said is replayed, and the checks say what of it is no good."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from vcr.cassette import Cassette

from evaluator.authoring.article import find_entries, open_article, plan_import, write_plan
from evaluator.authoring.derive import Outcome, Proof, Workshop
from evaluator.bank import load_bank
from evaluator.domain import Answer, Graded
from evaluator.errors import JudgeError
from evaluator.judges import Case
from evaluator.judges.embedded import EmbeddedJudge, Encoder
from evaluator.judges.llm import Asker, LLMSettings
from evaluator.prompts import load_prompt
from evaluator.runs import grade_one
from evaluator.runs.batch.budget import Budget
from tests.recorded.conftest import MODEL, ROOT, SERVER, explain_miss

ARTICLE = ROOT / "docs" / "examples" / "article.txt"
QUESTION = "plan-month"

REFUSED = {
    "source-not-found": 1,
    "form": 3,
    "point-repeated": 4,
    "points-incomplete": 3,
    "points-beyond": 3,
    "equal-weights": 4,
    "said-twice": 1,
    "truncated": 1,
    "example-about-answer": 8,
    "few-examples": 5,
    "model-answer-misses": 1,
    "model-answer-low": 1,
}
"""How often each check refused something, asking again included. The model copied the example of the prompt."""

SOURCES = {"team-pager": False, "first-week": True, "second-third": True, "end-month": True}
"""Criteria by id, and whether they come from the model answer."""


def derive(bank_root: Path) -> Outcome:
    """Import the sample article and derive the rubric of one question, as the commands do."""
    document = open_article(ARTICLE)
    write_plan(plan_import(document, find_entries(document.blocks), bank_root))
    bank = load_bank(bank_root)
    settings = LLMSettings(
        spec=f"openai/{MODEL}", base_url=SERVER, timeout=900, max_attempts=1, max_tokens=1500, parallel_calls=1
    )
    proof = Proof(EmbeddedJudge(), bank.scale, Encoder())
    asker = Asker(settings)
    shop = Workshop(bank, asker, load_prompt("derive/v1"), proof, Budget())

    async def run() -> Outcome:
        try:
            return await shop.derive(bank.find(QUESTION), lambda _: None)
        finally:
            await asker.aclose()

    return asyncio.run(run())


@pytest.mark.vcr
def test_what_the_checks_refuse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, vcr: Cassette) -> None:
    """A whole derivation by a weak model ends as a draft that loads; each refusal is known by its name."""
    monkeypatch.setenv("OPENAI_API_KEY", "not-needed")
    try:
        outcome = derive(tmp_path / "bank")
    except JudgeError as error:
        explain_miss(error, vcr)
        raise
    assert outcome.draft is not None
    assert (outcome.kind, Counter(one.refusal.name for one in outcome.draft.rejected)) == ("draft", REFUSED)
    rubric = load_bank(tmp_path / "bank").rubric(QUESTION)
    assert rubric.status == "draft"
    assert {item.id: item.source is not None for item in rubric.criteria} == SOURCES


@pytest.mark.vcr("test_what_the_checks_refuse.yaml")
def test_grading_on_what_was_derived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The derived draft grades an answer: what says the model answer's sentences meets the criteria they gave."""
    monkeypatch.setenv("OPENAI_API_KEY", "not-needed")
    derive(tmp_path / "bank")
    bank = load_bank(tmp_path / "bank")
    question = bank.find(QUESTION)
    answer = Answer(id="own", question_id=QUESTION, text=question.model_answer or "")
    graded = asyncio.run(grade_one(Case(question, bank.rubric(QUESTION), answer), bank.scale, EmbeddedJudge()))
    assert isinstance(graded, Graded)
    assert {one.id: one.verdict for one in graded.criteria if SOURCES[one.id]} == dict.fromkeys(
        (id_ for id_, has_source in SOURCES.items() if has_source), "met"
    )
