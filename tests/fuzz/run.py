"""Fuzz parsers with atheris, guided by coverage, one target after the other. docs/fuzzing.md has what came of it.

    pip install atheris                                        # 3.0 on Linux; a tool of development only
    python -m tests.fuzz.run article quotes --seconds 1800     # without a name: all of them
    python -m tests.fuzz.run article --input crash-1234        # one input again, with its traceback

Each target begins with the inputs kept in corpus/ and stops at the first finding, which is left as a file in the
current folder. With --keep, some inputs of each size that reach something of their own are kept in corpus/.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import math
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEPT = 60
"""Inputs of a target at most, so that all of them run in CI."""

SLOWEST = 20
"""Seconds for one input. Nothing that is read takes a second."""


def child(name: str, flags: Sequence[str]) -> None:
    """The engine in this process, with the package instrumented as it is imported; does not come back."""
    atheris = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["evaluator"], enable_loader_override=False):
        targets = importlib.import_module("tests.fuzz.targets")
    prefix = next((flag.partition("=")[2] for flag in flags if flag.startswith("-artifact_prefix=")), "")

    def check(data: bytes) -> None:
        try:
            targets.TARGETS[name].check(data)
        except BaseException:  # the engine keeps it too, unless its own clock ends it before
            Path(f"{prefix}crash-{hashlib.sha1(data, usedforsecurity=False).hexdigest()}").write_bytes(data)
            raise

    atheris.Setup(["fuzz", *flags], check)
    atheris.Fuzz()


def engine(name: str, *flags: str) -> subprocess.CompletedProcess[str]:
    """The engine in a process of its own; what libFuzzer says is on standard error."""
    command = [sys.executable, "-m", "tests.fuzz.run", "--child", name, *flags]
    return subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False, errors="replace")


def processor_seconds() -> float:
    """Seconds of work of all engines that have ended; on a busy machine less than those of the clock."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def write_inputs(folder: Path, inputs: Iterable[bytes]) -> None:
    """One file for each input, as libFuzzer wants them."""
    folder.mkdir()
    for number, one in enumerate(inputs):
        (folder / str(number)).write_bytes(one)


def quoted(word: bytes) -> str:
    """A word as a line of libFuzzer's dictionary."""
    return '"' + "".join(f"\\x{byte:02x}" for byte in word) + '"\n'


def fuzz(name: str, seconds: int, *, keep: bool) -> bool:
    """Fuzz one target; True where nothing was found."""
    targets = importlib.import_module("tests.fuzz.targets")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_inputs(folder / "inputs", targets.kept_inputs(name))
        (folder / "words").write_text("".join(map(quoted, targets.TARGETS[name].words)), encoding="ascii")
        limits = [
            f"-max_total_time={seconds}",
            f"-timeout={SLOWEST}",
            f"-max_len={targets.LONGEST}",
            "-rss_limit_mb=4096",
        ]
        said = [f"-dict={folder / 'words'}", f"-artifact_prefix={Path.cwd()}/{name}-", "-print_final_stats=1"]
        started, worked = time.monotonic(), processor_seconds()
        done = engine(name, *limits, *said, str(folder / "inputs"))
        runs = re.search(r"number_of_executed_units: (\d+)", done.stderr)
        features = re.findall(r" cov: (\d+) ft: (\d+)", done.stderr) or [("?", "?")]
        figures = {
            "target": name,
            "seconds": round(time.monotonic() - started),
            "processor_seconds": round(processor_seconds() - worked),
            "runs": int(runs[1]) if runs else 0,
            "edges": features[-1][0],
            "status": done.returncode,
        }
        print(json.dumps(figures), flush=True)  # noqa: T201
        if done.returncode:
            told = [line for line in done.stderr.splitlines() if not re.match(r"INFO|#\d|0x|\\", line)]
            print(done.stdout[-3000:], *told[-12:], sep="\n", flush=True)  # noqa: T201
        if keep:
            sizes = sorted({file.read_bytes() for file in (folder / "inputs").iterdir()}, key=len)
            targets.keep_inputs(name, sizes[:: max(1, math.ceil(len(sizes) / KEPT))])
    return done.returncode == 0


def main() -> int:
    """Run what is asked for; 1 where something was found."""
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], sys.argv[3:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--keep", action="store_true", help="write the smallest set of inputs to corpus/")
    parser.add_argument("--input", type=Path, help="run the targets on this file alone")
    chosen = parser.parse_args()
    targets = importlib.import_module("tests.fuzz.targets")
    if chosen.input:
        for name in chosen.targets:
            targets.TARGETS[name].check(chosen.input.read_bytes())
        return 0
    found = [fuzz(name, chosen.seconds, keep=chosen.keep) for name in chosen.targets or targets.TARGETS]
    return int(not all(found))


if __name__ == "__main__":
    sys.exit(main())
