"""Answers go into recordings only when somebody asks for it, and is told."""

from __future__ import annotations

from pathlib import Path

from tests.leaking.conftest import Command, Provider
from tests.regress.conftest import Bench


def test_recording_warns_before_it_asks(command: Command, tmp_path: Path) -> None:
    """Before anything is sent, `regress record` says that recordings keep answers."""
    bench = Bench(tmp_path / "bench")
    status, _, err = command("regress", "record", bench.root)
    assert status == 2
    assert "Recordings keep all that is sent, whole answers too" in err
    assert err.index("Recordings keep") < err.index("Nothing was sent")
    assert not (bench.root / "cassettes").exists()


def test_grading_records_nothing(command: Command, provider: Provider, tmp_path: Path) -> None:
    """Grading with an LLM leaves no file with the answer behind, but the one that was asked for."""
    answer, out = tmp_path / "answer.md", tmp_path / "out.json"
    answer.write_text("We asked Priya Raman to write one definition of each metric for every team.", encoding="utf-8")
    judge = ("--judge", "openai/gpt-5-mini", "--format", "json")
    assert command("grade", "dora-rollout", answer, *judge, "-o", out)[0] == 0
    assert provider.sent
    assert sorted(tmp_path.rglob("*")) == [answer, out]
