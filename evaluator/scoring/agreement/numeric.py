"""Agreement on scores, from sums, so that a bootstrap can add them up again in another mixture."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

from evaluator.scoring.agreement.figure import Figure, defined, undefined

_ENOUGH_FOR_A_LINE = 3
_RELATIVE_ZERO = 1e-12
"""Below this share of the raw sum of squares a variance is rounding error, not spread."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over pairs (x, y): their number, x, y, x squared, y squared, x times y, |y - x|."""

    n: float = 0
    x: float = 0
    y: float = 0
    xx: float = 0
    yy: float = 0
    xy: float = 0
    apart: float = 0


def sums(pairs: Iterable[tuple[float, float]]) -> Sums:
    """Add up pairs (x, y), for scores (truth, judge)."""
    kept = list(pairs)
    return Sums(
        n=len(kept),
        x=sum(x for x, _ in kept),
        y=sum(y for _, y in kept),
        xx=sum(x * x for x, _ in kept),
        yy=sum(y * y for _, y in kept),
        xy=sum(x * y for x, y in kept),
        apart=sum(abs(y - x) for x, y in kept),
    )


def mean_absolute_error(added: Sums) -> Figure:
    """Mean of |y - x|, in the unit of the scores; one pair is enough."""
    return defined(added.apart / added.n) if added.n else undefined("there are no scores to compare")


def bias(added: Sums) -> Figure:
    """Mean of y - x: above 0 the judge is lenient, below 0 it is harsh; one pair is enough."""
    return defined((added.y - added.x) / added.n) if added.n else undefined("there are no scores to compare")


def pearson(added: Sums) -> Figure:
    """Product-moment correlation, -1 to 1. Fewer than three pairs always lie on a line, so it is undefined there.

    K. Pearson, Notes on regression and inheritance in the case of two parents, Proc. Royal Society 58 (1895).
    """
    if not added.n:
        return undefined("there are no scores to compare")
    if added.n < _ENOUGH_FOR_A_LINE:
        return undefined("two pairs always lie on a line")
    x = added.n * added.xx - added.x**2
    y = added.n * added.yy - added.y**2
    if x <= _RELATIVE_ZERO * added.n * added.xx or y <= _RELATIVE_ZERO * added.n * added.yy:
        return undefined("one of the two never varies")
    return defined(max(-1.0, min(1.0, (added.n * added.xy - added.x * added.y) / sqrt(x * y))))
