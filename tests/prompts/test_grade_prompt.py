from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest

from evaluator.bank import Bank
from evaluator.judges.llm.checks import Problem
from evaluator.prompts import fence_answer, load_prompt

PROMPT = load_prompt("grade/v1")
GOLD = Path(__file__).parent.parent / "gold" / "answers.jsonl"


def gold_answers() -> dict[str, list[str]]:
    """The texts of the gold answers by question."""
    answers: dict[str, list[str]] = defaultdict(list)
    for line in GOLD.read_text(encoding="utf-8").splitlines():
        answer = json.loads(line)
        answers[answer["question_id"]].append(answer["text"])
    return answers


@pytest.mark.parametrize("question_id", sorted(gold_answers()))
def test_what_all_answers_share_stands_in_front(bank: Bank, question_id: str) -> None:
    """At least 85 % of the characters are the same for all answers of a question, and come first."""
    system = PROMPT.render_system(question=bank.find(question_id), rubric=bank.rubric(question_id))
    messages = [system + PROMPT.render_user(fence=fence_answer(text), redo=[]) for text in gold_answers()[question_id]]
    first, last = min(messages), max(messages)
    shared = next(at for at, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1])
    assert shared >= len(system)
    assert min(shared / len(message) for message in messages) >= 0.85
    assert sum(shared / len(message) for message in messages) / len(messages) >= 0.9


def test_the_prompt_stays_small(bank: Bank) -> None:
    """Up to seven criteria make fewer than 3,000 tokens (four characters each), so that small models have room."""
    for rubric in bank.load_rubrics():
        system = PROMPT.render_system(question=bank.find(rubric.question), rubric=rubric)
        assert len(system) / 4 < (3000 if len(rubric.criteria) <= 7 else 3300), rubric.question


def test_nothing_that_should_not_be_known_is_told(bank: Bank) -> None:
    """Weights, penalties and themes stay out of the prompt."""
    question, rubric = bank.find("dora-rollout"), bank.rubric("dora-rollout")
    changed = rubric.model_copy(
        update={
            "criteria": tuple(c.model_copy(update={"weight": 1, "themes": ()}) for c in rubric.criteria),
            "red_flags": tuple(f.model_copy(update={"penalty": 99}) for f in rubric.red_flags),
        }
    )
    assert PROMPT.render_system(question=question, rubric=rubric) == PROMPT.render_system(
        question=question, rubric=changed
    )


def test_every_criterion_is_there_once_with_its_points(bank: Bank) -> None:
    """Each criterion has its tag with the id, its numbered points, and two examples of either kind."""
    rubric = bank.rubric("dora-rollout")
    system = PROMPT.render_system(question=bank.find("dora-rollout"), rubric=rubric)
    for criterion in rubric.criteria:
        part = system.split(f'<criterion id="{criterion.id}">\n')[1].partition("</criterion>")[0]
        assert system.count(f'id="{criterion.id}"') == 1
        for number, point in enumerate(criterion.points, start=1):
            assert f"\n{number}. {point}\n" in "\n" + part
        assert part.count("\n- ") == 4
        assert [example for example in criterion.examples.accept if example in part] == [
            criterion.examples.accept[0],
            criterion.examples.accept[3],
        ]
    assert "\n\n\n" not in system


def test_a_question_without_model_answer(bank: Bank) -> None:
    """Where nobody wrote a model answer its section is left out."""
    question = bank.find("dora-rollout").model_copy(update={"model_answer": None})
    system = PROMPT.render_system(question=question, rubric=bank.rubric("dora-rollout"))
    assert "<model_answer>" not in system
    assert "</question>\n\n<rubric>" in system


def test_there_is_a_sentence_for_every_problem() -> None:
    """Each reason to ask again is explained to the model."""
    reasons = Problem.__args__  # type: ignore[attr-defined]
    message = PROMPT.render_user(fence=fence_answer("x"), redo=[{"id": r, "reason": r} for r in reasons])
    for reason in reasons:
        assert message.count(f"- {reason}: ") == 1
