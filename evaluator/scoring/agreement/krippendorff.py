"""Agreement of two or more raters, some of whom may have left something out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from evaluator.scoring.agreement.figure import Figure, defined, undefined

_A_PAIR = 2


def ordinal_alpha(units: Iterable[Sequence[int | None]], levels: int) -> Figure:
    """Krippendorff's alpha for ordered levels: 1 is perfect, 0 is chance.

    alpha = 1 - observed / expected disagreement. Two levels are as far apart as there are ratings between them,
    half of each end counted in. K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011).

    Args:
        units: For each thing rated, one level (0 to `levels` - 1) per rater, None where a rater gave none. Things with
            fewer than two ratings do not count.
        levels: How many levels there are.
    """
    coincidences = [[0.0] * levels for _ in range(levels)]
    for unit in units:
        rated = [level for level in unit if level is not None]
        if len(rated) < _A_PAIR:
            continue
        for i, one in enumerate(rated):
            for j, other in enumerate(rated):
                if i != j:
                    coincidences[one][other] += 1 / (len(rated) - 1)
    times = [sum(row) for row in coincidences]
    n = sum(times)
    if not n:
        return undefined("nothing was rated by two")
    cells = [(c, k, _distance(times, c, k)) for c in range(levels) for k in range(levels)]
    expected = sum(times[c] * times[k] * distance for c, k, distance in cells) / (n - 1)
    if not expected:
        return undefined("all ratings are the same")
    return defined(1 - sum(coincidences[c][k] * distance for c, k, distance in cells) / expected)


def _distance(times: Sequence[float], c: int, k: int) -> float:
    """Squared ordinal distance of two levels."""
    low, high = min(c, k), max(c, k)
    return float((sum(times[low : high + 1]) - (times[low] + times[high]) / 2) ** 2) if low != high else 0.0
