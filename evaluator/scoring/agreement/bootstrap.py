"""How far a figure would move with other answers of the same kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from evaluator.scoring.agreement.figure import Figure

RESAMPLES = 1000
SEED = 20240229
_COVERED = 0.95
_MOSTLY_DEFINED = 0.9

Statistic = Callable[[Sequence[float]], Figure]
"""A figure from the sum of the parts."""


def with_intervals(
    statistics: Mapping[str, Statistic],
    parts: NDArray[np.float64],
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> dict[str, Figure]:
    """Figures of all answers together, with the middle 95 % of what resampled answers give.

    Whole answers are drawn with replacement, never single labels: the labels of one answer hang together, and drawing
    them one by one would make the interval too narrow. B. Efron, R. Tibshirani, An Introduction to the Bootstrap
    (1993), chapter 13 (percentile interval).

    Args:
        statistics: Each turns a sum of rows of `parts` into a figure.
        parts: One row per answer, of numbers that add up over answers (counts, sums).
        resamples: How many times answers are drawn; 0 makes no intervals.
        seed: The same seed gives the same intervals.

    Returns:
        The figures by name. One has no interval with fewer than two answers, or where it is undefined in more than a
        tenth of the resamples.
    """
    whole = parts.sum(axis=0)
    figures = {name: statistic(whole.tolist()) for name, statistic in statistics.items()}
    answers = len(parts)
    if answers < 2 or not resamples:  # noqa: PLR2004 - one answer can only be drawn over and over
        return figures
    random = np.random.default_rng(seed)
    drawn = np.empty((resamples, parts.shape[1]))
    for number in range(resamples):
        drawn[number] = np.bincount(random.integers(0, answers, answers), minlength=answers) @ parts
    # Few answers give few different sums; each is worked out once.
    rows, times = np.unique(drawn, axis=0, return_counts=True)
    for name, figure in figures.items():
        if figure.value is not None:
            figures[name] = _with_interval(figure, statistics[name], rows, times)
    return figures


def _with_interval(figure: Figure, statistic: Statistic, rows: NDArray[np.float64], times: NDArray[np.intp]) -> Figure:
    values = [
        (value, n) for row, n in zip(rows.tolist(), times, strict=True) if (value := statistic(row).value) is not None
    ]
    defined = sum(n for _, n in values)
    if defined < _MOSTLY_DEFINED * times.sum():
        return figure
    spread = np.repeat([value for value, _ in values], [n for _, n in values])
    low, high = np.quantile(spread, [(1 - _COVERED) / 2, (1 + _COVERED) / 2]).tolist()
    return figure.between(low, high)
