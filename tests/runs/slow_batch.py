"""Runs the command `evaluator` with a judge that takes a while, for tests that kill or interrupt a real process.

Arguments: seconds per answer, then those of the command.
"""

from __future__ import annotations

import sys

from evaluator.cli import main, wiring
from tests.runs.kit import FunctionJudge

judge = FunctionJudge(seconds=float(sys.argv.pop(1)))
setattr(wiring, "build_judge", lambda _: judge)  # noqa: B010 - the seam is not part of the module's face

if __name__ == "__main__":
    main.run()
