"""A figure that may be undefined."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: a value, or None and the reason why there is none. It is never NaN, and 0 means 0.

    `low` and `high` are the ends of a bootstrap interval, or None where none was made or none could be made.
    """

    value: float | None
    reason: str = ""
    low: float | None = None
    high: float | None = None

    def between(self, low: float, high: float) -> Figure:
        """The same figure with an interval."""
        return replace(self, low=low, high=high)


def defined(value: float) -> Figure:
    """A figure that has a value."""
    return Figure(value)


def undefined(reason: str) -> Figure:
    """A figure that has none; `reason` completes the sentence "undefined, since ..."."""
    return Figure(None, reason)
