"""How far a batch is, on standard error: a bar on a terminal, now and then a line elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bar

from evaluator.cli.output import note
from evaluator.runs.batch import Progress

_SECONDS_BETWEEN_LINES = 10.0
_HUNDRED_HOURS = 360_000.0


@contextmanager
def following() -> Iterator[Callable[[Progress], None]]:
    """Yield what is to be called with the progress after each answer."""
    pace = _Pace()
    if not sys.stderr.isatty():
        yield _Lines(pace).show
        return
    with Bar(BarColumn(), TextColumn("{task.description}"), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda now: bar.update(task, total=now.total, completed=now.done, description=pace.text(now))


class _Pace:
    def __init__(self) -> None:
        self._started = time.monotonic()

    def text(self, now: Progress) -> str:
        """For instance: 120 of 500: 118 graded, 2 ungraded, 380 waiting; 14.2/s, 0:27 left; 130 calls, $0.0420."""
        seconds = max(time.monotonic() - self._started, 1e-3)
        rate = now.done / seconds
        left = clock(now.waiting / rate) if rate else "?"
        parts = [
            f"{now.done:,} of {now.total:,}: {now.graded:,} graded, {now.ungraded:,} ungraded, {now.waiting:,} waiting",
            f"{rate:.1f}/s, {left} left",
        ]
        if now.calls:
            cost = "cost unknown" if now.unpriced and not now.cost_usd else f"${now.cost_usd:.4f}"
            parts.append(f"{now.calls:,} calls, {cost}")
        if now.pause >= 1:
            parts.append(f"the server asks for a pause of {clock(now.pause)}")
        return "; ".join(parts)


class _Lines:
    def __init__(self, pace: _Pace) -> None:
        self._pace = pace
        self._next = time.monotonic() + _SECONDS_BETWEEN_LINES
        self._pause_said_until = 0.0

    def show(self, now: Progress) -> None:
        seconds = time.monotonic()
        pauses = seconds + now.pause >= max(self._pause_said_until, seconds) + _SECONDS_BETWEEN_LINES
        if pauses or seconds >= self._next or not now.waiting:
            self._pause_said_until = seconds + now.pause
            self._next = seconds + _SECONDS_BETWEEN_LINES
            note(self._pace.text(now))


def clock(seconds: float) -> str:
    """Seconds as 0:05, 12:30 or 1:02:03."""
    if seconds >= _HUNDRED_HOURS:  # a server may also say "infinity"
        return "over 100 hours"
    minutes, rest = divmod(int(seconds + 0.5), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
