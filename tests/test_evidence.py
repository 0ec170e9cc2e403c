"""Quotes are found where they stand, and what nobody wrote is not found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluator.evidence import MIN_WIDTH, find_quote, fold

TEXT = (
    "We said \u201cone metric \u2013 one meaning\u201d to all teams.\n"
    "Then  the build system, Jira and 14 others fed it; nobody typed."
)


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("the build system, Jira and 14 others", "the build system, Jira and 14 others"),
        ("THE BUILD SYSTEM, jira", "the build system, Jira"),
        ('"one metric - one meaning"', "one metric \u2013 one meaning"),
        ("'one metric\u2014one meaning'", "one metric \u2013 one meaning"),
        ("to all teams. Then the build system", "to all teams.\nThen  the build system"),
        ("fed it; nobody typed!", "fed it; nobody typed"),
        ("the \u200bbuild sys\u00adtem, Jira", "the build system, Jira"),
        ("the build systems, Jira, and 14 others fed it", "the build system, Jira and 14 others fed it"),
    ],
    ids=["verbatim", "case", "quotation-marks", "dashes", "spacing", "final-mark", "invisible", "nearly"],
)
def test_folded_away(quote: str, found: str) -> None:
    """Case, quotation marks, dashes, spacing, final marks, invisible characters and a slip do not hide a quote."""
    evidence = find_quote(quote, TEXT)
    assert evidence is not None
    assert evidence.quote == found
    assert TEXT[evidence.start : evidence.end] == found


@pytest.mark.parametrize(
    "quote",
    [
        "we measured customer retention weekly",
        "the build system, Jira and 41 others fed it",
        "the build system, Jira and 14 others never fed it",
        "W",
        "it; no",
        "",
        "...",
        '""',
    ],
    ids=["invented", "other-figure", "negated", "letter", "short", "empty", "dots", "marks"],
)
def test_not_evidence(quote: str) -> None:
    """An invented quote, one with another figure or a 'never' more, and one too short are not found."""
    assert find_quote(quote, TEXT) is None


def test_short_answer_is_its_own_quote() -> None:
    """An answer shorter than the least quote can be quoted whole, and only whole."""
    evidence = find_quote("Use SLOs.", "Use SLOs")
    assert evidence is not None
    assert (evidence.start, evidence.end) == (0, 8)
    assert find_quote("Use", "Use SLOs") is None


def test_first_of_two() -> None:
    """A quote that stands twice is found at its first place."""
    evidence = find_quote("we roll back at once", "First we roll back at once. Later we roll back at once.")
    assert evidence is not None
    assert evidence.start == 6


def test_ligatures_and_full_width_keep_offsets() -> None:
    """Characters that fold to several, or to other ones, do not shift the offsets."""
    text = "\ufb01rst \uff37\uff45 de\ufb01ned the metrics, Stra\u00dfe by Stra\u00dfe"
    evidence = find_quote("first we defined the metrics, strasse", text)
    assert evidence is not None
    assert evidence.quote == "\ufb01rst \uff37\uff45 de\ufb01ned the metrics, Stra\u00dfe"
    assert evidence.end == text.index(" by")


def _letters(text: str) -> str:
    return fold(text).text.strip(" .,;:!?'\"-()[]{}<>*_#|")


@given(data=st.data(), text=st.text(min_size=1, max_size=300))
def test_every_span_is_found(data: st.DataObject, text: str) -> None:
    """Every span cut from any text that is long enough to be evidence is found, at the place it says."""
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    span = text[start:end]
    evidence = find_quote(span, text)
    if len(_letters(span)) < MIN_WIDTH:
        return
    assert evidence is not None
    assert text[evidence.start : evidence.end] == evidence.quote
    assert _letters(evidence.quote) == _letters(span)


@given(
    text=st.text(alphabet="abcdefgh ,.", max_size=400), quote=st.text(alphabet="qrstuvwxyz ", min_size=20, max_size=80)
)
def test_other_letters_are_not_found(text: str, quote: str) -> None:
    """A quote that shares no letter with the text is never found in it."""
    if _letters(quote):
        assert find_quote(quote, text) is None


@given(text=st.text(max_size=200))
def test_offsets_cover_every_folded_character(text: str) -> None:
    """Folding keeps, for each character, the ascending place it came from."""
    folded = fold(text)
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert list(folded.starts) == sorted(folded.starts)
    assert all(0 <= s < e <= len(text) for s, e in zip(folded.starts, folded.ends, strict=True))
