"""A real, weak model judges answers to four questions; what it said is replayed, and the checks hold."""

from __future__ import annotations

from typing import Any

import pytest

QUESTIONS = ["dora-rollout", "engineering-success", "sev1-incident", "technical-debt"]
STYLES = {"strong": 1, "terse": 5, "off-topic": 8, "injected": 9}


@pytest.mark.vcr
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("question", QUESTIONS)
def test_quotes_stand_in_the_answer(assess: Any, gold: dict[str, str], question: str, style: str) -> None:
    """Whatever the model claims, each verdict better than missed carries a quote that stands in the answer."""
    text = gold[f"{question}-{STYLES[style]}"]
    result = assess(question, text)
    print([(f.criterion_id, f.verdict, f.flags) for f in result.findings], result.usage)
