"""Listing and showing questions, rubrics and judges."""

from __future__ import annotations

import json
from typing import Any

import pytest

from evaluator.bank import Bank
from evaluator.proof.behaviour import MODEL_ANSWER_MIN, OFF_TOPIC_MAX, SOUP_MAX


def test_questions_in_order(command: Any, bank: Bank) -> None:
    """All questions are listed by number, with level and themes, within 80 columns."""
    done = command("questions", "list")
    lines = done.out.splitlines()
    assert lines[0].split() == ["no", "id", "level", "themes"]
    assert lines[1].split(maxsplit=3) == ["1", "okr-alignment", "foundational", "okr, strategy, portfolio"]
    assert [line.split()[0] for line in lines[1:] if not line.startswith("   ")] == [
        str(q.number) for q in bank.questions
    ]
    assert max(map(len, lines)) <= 80
    assert len(json.loads(command("questions", "list", "--format", "json").out)) == 50


def test_questions_of_a_theme(command: Any) -> None:
    """--theme keeps the questions of that theme; an unknown one lists those there are."""
    found = json.loads(command("questions", "list", "--theme", "slo", "--format", "json").out)
    assert [q["id"] for q in found][:2] == ["slo-error-budgets", "observability-mttr"]
    done = command("questions", "list", "--theme", "cooking")
    assert done.status == 2
    assert done.err.startswith('evaluator: No question has the theme "cooking".\nThemes: ai, architecture, ')


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_show_question(command: Any, bank: Bank, form: str) -> None:
    """A question is shown with its model answer in every format."""
    question = bank.find("12")
    done = command("questions", "show", "12", "--format", form)
    flat = " ".join(done.out.split())
    assert question.text in flat
    assert question.model_answer is not None
    assert question.model_answer in flat


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_show_rubric(command: Any, bank: Bank, form: str) -> None:
    """A rubric is shown with every statement and piece of advice."""
    rubric = bank.rubric("technical-debt")
    flat = " ".join(command("rubric", "show", "technical-debt", "--format", form).out.split())
    for entry in rubric.entries:
        assert entry.statement in flat
        assert entry.advice in flat


def test_rubric_list(command: Any) -> None:
    """The list counts criteria, points, red flags and examples."""
    rows = json.loads(command("rubric", "list", "--format", "json").out)
    dora = next(row for row in rows if row["question"] == "dora-rollout")
    assert dora == {
        "question": "dora-rollout", "version": 1, "status": "final", "criteria": 7, "points": 14, "red_flags": 1, "examples": 104,
    }  # fmt: skip
    assert "| dora-rollout | 1 | final | 7 | 14 | 1 | 104 |" in command("rubric", "list", "--format", "markdown").out


def test_version(command: Any) -> None:
    """--version prints the version."""
    assert command("--version").out == "evaluator 0.1.0\n"


def test_judges_show_the_cautious_figures(command: Any) -> None:
    """`evaluator judges` names the source of the labels and shows each figure beside the more cautious one."""
    done = command("judges", "--format", "markdown")
    figures = json.loads(command("judges", "--format", "json").out)["embedded"]["measured"]
    readings = [
        figures[bank][reading] for bank in ("shipped", "foreign") for reading in ("as_shipped", "without_echoes")
    ]
    assert "| agreement with labels that language models gave |" in done.out
    for key, form in (("kappa", "{:.2f}"), ("bias", "{:+.1f}")):
        assert " | ".join(form.format(one[key]) for one in readings) in done.out
    assert "no person has labelled any" in done.out
    assert "agrees with labels that language models gave" in " ".join(command("judges", "--help").out.split())


def test_help_of_the_proof_names_its_limits(command: Any) -> None:
    """The help of `rubric check` says the scores at which it passes, and no others."""
    flat = " ".join(command("rubric", "check", "--help").out.split())
    assert f"must score at least {MODEL_ANSWER_MIN:g}, an off-topic one at most {OFF_TOPIC_MAX:g}" in flat
    assert f"a keyword-only one less than {SOUP_MAX:g}" in flat


def test_help_names_every_cause_of_status_3(command: Any) -> None:
    """A refused key and an unknown model end with status 3, as a judge does that was not reached."""
    flat = " ".join(command("--help").out.split())
    assert "3 the judge cannot be used: not reached, key refused, or model unknown;" in flat
