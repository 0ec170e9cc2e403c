"""Counts of what the truth says against what the judge says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

LEVELS = ("missed", "partial", "met")
"""The verdicts that can be compared, in ascending order."""

Matrix = Sequence[Sequence[float]]
"""Square counts: one row per level of the truth, one column per level of the judge, in the same order."""


def confusion(pairs: Iterable[tuple[str, str]], levels: Sequence[str] = LEVELS) -> list[list[int]]:
    """Count pairs of (truth, judge).

    Raises:
        ValueError: A level is none of `levels`.
    """
    index = {level: number for number, level in enumerate(levels)}
    counts = [[0] * len(levels) for _ in levels]
    for truth, judge in pairs:
        if truth not in index or judge not in index:
            raise ValueError(f"{truth} and {judge} are not both of {', '.join(levels)}")
        counts[index[truth]][index[judge]] += 1
    return counts


def met_or_not(matrix: Matrix) -> list[list[float]]:
    """Fold missed and partial into "not met": a 2 x 2 matrix in the order not met, met."""
    last = len(matrix) - 1
    folded: list[list[float]] = [[0, 0], [0, 0]]
    for row, counts in enumerate(matrix):
        for column, count in enumerate(counts):
            folded[row == last][column == last] += count
    return folded


def total(matrix: Matrix) -> float:
    """Number of pairs."""
    return sum(sum(row) for row in matrix)


def of_truth(matrix: Matrix) -> list[float]:
    """How often the truth gives each level."""
    return [sum(row) for row in matrix]


def of_judge(matrix: Matrix) -> list[float]:
    """How often the judge gives each level."""
    return [sum(column) for column in zip(*matrix, strict=True)]
