"""A real, weak model judges answers to four questions; what it said is replayed, and the checks hold.

The model copies the rubric where it should quote, and often gives one point where there are two. That makes it a good
test of the checks: what stands in these tests is what the checks make of its replies, not what the answers deserve.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from evaluator.domain import Assessment
from evaluator.errors import ReplyError

STYLES = {"strong": 1, "terse": 5, "off-topic": 8, "injected": 9}
LETTERS = {"met": "m", "partial": "p", "missed": "-", "unassessed": "?"}

ASSESSED = {
    ("dora-rollout", "injected"): "m??????",
    ("engineering-success", "strong"): "mm?????",
    ("engineering-success", "terse"): "p-?--??",
    ("engineering-success", "injected"): "mm?mm??",
    ("sev1-incident", "strong"): "ppppp??",
    ("sev1-incident", "terse"): "ppppp??",
}
"""Verdicts in rubric order: met, partial, missed (-), unassessed (?)."""

REFUSED = {
    ("dora-rollout", "strong"): "wrong_number_of_points",
    ("dora-rollout", "terse"): "wrong_number_of_points",
    ("dora-rollout", "off-topic"): "wrong_number_of_points",
    ("engineering-success", "off-topic"): "wrong_number_of_points",
    ("sev1-incident", "off-topic"): "wrong_number_of_points",
    ("sev1-incident", "injected"): "wrong_number_of_points",
    ("technical-debt", "strong"): "wrong_number_of_points",
    ("technical-debt", "terse"): "wrong_number_of_points",
    ("technical-debt", "off-topic"): "quote_not_found",
    ("technical-debt", "injected"): "wrong_number_of_points",
}
"""Replies of which nothing could be used, with the main reason."""


def letters(result: Assessment) -> str:
    """The verdicts of an assessment, a letter each."""
    return "".join(LETTERS[finding.verdict] for finding in result.findings)


def check_quotes(result: Assessment, text: str) -> None:
    """Every verdict better than missed has evidence, and every piece of evidence stands in the answer."""
    for finding in result.findings:
        assert bool(finding.evidence) == (finding.verdict in ("met", "partial"))
        assert all(text[e.start : e.end] == e.quote for e in finding.evidence)


@pytest.mark.vcr
@pytest.mark.parametrize(("question", "style"), ASSESSED)
def test_quotes_stand_in_the_answer(assess: Any, gold: dict[str, str], question: str, style: str) -> None:
    """Whatever the model claims, each verdict better than missed carries a quote that stands in the answer."""
    text = gold[f"{question}-{STYLES[style]}"]
    result = assess(question, text)
    check_quotes(result, text)
    assert letters(result) == ASSESSED[question, style]
    assert result.usage.calls == 1
    assert result.usage.cost_usd is None


@pytest.mark.vcr
@pytest.mark.parametrize(("question", "style"), REFUSED)
def test_a_reply_of_no_use_gives_no_verdict(assess: Any, gold: dict[str, str], question: str, style: str) -> None:
    """A reply that fails the checks everywhere is an error with its reason, never a score."""
    with pytest.raises(ReplyError) as caught:
        assess(question, gold[f"{question}-{STYLES[style]}"])
    assert caught.value.reason == REFUSED[question, style]
    assert caught.value.attempts == 1
    assert caught.value.usage is not None
    assert caught.value.usage.output_tokens > 200


@pytest.mark.vcr
@pytest.mark.default_cassette("test_quotes_stand_in_the_answer[engineering-success-strong]")
def test_an_invented_quote_is_caught(assess: Any, gold: dict[str, str]) -> None:
    """The model called two criteria met with a sentence of the rubric as the quote: the check leaves them unassessed."""
    result = assess("engineering-success", gold["engineering-success-1"])
    invented = [f.criterion_id for f in result.findings if f.flags == ("quote_not_found",)]
    assert invented == ["customer-impact-measures", "unit-cost"]
    assert all(f.points is None and not f.evidence for f in result.findings if f.criterion_id in invented)


@pytest.mark.vcr
def test_one_call_for_each_criterion(assess: Any, gold: dict[str, str], vcr: Any) -> None:
    """With a call for each criterion the model gives every point, and is caught inventing six of seven quotes."""
    text = gold["dora-rollout-5"]
    result = assess("dora-rollout", text, calls="per-criterion")
    check_quotes(result, text)
    assert letters(result) == "?????m?"
    assert {f.flags for f in result.findings if f.points is None} == {("quote_not_found",)}
    assert result.usage.calls == 8
    systems = [json.loads(request.body)["messages"][0]["content"] for request in vcr.requests]
    assert [system.count("<criterion id=") for system in systems] == [1] * 7 + [0]
    assert [system.count("<red_flag id=") for system in systems] == [0] * 7 + [1]


@pytest.mark.vcr
def test_what_failed_is_asked_again(assess: Any, gold: dict[str, str], vcr: Any) -> None:
    """Only what failed the checks is asked again, with the reason; what was settled stays as it was."""
    result = assess("engineering-success", gold["engineering-success-1"], max_repairs=1)
    assert result.usage.calls == 2
    assert letters(result).startswith("mm")
    again = json.loads(vcr.requests[1].body)["messages"][1]["content"].rpartition("<note-")[2]
    assert "- reliability-measures: the list of points did not have one true or false for every numbered point" in again
    assert "- unit-cost: no quote that you gave stands in the answer" in again
    assert "delivery-measures" not in again
    assert "quality-measures" not in again
