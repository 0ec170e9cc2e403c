"""How long one cold `evaluator grade` takes, beside the time of importing its libraries.

    python benchmarks/cold_start.py [RUNS]

Prints the median of each in seconds of wall time, and the ratio of the two.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = "import numpy, onnxruntime, tokenizers, pydantic_settings, typer, rich.table, rapidfuzz, yaml"
SAMPLE = ROOT / "docs" / "examples" / "dora-answer.md"
GRADE = "from evaluator.cli.main import run; run()"


def seconds(*arguments: str) -> float:
    """Wall time of one Python process from start to end."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", *arguments], check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> None:
    """Measure the two in turn, after one run of each that does not count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=int, nargs="?", default=5)
    runs = parser.parse_args().runs
    pairs = [(seconds(GRADE, "grade", "dora-rollout", str(SAMPLE)), seconds(LIBRARIES)) for _ in range(runs + 1)][1:]
    grade, libraries = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(one / other for one, other in pairs)
    print(f"grade {grade:.2f} s, importing its libraries {libraries:.2f} s, ratio {ratio:.2f} ({runs} runs, medians)")


if __name__ == "__main__":
    main()
