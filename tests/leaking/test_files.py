"""A bank of somebody else reads nothing outside its folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.leaking.conftest import Command
from tests.regress.conftest import Bench

SECRET = "the-secret-of-the-machine"


@pytest.mark.parametrize("folder", ["questions", "rubrics"])
def test_a_folder_that_leads_out(folder: str, command: Command, tmp_path: Path) -> None:
    """Where a whole folder of a bank is a link to another place, nothing of that place is read or shown."""
    root = Bench(tmp_path / "bench").rubric.parents[1]
    outside = tmp_path / "outside"
    (root / folder).rename(outside)
    for file in outside.glob("*.yaml"):
        file.write_text(file.read_text("utf-8") + f"\n{SECRET}: 1\n", encoding="utf-8")
    (root / folder).symlink_to(outside, target_is_directory=True)
    status, out, err = command("rubric", "show", "on-call", "--bank", root)
    assert status == 2
    assert "a link that leads out of the bank" in err
    assert SECRET not in out + err


@pytest.mark.parametrize("name", ["../../outside", "..", "/etc/passwd", "on-call/../../../outside", "C:\\outside"])
def test_a_question_is_no_path(name: str, command: Command, tmp_path: Path) -> None:
    """Neither the command line nor a rubric can name a file by way of a question."""
    bench = Bench(tmp_path / "bench")
    root = bench.rubric.parents[1]
    (tmp_path / "bench" / "outside.yaml").write_text(f"question: {SECRET}\n", encoding="utf-8")
    (tmp_path / "outside.yaml").write_text(f"question: {SECRET}\n", encoding="utf-8")
    status, out, err = command("rubric", "show", name, "--bank", root)
    assert (status, out) == (2, "")
    assert SECRET not in err
    bench.rubric.write_text(
        bench.rubric.read_text("utf-8").replace("question: on-call", f"question: '{name}'"), "utf-8"
    )
    status, out, err = command("rubric", "check", "on-call", "--bank", root)
    assert status == 1
    assert "expected lower-case letters, digits and single hyphens" in err
    assert SECRET not in out + err
