"""Who of a run has almost the same answer as somebody before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from evaluator.domain import Graded
from evaluator.honesty.duplicates import Signatures
from evaluator.runs.store import Stored


def find_copies(stored: Iterable[Stored]) -> dict[str, str]:
    """Answers that are near copies of an earlier one to the same question by somebody else.

    Args:
        stored: Current evaluations in the order of the input.

    Returns:
        By the id of an answer, the id of the one it is like.
    """
    cohorts: dict[str, Signatures] = {}
    own: dict[tuple[str, str], set[str]] = {}
    found: dict[str, str] = {}
    for one in stored:
        answer = one.answer
        mine = own.setdefault((answer.question_id, answer.candidate), set()) if answer.candidate else set()
        cohort = cohorts.setdefault(answer.question_id, Signatures())
        like = cohort.add(answer.id, answer.text, but=frozenset({answer.id, *mine}))
        mine.add(answer.id)
        if like is not None:
            found[answer.id] = like
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
