"""The suite that guards this project: it passes, covers what it should, holds no secret, and notices changes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from evaluator.regress import CaseResult, Findings, judge_findings, load_suite, run_suite
from tests.regress.conftest import edited_prompts

ROOT = Path(__file__).resolve().parent.parent.parent
SUITE = ROOT / "cassettes" / "regression"
SECRET = re.compile(
    r"\bsk-[A-Za-z0-9]{8}|bearer |authorization|set-cookie|openai-organization|openai-project|x-api-key", re.IGNORECASE
)
STYLES = {
    "strong-paraphrase",
    "good-with-gaps",
    "shallow",
    "buzzwords",
    "terse",
    "story",
    "contrarian",
    "off-topic",
    "injection",
}


@pytest.fixture(scope="module")
def findings() -> Findings:
    """The suite as it is."""
    return run_suite(load_suite(SUITE))


def test_it_passes(findings: Findings) -> None:
    """Today's code, prompts and rubrics pass the gate."""
    assert [check for check in judge_findings(findings).checks if not check.passed] == []


def test_it_covers_enough(findings: Findings) -> None:
    """At least 24 labelled answers to six questions in all nine styles, two of them judged in both call modes."""
    answers = [one for one in findings.results.values() if isinstance(one, CaseResult)]
    labelled = [one for one in answers if one.labels and one.calls == "per-answer"]
    assert len(labelled) >= 24
    assert len({one.question for one in labelled}) >= 6
    assert {one.style for one in labelled} == STYLES
    assert sum(one.calls == "per-criterion" for one in answers) >= 2


def test_recordings_hold_no_secret() -> None:
    """No key, cookie or organisation id is in any recording of this repository."""
    files = sorted((ROOT / "cassettes").rglob("*.yaml"))
    assert files
    for file in files:
        assert SECRET.findall(file.read_text(encoding="utf-8")) == [], file


def test_a_sentence_of_the_shipped_prompt(tmp_path: Path) -> None:
    """One edited sentence of system.j2 fails the gate and is shown."""
    old, new = "Be neither generous nor harsh.", "Be neither mild nor harsh."
    edited = run_suite(load_suite(SUITE, prompts=edited_prompts(tmp_path / "prompts", "grade/v1", old, new)))
    assert not judge_findings(edited).passed
    assert any(old in line for line in edited.changes[0].lines if line.startswith("-"))
    assert any(new in line for line in edited.changes[0].lines if line.startswith("+"))
