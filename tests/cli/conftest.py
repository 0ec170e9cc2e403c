"""Runs the command in this process, as its entry point does."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from evaluator.cli.main import run


@dataclass(frozen=True)
class Outcome:
    """Exit status and what was printed."""

    status: int
    out: str
    err: str


Command = Callable[..., Outcome]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Calls `evaluator` with these arguments and this standard input."""

    def call(*arguments: str, stdin: str | bytes = "") -> Outcome:
        raw = stdin if isinstance(stdin, bytes) else stdin.encode()
        monkeypatch.setattr(sys, "argv", ["evaluator", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8"))
        status = 0
        try:
            run()
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else 1
        printed = capsys.readouterr()
        return Outcome(status, printed.out, printed.err)

    return call
