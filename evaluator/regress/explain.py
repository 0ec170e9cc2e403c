"""What changed in the text that is sent: misses with their difference, alike ones told once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evaluator.regress.cassette import difference
from evaluator.regress.recording import Exchange
from evaluator.regress.replay import Outcome
from evaluator.regress.transport import Miss


@dataclass(frozen=True, slots=True)
class Change:
    """A difference between what was recorded and what would be sent, and the cases that have it."""

    lines: tuple[str, ...]
    cases: tuple[str, ...]


def changes(outcomes: Sequence[Outcome]) -> tuple[Change, ...]:
    """The differences behind all misses; those that most cases share come first."""
    cases: dict[tuple[str, ...], list[str]] = {}
    for outcome in outcomes:
        for miss in outcome.misses:
            having = cases.setdefault(tuple(explain(miss, outcome.exchanges)), [])
            if outcome.trial.id not in having:
                having.append(outcome.trial.id)
    ordered = sorted(cases.items(), key=lambda item: -len(item[1]))
    return tuple(Change(lines, tuple(having)) for lines, having in ordered)


def explain(miss: Miss, recorded: Sequence[Exchange]) -> list[str]:
    """The difference to the recorded request that is most like the one that was not found."""
    if not recorded:
        return ["nothing is recorded for this case"]
    nearest = min((difference(one.request, miss.body) for one in recorded), key=_size)
    if nearest:
        return nearest
    if miss.played:
        return [f"this request was recorded {miss.played} times and is now sent once more"]
    return [f"this request is recorded for another address than {miss.method} {miss.url}, or for another repeat"]


def _size(lines: list[str]) -> tuple[int, int]:
    changed = [line for line in lines if line[:1] in "-+"]
    return len(changed), sum(map(len, changed))
