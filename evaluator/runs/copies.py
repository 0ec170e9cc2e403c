"""Who of a run has almost the same answer as somebody before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from evaluator.domain import Graded
from evaluator.honesty.duplicates import near_copies
from evaluator.runs.store import RunStore, Stored


def find_copies(run: RunStore, *, question: str | None = None) -> dict[str, str]:
    """Answers that are near copies of an earlier one to the same question by somebody else.

    Args:
        run: Whose current evaluations are looked at, in the order of the input.
        question: Only answers to the question with this id.

    Returns:
        By the id of an answer, the id of the one it is like.
    """
    found: dict[str, str] = {}
    for cohort in run.cohorts(question=question):
        found |= near_copies(cohort)
    return found


def with_copies(stored: Iterable[Stored], copies: Mapping[str, str]) -> Iterator[Stored]:
    """The same evaluations, those of copies with the flag "copied_from:ID"."""
    for one in stored:
        like = copies.get(one.answer.id) if one.current else None
        if like is None or not isinstance(one.evaluation, Graded):
            yield one
            continue
        flags = (*one.evaluation.flags, f"copied_from:{like}")
        yield replace(one, evaluation=one.evaluation.model_copy(update={"flags": flags}))
