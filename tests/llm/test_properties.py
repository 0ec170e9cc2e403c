"""Whatever a model writes, what the judge believes is what the model said and what the answer shows."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluator.domain import Criterion, RedFlag, Rubric
from evaluator.judges.llm.parsing import read_reply
from evaluator.judges.llm.repair import Progress

# Nothing is timed: on a fresh checkout hypothesis first builds its tables of characters, which takes a second.
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
TEXT = "We ship every day behind flags. Each team has its own target, tied to revenue. Nobody is ranked."
RUBRIC = Rubric(
    question="q",
    version=1,
    criteria=(
        Criterion(id="one", statement="S.", weight=1, points=("P.",), advice="A."),
        Criterion(id="two", statement="S.", weight=1, points=("P.", "Q."), advice="A."),
    ),
    red_flags=(RedFlag(id="flag", statement="F.", penalty=5, advice="A."),),
)
QUOTES = st.sampled_from(["ship every day behind flags", "Each team has its own target", "we never said this", "a", ""])
BOOLEANS = st.sampled_from([True, False, "true", "no", 1, None, "perhaps", 0.5])
IDS = st.sampled_from(["one", "two", "flag", "three", None])
ITEMS = st.fixed_dictionaries(
    {"id": IDS},
    optional={
        "quotes": st.one_of(st.lists(QUOTES, max_size=3), QUOTES, st.none()),
        "points": st.one_of(st.lists(BOOLEANS, max_size=3), BOOLEANS),
        "gap": st.one_of(st.text("ab {}", max_size=5), st.integers()),
        "suggestion": st.text("ab {}", max_size=5),
        "quote": QUOTES,
        "present": BOOLEANS,
        "verdict": st.just("met"),
    },
)
REPLIES = st.fixed_dictionaries(
    {},
    optional={"criteria": st.lists(ITEMS, max_size=4), "red_flags": st.lists(ITEMS, max_size=3), "score": st.just(9)},
)


def claims(reply: dict[str, Any], key: str, id_: str, name: str) -> list[Any]:
    """What a reply says about one id."""
    return [item.get(name) for item in reply.get(key, []) if item["id"] == id_]


@settings(UNTIMED, max_examples=300)
@given(REPLIES, st.integers(0, 400), st.booleans())
def test_nothing_is_believed_that_was_not_said_and_shown(reply: dict[str, Any], cut: int, whole: bool) -> None:
    """Each finding has the points of the reply, with a quote of the answer if any is met, or is open."""
    text = json.dumps(reply)
    progress = Progress(RUBRIC, TEXT)
    progress.take(read_reply(text if whole else text[:cut], cut_off=not whole))
    for criterion, finding in zip(RUBRIC.criteria, progress.findings(), strict=True):
        if finding.points is None:
            assert finding.flags
            assert finding.confidence == 0.0
            continue
        assert len(finding.points) == len(criterion.points)
        assert claims(reply, "criteria", criterion.id, "points")
        for said in claims(reply, "criteria", criterion.id, "points")[: 1 if not whole else None]:
            assert [value in (True, "true", 1) for value in said] == list(finding.points)
        assert bool(finding.evidence) == any(finding.points)
        for evidence in finding.evidence:
            assert TEXT[evidence.start : evidence.end] == evidence.quote
    (flag,) = progress.red_flags()
    if flag.present is not None:
        assert claims(reply, "red_flags", "flag", "present")
        assert bool(flag.evidence) == flag.present


@UNTIMED
@given(st.text(max_size=200), st.booleans())
def test_any_text_can_be_read(text: str, cut_off: bool) -> None:
    """No text makes the reader fail; what it finds is of our shape."""
    reading = read_reply(text, cut_off=cut_off)
    assert (reading.reply is None) or not reading.fault


@settings(UNTIMED, max_examples=200)
@given(REPLIES, REPLIES)
def test_two_replies_in_one_text_are_not_guessed(first: dict[str, Any], second: dict[str, Any]) -> None:
    """Two different objects of our shape, in any order, are ambiguous."""
    shaped = [reply for reply in (first, second) if {"criteria", "red_flags"} & set(reply)]
    reading = read_reply(f"{json.dumps(first)} or {json.dumps(second)}")
    if len(shaped) == 2 and shaped[0] != shaped[1]:
        assert reading.fault == "ambiguous"
    elif shaped:
        assert reading.reply == shaped[0]
