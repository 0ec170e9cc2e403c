"""One judge for all tests of this folder, and a short way to ask it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluator.bank import Bank
from evaluator.domain import Answer, Assessment, Rubric
from evaluator.judges import Case
from evaluator.judges.embedded import EmbeddedJudge

GOLD = Path(__file__).resolve().parent.parent / "gold"

Ask = Callable[..., Assessment]


@pytest.fixture(scope="session")
def judge() -> EmbeddedJudge:
    """The shipped embedded judge."""
    return EmbeddedJudge()


@pytest.fixture(scope="session")
def ask(judge: EmbeddedJudge, bank: Bank) -> Ask:
    """Assess a text against the rubric of a question of the shipped bank, or another rubric."""

    def assess(text: str, question: str = "dora-rollout", rubric: Rubric | None = None) -> Assessment:
        answer = Answer(id="a", question_id=question, text=text)
        return asyncio.run(judge.assess(Case(bank.find(question), rubric or bank.rubric(question), answer)))

    return assess


@pytest.fixture(scope="session")
def gold() -> dict[str, dict[str, str]]:
    """Answers by id."""
    lines = (GOLD / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    return {record["id"]: record for record in map(json.loads, lines)}
