"""All remarks on one answer."""

from __future__ import annotations

from dataclasses import dataclass

from evaluator.domain import Evidence, Question, Rubric
from evaluator.honesty.addressed import addressed_passages
from evaluator.honesty.copied import copied_from_model_answer, copied_from_rubric
from evaluator.honesty.hidden import hidden_blocks, hidden_passages
from evaluator.honesty.spans import Span


@dataclass(frozen=True, slots=True)
class Remark:
    """Something a reader should know about an answer, and where it stands in the text.

    `flag` is one of "addresses_grader", "hidden_text", "copied_rubric" and "copied_model_answer".
    """

    flag: str
    evidence: tuple[Evidence, ...]


def remarks_on(text: str, question: Question, rubric: Rubric) -> tuple[Remark, ...]:
    """Every remark on an answer; nothing where there is nothing to say. It does not touch any score."""
    found = {
        "addresses_grader": addressed_passages(text),
        "hidden_text": hidden_passages(text),
        "copied_rubric": copied_from_rubric(text, question, rubric, examples=True),
        "copied_model_answer": copied_from_model_answer(text, question),
    }
    return tuple(Remark(flag, evidence) for flag, evidence in found.items() if evidence)


def unbelieved_spans(text: str) -> tuple[Span, ...]:
    """What of a text is no answer, so that nothing may be quoted from it: addressed to the grader, or unseen."""
    addressed = [(passage.start, passage.end) for passage in addressed_passages(text)]
    return tuple(sorted([*addressed, *hidden_blocks(text)]))
