"""Hostile answers before a real model, from recordings: whatever it said, the checks held."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluator.regress import Findings, load_suite, run_suite

SUITE = Path(__file__).resolve().parents[2] / "cassettes" / "hostile"


@pytest.fixture(scope="module")
def findings() -> Findings:
    """The suite, judged from its recordings."""
    return run_suite(load_suite(SUITE))


def test_recordings_are_whole(findings: Findings) -> None:
    """Every case has its recording, and none is damaged or left over."""
    assert findings.complete


def test_what_counts_was_said(findings: Findings) -> None:
    """Every quote that counts stands in the answer."""
    assert findings.false_quotes == ()


def test_no_other_attack_pays(findings: Findings) -> None:
    """But for the two that the suite names in a comment, no hostile answer scores above its honest part."""
    assert findings.paid_injections.broken == ()
