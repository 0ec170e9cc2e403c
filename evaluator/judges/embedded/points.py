"""Which points of a criterion count as met, given how far the criterion as a whole is met."""

from __future__ import annotations

from collections.abc import Sequence

from evaluator.judges.embedded.calibration import Chance

MISSED, PARTIAL, MET = 0, 1, 2


def points_met(level: int, chance: Chance, likeness: Sequence[float]) -> tuple[bool, ...]:
    """One boolean per point.

    Partly met means that the points whose own statements are least like the answer are not met: one of two; of three,
    one or two after the expected credit. A criterion with a single point cannot be partly met: there the likelier of
    met and missed is taken.

    Args:
        level: 0 missed, 1 partly met, 2 met.
        chance: The probabilities behind it.
        likeness: How much the answer resembles each point, the more the higher.
    """
    size = len(likeness)
    if size == 1:
        return (level == MET or (level == PARTIAL and chance.met >= 1 - chance.touched),)
    if level != PARTIAL:
        return (level == MET,) * size
    count = max(1, min(size - 1, round(chance.expected * size)))
    order = sorted(range(size), key=lambda index: (-likeness[index], index))
    chosen = set(order[:count])
    return tuple(index in chosen for index in range(size))


def confidence_in(points: Sequence[bool], chance: Chance) -> float:
    """Probability that the verdict which these points give is right."""
    if len(points) == 1:
        whole = chance.met + 1 - chance.touched
        return (chance.met if points[0] else 1 - chance.touched) / whole if whole else 0.5
    return chance.of(MET if all(points) else PARTIAL if any(points) else MISSED)
