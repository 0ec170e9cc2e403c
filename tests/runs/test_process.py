from __future__ import annotations

import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from evaluator.runs.store import Counts, RunStore
from tests.runs.kit import answers_file, rows

ROOT = Path(__file__).resolve().parents[2]
KILLS = 20
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals")


def start(seconds: float, *arguments: str | Path) -> subprocess.Popen[str]:
    """The command in a process of its own."""
    command = [sys.executable, "-m", "tests.runs.slow_batch", str(seconds), *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


class Forked:
    """A process that a warm one has started; its imports are done."""

    def __init__(self, number: int, said: Path) -> None:
        self._number = number
        self._said = said

    def poll(self) -> int | None:
        """None while it runs; how it ended is not known."""
        try:
            os.kill(self._number, 0)
        except ProcessLookupError:
            return 0
        return None

    def kill(self) -> None:
        """Kill it, and wait until it is gone; it must have been alive."""
        os.kill(self._number, signal.SIGKILL)
        while self.poll() is None:
            time.sleep(0.001)

    def communicate(self) -> str:
        """What it said on standard error."""
        return self._said.read_text(encoding="utf-8")


class Warm:
    """Starts commands without their imports: a kill then meets the work and not the start of Python."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process = process
        self._folder = folder

    def start(self, seconds: float, *arguments: str | Path) -> Forked:
        """The command in a process of its own."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        said = self._folder / "stderr"
        print(
            json.dumps([str(self._folder / "stdout"), str(said), str(seconds), *map(str, arguments)]),
            file=self._process.stdin,
            flush=True,
        )
        return Forked(int(self._process.stdout.readline()), said)


@contextmanager
def warm(folder: Path) -> Iterator[Warm]:
    """A process that has imported everything and forks at a word."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.runs.slow_batch"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Warm(process, folder)


def evaluations(run: Path) -> int:
    """How many evaluations the run holds, as any reader sees it; 0 where there is no run yet."""
    if not run.exists():
        return 0
    connection = sqlite3.connect(run, timeout=30)
    try:
        return int(connection.execute("SELECT COUNT(*) FROM evaluations").fetchone()[0])
    except sqlite3.OperationalError:  # not even the tables are there yet
        return 0
    finally:
        connection.close()


def wait_for(run: Path, count: int, process: subprocess.Popen[str] | Forked) -> None:
    """Until the run holds so many evaluations."""
    while evaluations(run) < count:
        assert process.poll() is None, process.communicate()
        time.sleep(0.005)


def test_killed_twenty_times(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A batch that is killed at twenty random moments loses no finished evaluation and grades none twice."""
    run, file, total = tmp_path / "r", answers_file(tmp_path, rows(150)), 150
    chance, seen, killed_idle = random.Random(7), 0, 0  # noqa: S311 - for moments, not for secrets
    with warm(tmp_path_factory.mktemp("said")) as server:
        for number in range(KILLS):
            process = server.start(0.03, "batch", file, "--run", run, "--concurrency", "4")
            if number % 4:  # else at any moment, also before anything is there
                wait_for(run, min(seen + 1, total), process)
            time.sleep(chance.random() * (0.04 if number % 4 else 0.2))
            before = evaluations(run)
            process.kill()
            killed_idle += evaluations(run) == seen
            seen = evaluations(run)
            assert seen >= before
            connection = sqlite3.connect(run) if run.exists() else sqlite3.connect(":memory:")
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            connection.close()
    assert 0 < seen < total
    assert killed_idle <= KILLS // 4  # the others met a batch at work
    last = start(0, "batch", file, "--run", run)
    output, errors = last.communicate(timeout=60)
    assert last.returncode == 0, errors
    assert f"{total} answers: {total - seen} new, 0 changed, 0 failed before, {seen} done." in errors
    with RunStore.open(run) as store:
        assert store.counts() == Counts(graded=total, superseded=0)
    assert evaluations(run) == total
    assert f"{total} graded, 0 ungraded, 0 waiting" in output
    assert sorted(p.name for p in tmp_path.iterdir()) == ["answers.jsonl", "r"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(tmp_path: Path, number: signal.Signals) -> None:
    """A signal lets what is in flight finish, says how to go on, and ends with 130."""
    run, file = tmp_path / "r", answers_file(tmp_path, rows(500))
    process = start(0.05, "batch", file, "--run", run, "--concurrency", "4")
    wait_for(run, 1, process)
    process.send_signal(number)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert re.search(r"Stopping: \d+ answers in flight are finished first; Ctrl-C again drops them\.", errors)
    assert f"Interrupted; what was finished is saved in {run}. Run the same command again to go on." in errors
    with RunStore.open(run) as store:
        counts = store.counts()
    assert counts.graded >= 4
    assert counts.graded + counts.waiting == 500
    assert f"{counts.graded} graded, 0 ungraded, {counts.waiting} waiting" in output
    assert "Traceback" not in errors


def test_second_process_is_refused(tmp_path: Path) -> None:
    """While a batch runs, a second one on the same run is refused with a sentence and status 2, and changes nothing."""
    run, file = tmp_path / "r", answers_file(tmp_path, rows(500))
    first = start(0.3, "batch", file, "--run", run, "--concurrency", "1")  # minutes, if nobody ends it
    wait_for(run, 1, first)
    second = start(0, "batch", file, "--run", run)
    _, errors = second.communicate(timeout=60)
    first.kill()
    first.communicate()
    assert second.returncode == 2
    assert errors == (
        f"evaluator: Another process works on the run {run}.\n"
        "Wait until it has ended, or name another file with --run.\n"
    )


def test_report_while_it_runs(tmp_path: Path) -> None:
    """A run can be exported while a batch writes it."""
    run, file = tmp_path / "r", answers_file(tmp_path, rows(500))
    first = start(0.3, "batch", file, "--run", run, "--concurrency", "1")  # minutes, if nobody ends it
    wait_for(run, 3, first)
    reader = start(0, "export", run, "--format", "jsonl")
    output, errors = reader.communicate(timeout=60)
    first.kill()
    first.communicate()
    assert (reader.returncode, errors) == (0, "")
    assert output.count('"status":"graded"') >= 3
