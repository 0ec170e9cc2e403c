"""Runs the command `evaluator` with a judge that takes a while, for tests that kill or interrupt a real process.

Arguments: seconds per answer, then those of the command. Without any, it imports everything once and then starts a
process of its own for each line on standard input: a JSON list of a file for standard output, one for standard error,
and those arguments. It prints the number of each process, so that it can be killed at once and not after its imports.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from evaluator.cli import batch_progress, batch_text, main, wiring
from evaluator.runs.batch import Batch
from evaluator.runs.inputs import open_source
from evaluator.runs.store import RunStore
from tests.runs.kit import FunctionJudge

WARM = (Batch, RunStore, batch_progress, batch_text, open_source)
"""What the command imports on its way."""


def run(seconds: str) -> None:
    """The command, with the rest of the arguments."""
    judge = FunctionJudge(seconds=float(seconds))
    setattr(wiring, "build_judge", lambda _: judge)  # noqa: B010 - the seam is not part of the module's face
    main.run()


def serve() -> None:
    """Start a process for each line, until there are no more."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the operating system buries the dead
    for line in sys.stdin:
        output, errors, seconds, *arguments = json.loads(line)
        number = os.fork()
        if number == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for stream, file in ((sys.stdout, output), (sys.stderr, errors)):
                os.dup2(os.open(Path(file), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), stream.fileno())
            sys.argv[1:] = arguments
            run(seconds)
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(0)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        run(sys.argv.pop(1))
    else:
        serve()
