"""How many different answers the embedded judge grades in a second, in a batch, and in how much memory.

    python benchmarks/embedded_batch.py [--write]

The answers are those of the gold set over 26 questions. A word in each sentence makes it unlike all others, because a
sentence that was met before is not read again. Each batch runs in a process of its own and is timed as a user sees
it, `evaluator batch` from start to end; the rate leaves out the first 50 answers and with them the start.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import batch  # type: ignore[import-not-found]  # beside this file

SENTENCE_END = re.compile(r"(?<=[a-z])([.!?])(?=\s|$)")
SIZES = (50, 300, 1_200)
CHILD = """
import resource, sys
from evaluator.cli.main import run
try:
    run()
finally:
    print("PEAK", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""


def write_answers(file: Path, count: int) -> None:
    """So many answers; no sentence occurs twice."""
    gold = [json.loads(line) for line in (batch.ROOT / "tests/gold/answers.jsonl").read_text("utf-8").splitlines()]
    with file.open("w", encoding="utf-8") as handle:
        for n in range(count):
            answer = gold[n % len(gold)]
            text = SENTENCE_END.sub(rf" in case {n}\1", answer["text"])
            row = {"id": f"a{n}", "question": answer["question_id"], "answer": text, "candidate": f"c{n // 6}"}
            print(json.dumps(row), file=handle)


def once(folder: Path, count: int) -> tuple[float, float]:
    """Seconds and megabytes of one batch."""
    file = folder / f"{count}.jsonl"
    write_answers(file, count)
    command = [sys.executable, "-c", CHILD, "batch", str(file), "--run", str(folder / f"run{count}")]
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    wall = time.perf_counter() - started
    if "have been judged" not in done.stderr:
        raise SystemExit(done.stderr)
    peak = re.search(r"PEAK (\d+)", done.stderr)
    return wall, int(peak[1]) / 1024 if peak else 0.0


def measure() -> list[str]:
    """The table."""
    lines = ["| answers | seconds | answers per second beyond the first 50 | memory |", "|---|---|---|---|"]
    with tempfile.TemporaryDirectory() as folder:
        first = 0.0
        for count in SIZES:
            wall, megabytes = once(Path(folder), count)
            rate = "" if count == SIZES[0] else f"{(count - SIZES[0]) / (wall - first):.1f}"
            first = first or wall
            lines.append(f"| {count:,} | {wall:.1f} | {rate} | {megabytes:.0f} MB |")
    return lines


if __name__ == "__main__":
    batch.alone(__doc__, "embedded", "Embedded judge in a batch", measure)
