"""One warm process for all tests here, and a run to begin with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CLEAN = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
"""Nothing of this machine: no HOME either."""


@dataclass(frozen=True)
class Ended:
    """Exit status and what was printed."""

    status: int
    out: str
    err: str

    def lines(self) -> list[str]:
        """The lines of standard error; none of them is part of a traceback."""
        assert "Traceback" not in self.err, self.err
        assert "Exception ignored" not in self.err, self.err
        return self.err.splitlines()


Under = Callable[..., Ended]


@pytest.fixture(scope="session")
def server() -> Iterator[subprocess.Popen[str]]:
    """The warm process."""
    command = [sys.executable, "-m", "tests.breaking.server"]
    with subprocess.Popen(
        command, cwd=ROOT, env=CLEAN, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process


@pytest.fixture
def under(server: subprocess.Popen[str], tmp_path_factory: pytest.TempPathFactory) -> Under:
    """Run the command with a judge that finds everything met, under bad conditions."""
    folder = tmp_path_factory.mktemp("said")

    def call(
        *arguments: str | Path,
        stdout: str | None = None,
        reader_gone: bool = False,
        file_size: int | None = None,
        powerless: bool = False,
        environment: Mapping[str, str] | None = None,
    ) -> Ended:
        out, err = folder / "out", folder / "err"
        for file in (out, err):
            file.write_text("", encoding="utf-8")
        wanted = {
            "arguments": [*map(str, arguments)],
            "stdout": stdout or str(out),
            "stderr": str(err),
            "reader_gone": reader_gone,
            "file_size": file_size,
            "powerless": powerless,
            "environment": {**CLEAN, **(environment or {})},
        }
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(json.dumps(wanted) + "\n")
        server.stdin.flush()
        status = int(server.stdout.readline())
        return Ended(status, out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8"))

    return call


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that every user of the machine can look into."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
