"""Starts the command `evaluator` under bad conditions, each time in a process of its own, without its imports.

For each line on standard input, JSON as `conftest.py` writes it, it forks, makes the conditions true,
runs the command, and prints the exit status.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from typing import Any

from evaluator.cli import batch_progress, batch_text, main, wiring
from evaluator.reports.cohort import page_pieces
from evaluator.runs.batch import Batch
from evaluator.runs.inputs import open_source
from evaluator.runs.store import RunStore
from tests.runs.kit import FunctionJudge

WARM = (Batch, RunStore, batch_progress, batch_text, open_source, page_pieces)
"""What the command imports on its way."""

NOBODY = 54321
"""A user that has no name and no home."""


def prepare(wanted: dict[str, Any]) -> None:
    """Make the conditions true for this process."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
    for name, stream in (("stdout", sys.stdout), ("stderr", sys.stderr)):
        os.dup2(os.open(wanted[name], os.O_WRONLY), stream.fileno())
    if wanted["reader_gone"]:
        reader, writer = os.pipe()
        os.close(reader)
        os.dup2(writer, sys.stdout.fileno())
    os.environ.clear()
    os.environ.update(wanted["environment"])
    if wanted["file_size"] is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (wanted["file_size"], wanted["file_size"]))
    if wanted["powerless"] and os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    sys.argv[1:] = wanted["arguments"]


def serve() -> None:
    """Until there are no more lines."""
    judge = FunctionJudge()
    for line in sys.stdin:
        number = os.fork()
        if number == 0:
            prepare(json.loads(line))
            setattr(wiring, "build_judge", lambda _: judge)  # noqa: B010 - the seam is not part of the module's face
            main.run()
            sys.exit(0)
        _, status = os.waitpid(number, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve()
