"""Signs of life on standard error while something takes time."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show a spinner with `what` while the block runs; nothing where standard error is no terminal."""
    if not sys.stderr.isatty():
        yield
        return
    with Console(stderr=True).status(what):
        yield


@contextmanager
def counting(what: str, steps: int) -> Iterator[Callable[[], None]]:
    """Show a bar that moves with each call of what this yields; nothing where standard error is no terminal."""
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(what, total=steps)
        yield lambda: bar.advance(task)
