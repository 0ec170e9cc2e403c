"""Find a quote in a text, and say where.

A judge that quotes rarely copies to the letter: quotation marks, dashes, case and spacing change. Both sides are
folded character by character, so that every character of the folded text knows which characters of the original it
came from; the quote is then looked for exactly and, failing that, approximately.

Folding: compatibility decomposition (the D in NFKD, applied per character so that offsets hold), case folding, marks
and invisible format characters dropped, all quotation marks alike, all dashes alike and without the spaces around
them, white space runs as one space.

No match begins or ends inside a word or a figure: "able to" is no quote from "unable to", and "5 minutes" is none from
"45 minutes", "4.5 minutes" or "-5 minutes". In scripts that write no spaces it may begin and end between any two
characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from evaluator.domain import Evidence

MIN_WORDS = 3
"""A quote has at least this many words ..."""

MIN_WIDTH = 15
"""... or this many characters (wide East Asian characters count twice), unless it is the whole answer."""

FUZZY_THRESHOLD = 90.0
"""Least partial ratio (0 to 100, rapidfuzz) for an approximate match."""

FUZZY_MIN_LENGTH = 20
"""Shorter folded quotes must match exactly: a few letters resemble something in every text."""

FUZZY_MAX_LENGTH = 2000
"""Longer folded quotes must match exactly: nobody misquotes a page by accident, and the search would be slow."""

_QUOTATION_MARKS = frozenset(
    "\"'`\u00b4\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2039\u203a\u00ab\u00bb\u2032\u2033\u300c\u300d\u300e\u300f"
)
_DASHES = frozenset("-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043\ufe58\ufe63\uff0d")
_PLAIN = r"[!#-&(-,./0-9:;<=>?@A-Z\[\\\]^_a-z{|}~]+"
_ALL_PLAIN = re.compile(rf"{_PLAIN}(?: {_PLAIN})*")
_RUN = re.compile(rf"(?P<plain>{_ALL_PLAIN.pattern})|.", re.DOTALL)
_UNSPACED = re.compile(
    "[\u0e00-\u109f\u1100-\u11ff\u1780-\u17ff\u1950-\u1aaf\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)
"""Thai to Myanmar, Khmer, Chinese, Japanese; and Korean, whose nouns carry particles."""

_MINUS = "-\u2012\u2013\u2212\ufe63\uff0d"
_INSIDE_FIGURE = ".,':/\u2044"
_EDGE = " .,;:!?'\"-()[]{}<>*_#|"
_WORD = re.compile(r"\w+")
_NEGATIONS = frozenset(
    ("no", "not", "never", "none", "nobody", "nothing", "neither", "nor", "without", "cannot", "hardly", "non", "t")
)
_REVERSING = ("un", "in", "im", "il", "ir", "non", "dis", "mis", "de", "anti")


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text; character `i` of `text` came from `original[starts[i]:ends[i]]`."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    if character in _QUOTATION_MARKS:
        return "'"
    if character in _DASHES:
        return "-"
    if character.isspace():
        return " "
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    return "".join(
        "-" if c in _DASHES else "'" if c in _QUOTATION_MARKS else " " if c.isspace() else c
        for c in decomposed
        if unicodedata.category(c) not in ("Mn", "Me", "Cf")
    )


@lru_cache(maxsize=32)
def fold(text: str) -> Folded:
    """Fold a text so that unimportant differences disappear, keeping the way back to its characters."""
    if _ALL_PLAIN.fullmatch(text):
        return Folded(text.lower(), range(len(text)), range(1, len(text) + 1))
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for run in _RUN.finditer(text):
        index = run.start()
        if run.lastgroup == "plain":  # nothing to fold but the case: most of a text, so it must be fast
            characters.extend(run[0].lower())
            starts.extend(range(index, run.end()))
            ends.extend(range(index + 1, run.end() + 1))
            continue
        folded = _fold_character(run[0])
        if not folded and ends and ends[-1] == index and _is_mark(run[0]):
            ends[-1] = index + 1  # an accent that follows its letter belongs to it
        for character in folded:
            previous = characters[-1] if characters else ""
            if character == " " and previous in (" ", "-", ""):
                continue
            if character == "-":
                if previous == "-":
                    ends[-1] = index + 1
                    continue
                if previous == " ":  # "a - b" is "a-b"
                    del characters[-1], starts[-1], ends[-1]
                    if characters and characters[-1] == "-":
                        ends[-1] = index + 1
                        continue
            characters.append(character)
            starts.append(index)
            ends.append(index + 1)
    return Folded("".join(characters), tuple(starts), tuple(ends))


def find_quote(quote: str, text: str) -> Evidence | None:
    """Find `quote` in `text`.

    Args:
        quote: What somebody says stands in the text.
        text: The text as its author wrote it.

    Returns:
        The span of the text, with `text[start:end] == quote` of the result; None where the quote is too short to be
        evidence (fewer than three words and fifteen characters, unless it is the whole text) or is not there.
    """
    folded, hay = fold(quote), fold(text)
    needle = folded.text.strip(_EDGE)
    if not needle or not _long_enough(needle, hay.text):
        return None
    sign = _sign(quote, folded.starts[len(folded.text) - len(folded.text.lstrip(_EDGE))])
    at = hay.text.find(needle)
    while at >= 0:
        if (found := _span(text, hay, at, at + len(needle), sign)) is not None:
            return found
        at = hay.text.find(needle, at + 1)
    return _find_nearly(needle, text, hay, sign)


def _long_enough(needle: str, hay: str) -> bool:
    if len(needle) >= MIN_WIDTH or needle == hay.strip(_EDGE):
        return True
    width = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in needle)
    return width >= MIN_WIDTH or len(_WORD.findall(needle)) >= MIN_WORDS


def _find_nearly(needle: str, text: str, hay: Folded, sign: str) -> Evidence | None:
    if not FUZZY_MIN_LENGTH <= len(needle) <= min(FUZZY_MAX_LENGTH, len(hay.text)):
        return None
    match = fuzz.partial_ratio_alignment(needle, hay.text, score_cutoff=FUZZY_THRESHOLD)
    if match is None:
        return None
    start, end = match.dest_start, match.dest_end
    while in_word(hay, start):
        start -= 1
    while in_word(hay, end):
        end += 1
    # A figure, a "not" or an "un-" more or less is a few letters, and turns the meaning round.
    if _telling(needle) != _telling(hay.text[start:end]) or _reversed(needle, hay.text[start:end]):
        return None
    found = _span(text, hay, start, end, sign)
    # Without the marks at its ends it may have become too short.
    return found if found and _long_enough(fold(found.quote).text, hay.text) else None


def _telling(folded: str) -> list[str]:
    words = _WORD.findall(folded)
    return [w for w in words if w in _NEGATIONS or any(c.isdigit() for c in w)]


def _reversed(one: str, other: str) -> bool:
    """Whether one text has "unable" or the like where the other has "able"."""
    words, others = set(_WORD.findall(one)), set(_WORD.findall(other))
    first, second = words - others, others - words
    return any(p + w in second for w in first for p in _REVERSING) or any(
        p + w in first for w in second for p in _REVERSING
    )


def _span(text: str, hay: Folded, start: int, end: int, sign: str) -> Evidence | None:
    """The span without the marks around it; None if it is all marks, cuts a word or a figure, or has another sign."""
    while start < end and hay.text[start] in _EDGE:
        start += 1
    while end > start and hay.text[end - 1] in _EDGE:
        end -= 1
    if start == end:
        return None
    first, last = hay.starts[start], hay.ends[end - 1]
    negated = hay.text.startswith("n't", end - 1)  # "we can" is no quote from "we can't"
    if negated or in_word(hay, start) or in_word(hay, end) or _in_figure(hay, start) or _in_figure(hay, end):
        return None
    if _sign(text, first) != sign:
        return None
    first -= len(sign)
    return Evidence(quote=text[first:last], start=first, end=last)


def in_word(hay: Folded, at: int) -> bool:
    """Whether a word, or one character of the original, goes on from before place `at` of the folded text to behind it.

    Never so between characters of scripts that write no spaces.
    """
    if not 0 < at < len(hay.text):
        return False
    before, behind = hay.text[at - 1], hay.text[at]
    if not (before.isalnum() or _is_mark(before)) or not (behind.isalnum() or _is_mark(behind)):
        return False
    if hay.starts[at - 1] == hay.starts[at] or _is_mark(behind) or "\u1160" <= behind <= "\u11ff":
        return True  # the last: vowels and final consonants of a Korean syllable
    return not _UNSPACED.match(before) and not _UNSPACED.match(behind)


def _in_figure(hay: Folded, at: int) -> bool:
    """Whether this place lies beside the point of a figure, as in 4.5 or 1,000."""
    return any(
        hay.text[point : point + 1] in _INSIDE_FIGURE
        and hay.text[point - 1].isdigit()
        and hay.text[point + 1 : point + 2].isdigit()
        for point in (at - 1, at)
        if point > 0
    )


def _sign(text: str, at: int) -> str:
    """The minus or the leading point of the figure or sum of money that begins at `at`; empty where there is none."""
    if not (text[at].isdigit() or unicodedata.category(text[at]) == "Sc"):
        return ""
    start = at
    if text[start - 1 : start] == ".":
        start -= 1
    if text[start - 1 : start] and text[start - 1] in _MINUS:
        start -= 1
    before = text[start - 1 : start]  # "4-5" is no minus, and "...5" is no point
    signed = start < at and not before.isalnum() and before != "." and not (before and before in _MINUS)
    return "".join(map(_fold_character, text[start:at])) if signed else ""


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")
