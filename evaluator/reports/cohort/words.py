"""Figures in words, for the page."""

from __future__ import annotations

from evaluator.scoring.agreement import Figure

_WELL, _SOMEWHAT = 0.3, 0.1


def number(value: float | None) -> str:
    """A score with one decimal, or a dash."""
    return "\N{EN DASH}" if value is None else f"{value:.1f}"


def percent(value: float | None) -> str:
    """A share of 0 to 1 in whole per cent, or a dash."""
    return "\N{EN DASH}" if value is None else f"{100 * value:.0f} %"


def share(part: int, whole: int) -> str:
    """A part of a whole in per cent, for the width of a bar."""
    return f"{100 * part / whole:.2f}%" if whole else "0%"


def separates(figure: Figure) -> str:
    """What a correlation with the rest means for the reader; without one, why there is none."""
    if figure.value is None:
        return figure.reason
    if figure.value >= _WELL:
        word = "well"
    elif figure.value >= _SOMEWHAT:
        word = "a little"
    else:
        word = "hardly" if figure.value > -_SOMEWHAT else "the wrong way round"
    return f"{word} ({figure.value:+.2f})".replace("-", "\N{MINUS SIGN}")
