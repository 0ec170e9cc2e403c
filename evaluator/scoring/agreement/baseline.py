"""What a judge would reach that never reads an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeVar

from evaluator.scoring.agreement.confusion import LEVELS

Criterion = TypeVar("Criterion")


def majority(labels: Iterable[tuple[Criterion, str]], levels: Sequence[str] = LEVELS) -> dict[Criterion, str]:
    """The commonest level of each criterion; where two are equally common, the lower one. No labels: no criteria.

    It is taken from the very labels that it is then compared with, which flatters it.
    """
    counts: dict[Criterion, Counter[str]] = {}
    for criterion, level in labels:
        counts.setdefault(criterion, Counter())[level] += 1
    return {c: max(levels, key=lambda level: (found[level], -levels.index(level))) for c, found in counts.items()}
