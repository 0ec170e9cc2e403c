"""What the system refuses where nobody expects it: one line and a status, never a traceback."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

LONG = "x" * 300


@pytest.mark.skipif(sys.platform == "win32", reason="names of Unix")
@pytest.mark.parametrize(
    "arguments",
    [
        ("report", LONG),
        ("export", LONG),
        ("agree", LONG, LONG),
        ("batch", LONG, "--run", "r"),
        ("questions", "list", "--bank", LONG),
        ("regress", "run", LONG),
        ("schema", "-o", LONG),
        ("schema", "-o", f"{LONG}/x"),
    ],
)
def test_name_too_long(
    command: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    """A name that no file can have is one line, wherever it is given."""
    monkeypatch.chdir(tmp_path)
    done = command(*arguments)
    assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)
    assert done.err.startswith(f"evaluator: {LONG}")
    assert done.err.endswith(": File name too long.\n")


def test_a_text_that_cannot_be_encoded(command: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name whose bytes are no UTF-8 and that is to be encoded somewhere is one line; --debug shows where."""

    def encode(_: object) -> None:
        os.fsdecode(b"r\xe9").encode("utf-8")

    monkeypatch.setattr("evaluator.cli.wiring.load_bank", encode)
    done = command("questions", "list")
    assert (done.status, done.err.count("\n")) == (2, 1)
    assert "surrogates not allowed" in done.err
    with pytest.raises(UnicodeEncodeError):
        command("questions", "list", "--debug")
