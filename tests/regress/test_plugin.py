"""The pytest plugin: each case of a suite is a test, and without a suite it costs nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent


def pytest_of(folder: Path, *arguments: str) -> tuple[int, str]:
    """Exit status and output of a pytest run of its own, with the plugin and no other."""
    command = [sys.executable, "-m", "pytest", "-p", "evaluator_pytest", "-p", "no:cacheprovider", "-q", *arguments]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(ROOT)}
    )
    return done.returncode, done.stdout + done.stderr


def test_each_case_is_a_test(bench: Any) -> None:
    """Cases and the gate pass; then a flip fails its case and the gate, and a miss fails with its difference."""
    status, out = pytest_of(bench.folder, "--evaluator-suite", "suite")
    assert "8 passed" in out
    assert status == 0
    bench.alter_reply("a-strong", '"points": [true, true]', '"points": [true, false]')
    bench.edit(bench.folder / "bank" / "rubrics" / "backups.yaml", "the owner is paged.]", "the owner is called.]")
    status, out = pytest_of(bench.folder, "--evaluator-suite", "suite")
    assert status == 1
    assert "4 failed, 4 passed" in out
    assert "owner-paged: met -> partial" in out
    assert "+2. The answer says that the owner is called." in out
    assert "Traceback" not in out


def test_a_fault_of_ours_is_shown_whole(bench: Any) -> None:
    """An error that nobody raised on purpose is shown with its traceback; one that was, by its message alone."""
    (bench.folder / "conftest.py").write_text(
        "from evaluator.regress import plugin\n\n\ndef broken(suite):\n    raise KeyError('recording')\n\n\n"
        "plugin.run_suite = broken\n",
        encoding="utf-8",
    )
    _, out = pytest_of(bench.folder, "--evaluator-suite", "suite")
    assert "def broken(suite)" in out
    assert "KeyError: 'recording'" in out
    bench.edit(bench.folder / "conftest.py", "KeyError(", "plugin.EvaluatorError(")
    _, out = pytest_of(bench.folder, "--evaluator-suite", "suite")
    assert "recording" in out
    assert "def broken(suite)" not in out


def test_a_suite_that_is_not_there(tmp_path: Path) -> None:
    """A path without suite.yaml is wrong usage."""
    status, out = pytest_of(tmp_path, "--evaluator-suite", "nowhere")
    assert status == 4
    assert "there is no suite.yaml" in out


def test_without_a_suite_nothing_is_imported() -> None:
    """Loading the plugin imports nothing of the package, and it leaves suites alone that nobody named."""
    code = "import sys, evaluator_pytest; print([n for n in sys.modules if n.split('.')[0] in ('evaluator', 'pytest')])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
