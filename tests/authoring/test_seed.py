"""The import of a long article that is no part of the project; EVALUATOR_SEED names its file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from evaluator.authoring.article import find_entries, open_article, plan_import, write_plan
from evaluator.bank import load_bank

SEED = os.environ.get("EVALUATOR_SEED", "")


@pytest.mark.skipif(not Path(SEED).is_file(), reason="EVALUATOR_SEED names no file")
def test_fifty_questions(tmp_path: Path) -> None:
    """Fifty questions in order, forty with their whole answer, ten without, and no stray line in any."""
    document = open_article(Path(SEED))
    found = find_entries(document.blocks)
    write_plan(plan_import(document, found, tmp_path / "bank"))
    questions = load_bank(tmp_path / "bank").questions
    assert [question.number for question in questions] == list(range(1, 51))
    assert [question.model_answer is not None for question in questions] == [True] * 40 + [False] * 10
    levels = ["foundational"] * 10 + ["intermediate"] * 15 + ["advanced"] * 15 + ["bonus"] * 10
    assert [question.level for question in questions] == levels
    # The article has one line for each question and one for each answer.
    lines = [" ".join(line.split()) for line in Path(SEED).read_text(encoding="utf-8").splitlines()]
    for question in questions:
        at = lines.index(f"{question.number}. {question.text}")
        assert question.model_answer in {None, lines[at + 1]}
    parts = [placed.part for placed in found.lines]
    assert [parts.count(part) for part in ("question", "answer", "heading", "left out")] == [50, 40, 7, 15]
