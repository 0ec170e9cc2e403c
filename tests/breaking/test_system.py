"""What the machine may refuse: each is one line and a status, nothing is lost, and the same command goes on."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from evaluator.runs.store import Counts, RunStore
from tests.breaking.conftest import CLEAN, ROOT, Under
from tests.runs.kit import answers_file, rows

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="limits and users of Unix")


def graded(run: Path) -> int:
    """How many answers of a run are graded; the file is sound."""
    connection = sqlite3.connect(run)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    with RunStore.open(run) as store:
        return store.counts().graded


def test_read_only_folder(under: Under, public: Path) -> None:
    """A run, a page or a result in a folder that cannot be written is refused by name; nothing is left in it."""
    answers = answers_file(public, rows(3))
    answers.chmod(0o644)
    run, locked = public / "r", public / "locked"
    assert under("batch", answers, "--run", run).status == 0
    run.chmod(0o666)
    public.chmod(0o777)
    locked.mkdir()
    locked.chmod(0o555)
    made = under("batch", answers, "--run", locked / "r", powerless=True)
    assert made.status == 2
    assert made.lines()[0].startswith(f"evaluator: The run {locked / 'r'} cannot be written: Permission denied")
    for arguments in (("export", run, "--format", "csv"), ("report", run)):
        made = under(*arguments, "-o", locked / "x", powerless=True)
        assert (made.status, made.lines()) == (2, [f"evaluator: {locked / 'x'} cannot be written: Permission denied."])
    assert list(locked.iterdir()) == []


def test_run_in_a_read_only_folder(under: Under, public: Path) -> None:
    """A run that may only be read is read, or refused with a sentence."""
    run = public / "r"
    assert under("batch", answers_file(public, rows(3)), "--run", run).status == 0
    run.chmod(0o444)
    public.chmod(0o555)
    made = under("export", run, "--format", "csv", powerless=True)
    public.chmod(0o755)
    assert made.lines() == [] if made.status == 0 else len(made.lines()) in (1, 2)
    assert made.status == 0 or made.lines()[0].startswith(f"evaluator: The run {run} cannot be used: ")


def test_full_disk_in_a_batch(under: Under, tmp_path: Path) -> None:
    """When no more can be written, the batch ends with a sentence; what was saved is there, and it goes on later."""
    run, file = tmp_path / "r", answers_file(tmp_path, rows(60))
    made = under("batch", file, "--run", run, file_size=400_000)
    assert made.status == 2
    last = made.lines()[-2:]
    assert last[0].startswith(f"evaluator: The run {run} cannot be used: ")
    assert last[1] == "Make room on the disk and run the same command again; all that was finished is saved."
    saved = graded(run)
    assert 0 < saved < 60
    made = under("batch", file, "--run", run)
    assert made.status == 0
    assert f"60 answers: {60 - saved} new, 0 changed, 0 failed before, {saved} done." in made.lines()
    with RunStore.open(run) as store:
        assert store.counts() == Counts(graded=60, superseded=0)


def test_full_disk_for_a_page(under: Under, tmp_path: Path) -> None:
    """A page that does not fit leaves no half file, and the former one stays as it was."""
    run, page = tmp_path / "r", tmp_path / "page.html"
    assert under("batch", answers_file(tmp_path, rows(3)), "--run", run).status == 0
    page.write_text("the former one", encoding="utf-8")
    made = under("report", run, "-o", page, file_size=100_000)
    assert (made.status, made.lines()) == (2, [f"evaluator: {page} cannot be written: File too large."])
    assert page.read_text(encoding="utf-8") == "the former one"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["answers.jsonl", "page.html", "r"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("verb", [("questions", "list"), ("schema",), ("judges",), ("--help",)])
def test_full_standard_output(under: Under, verb: tuple[str, ...]) -> None:
    """A standard output that takes nothing is one line and status 2."""
    made = under(*verb, stdout="/dev/full")
    assert made.status == 2
    assert made.lines() == ["evaluator: standard output cannot be written: No space left on device."]


def test_no_home(under: Under, tmp_path: Path) -> None:
    """Without HOME, a config folder and a name for the user everything works, and nothing is remarked."""
    made = under("batch", answers_file(tmp_path, rows(2)), "--run", tmp_path / "r")
    assert made.status == 0
    assert "2 graded, 0 ungraded, 0 waiting" in made.out
    made = under("questions", "list", powerless=True, environment={"HOME": "/nonexistent"})
    assert (made.status, made.lines()) == (0, [])
    assert "dora-rollout" in made.out


@pytest.mark.parametrize("verb", [("questions", "list"), ("schema",), ("judges",), ("--help",)])
def test_reader_that_goes_away(under: Under, verb: tuple[str, ...]) -> None:
    """A reader that has seen enough (`| head`) is no error."""
    made = under(*verb, reader_gone=True)
    assert (made.status, made.lines()) == (0, [])


def test_locale_c(tmp_path: Path) -> None:
    """In the locale C, where Python would speak ASCII, texts are read as UTF-8 and printing them fails nowhere."""
    answer = tmp_path / "a.jsonl"
    answer.write_text('{"question": "dora-rollout", "answer": "We ask the owners \u2013 na\u00efvely."}\n', "utf-8")
    plain = {**CLEAN, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [sys.executable, "-m", "tests.runs.slow_batch", "0", "batch", str(answer), "--run", str(tmp_path / "r")]
    made = subprocess.run(command, cwd=ROOT, env=plain, capture_output=True, check=False)
    assert made.returncode == 0, made.stderr
    command[4:] = ["export", str(tmp_path / "r"), "--format", "csv"]
    made = subprocess.run(command, cwd=ROOT, env=plain, capture_output=True, check=False)
    assert (made.returncode, made.stderr) == (0, b"")
    assert b"dora-rollout" in made.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("grade", "11", r"C:\answers\a.md"),
        ("batch", r"..\answers.csv", "--run", r"C:\runs\spring.run"),
        ("report", r"C:\runs\spring.run"),
    ],
)
def test_backslash_paths(under: Under, arguments: tuple[str, ...]) -> None:
    """A path of Windows on another system is a file that is not there, named as it was written; nothing is made."""
    made = under(*arguments)
    assert made.status == 2
    assert len(made.lines()) in (1, 2)
    assert arguments[1 if arguments[0] != "grade" else 2] in made.lines()[0]
    assert not list(ROOT.glob("C:*"))
