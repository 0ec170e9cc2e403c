"""Quotes are found where they stand, and what nobody wrote is not found."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluator.evidence import MIN_WIDTH, find_quote, fold

UNTIMED = settings(deadline=None)
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


_AROUND = st.sampled_from((" ", "\n", ", ", " (", "; ", " \u2026 "))


@UNTIMED
@given(before=st.text(max_size=100), span=st.text(min_size=1, max_size=100), after=st.text(max_size=100), gap=_AROUND)
def test_every_span_of_whole_words_is_found(before: str, span: str, after: str, gap: str) -> None:
    """Every span of whole words that is long enough to be evidence is found in any text, at the place it says."""
    text = before + gap + span + gap + after
    evidence = find_quote(span, text)
    if len(_letters(span)) < MIN_WIDTH:
        return
    assert evidence is not None
    assert text[evidence.start : evidence.end] == evidence.quote
    assert _letters(evidence.quote) == _letters(span)


@UNTIMED
@given(
    words=st.lists(st.text("abc\u00e9\u044f0123", min_size=1, max_size=6), min_size=4, max_size=12),
    head=st.text("abcde0123456789", min_size=1, max_size=3),
    tail=st.text("abcde0123456789", min_size=1, max_size=3),
    figure=st.integers(1, 999),
)
def test_no_exact_match_cuts_a_word(words: list[str], head: str, tail: str, figure: int) -> None:
    """What is cut out of words is not found as it is: either the whole words are quoted, or nothing."""
    quote = f"{figure} {' '.join(words)} {figure}"
    for text in (f"so {head}{quote} then", f"so {quote}{tail} then", f"so {head}{quote}{tail} then"):
        evidence = find_quote(quote, text)
        assert evidence is None or text[evidence.start - 1] == text[evidence.end] == " "


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("5 minutes of downtime a month", "We accepted 45 minutes of downtime a month."),
        ("5 minutes of downtime a month", "We accepted 4.5 minutes of downtime a month."),
        ("5 minutes of downtime a month", "We accepted .5 minutes of downtime a month."),
        ("5 minutes of downtime a month", "We accepted -5 minutes of downtime a month."),
        ("-5 minutes of downtime a month", "We accepted 5 minutes of downtime a month."),
        ("2 of the teams had a rota", "1/2 of the teams had a rota"),
        ("we paid each team $1", "we paid each team $1,000"),
        ("$5 a month for every seat", "-$5 a month for every seat"),
        ("it all runs on version 4", "It all runs on version 4.5 now."),
        ("able to roll back in minutes", "We were unable to roll back in minutes."),
        ("unable to roll back in minutes", "We were able to roll back in minutes."),
        ("effective on-call rota", "We had an ineffective on-call rota."),
        ("we had a effective on-call rota in each team", "We had a non-effective on-call rota in each team."),
        ("rolling back is something we can", "Rolling back is something we can't do."),
        ("in five minutes we had 4.5 teams on it", "in five minutes we had 5.4 teams on it"),
    ],
)
def test_no_quote_from_inside_a_word_or_a_figure(quote: str, text: str) -> None:
    """What stands in a text only as part of another word or figure is not quoted from it."""
    assert find_quote(quote, text) is None


@pytest.mark.parametrize(
    ("quote", "text", "found"),
    [
        ("$5 a month per seat", "we pay $5 a month per seat.", "$5 a month per seat"),
        ("-5 % in the last year", "growth of \u22125 % in the last year", "\u22125 % in the last year"),
        ("- 5 minutes of downtime", "We had 5 minutes of downtime.", "5 minutes of downtime"),
        ("...5 minutes of downtime...", "We had 5 minutes of downtime.", "5 minutes of downtime"),
        ("15 minutes of downtime", "between 10-15 minutes of downtime", "15 minutes of downtime"),
        ("grew by 4.5 % a year", "it grew by 4.5 % a year", "grew by 4.5 % a year"),
        ("_able to roll back_", "not unable to roll back: _able to roll back_", "able to roll back"),
        ("\u4e94\u5206\u949f\u5185\u5b8c\u6210\u56de\u6eda", "\u6211\u4eec\u4e94\u5206\u949f\u5185\u5b8c\u6210\u56de\u6eda\u4e86", "\u4e94\u5206\u949f\u5185\u5b8c\u6210\u56de\u6eda"),
        ("\uc11c\ubc84 \uba87 \ub300", "\uc11c\ubc84 \uba87 \ub300\ub97c", "\uc11c\ubc84 \uba87 \ub300"),
        ("we use Kubernetes here", "\u3067we use Kubernetes here\u3067", "we use Kubernetes here"),
    ],
    ids=["money", "minus", "bullet", "ellipsis", "range", "point", "later", "chinese", "korean", "mixed"],
)  # fmt: skip
def test_edges_of_a_quote(quote: str, text: str, found: str) -> None:
    """Signs, marks and scripts without spaces at the ends of a quote do not hide it; a later place will do."""
    evidence = find_quote(quote, text)
    assert evidence is not None
    assert evidence.quote == found


def test_accents_stay_with_their_letters() -> None:
    """A span of decomposed text ends behind the accent of its last letter."""
    text = "hier nous avons de\u0301ploye\u0301, puis"
    evidence = find_quote("nous avons d\u00e9ploy\u00e9", text)
    assert evidence is not None
    assert evidence.quote == "nous avons de\u0301ploye\u0301"


@UNTIMED
@given(
    text=st.text(alphabet="abcdefgh ,.", max_size=400), quote=st.text(alphabet="qrstuvwxyz ", min_size=20, max_size=80)
)
def test_other_letters_are_not_found(text: str, quote: str) -> None:
    """A quote that shares no letter with the text is never found in it."""
    if _letters(quote):
        assert find_quote(quote, text) is None


@UNTIMED
@given(text=st.text(max_size=200))
def test_offsets_cover_every_folded_character(text: str) -> None:
    """Folding keeps, for each character, the ascending place it came from."""
    folded = fold(text)
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert list(folded.starts) == sorted(folded.starts)
    assert all(0 <= s < e <= len(text) for s, e in zip(folded.starts, folded.ends, strict=True))
