"""The words that save a search: where none of them stands, the pattern could not have matched."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluator.honesty.spans import seen
from evaluator.honesty.words import SHOT, SHOT_WORDS, STRONG

TESTS = Path(__file__).resolve().parent.parent
SEARCHES = [*STRONG, (SHOT_WORDS, SHOT)]


def _texts() -> list[str]:
    files = ("hostile/answers.jsonl", "hostile/fairness.jsonl", "gold/answers.jsonl")
    rows = [json.loads(line) for file in files for line in (TESTS / file).read_text(encoding="utf-8").splitlines()]
    return [value for row in rows for value in row.values() if isinstance(value, str)]


@pytest.mark.parametrize(("words", "pattern"), SEARCHES)
@settings(max_examples=25, derandomize=True, deadline=None, database=None)
@given(data=st.data())
def test_no_match_without_one_of_its_words(
    words: tuple[str, ...], pattern: re.Pattern[str], data: st.DataObject
) -> None:
    """Whatever a pattern matches holds one of the words that stand in front of it."""
    text = data.draw(st.from_regex(pattern))
    assert any(word in text for word in words)


def test_nothing_is_missed_in_the_sets_of_answers() -> None:
    """In hostile and ordinary answers, no pattern finds anything where its words do not stand."""
    texts = [seen(text).text for text in _texts()]
    found = [(words, text) for words, pattern in SEARCHES for text in texts if pattern.search(text)]
    assert len(found) > 100
    assert [text for words, text in found if not any(word in text for word in words)] == []
