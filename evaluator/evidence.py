"""Find a quote in a text, and say where.

A judge that quotes rarely copies to the letter: quotation marks, dashes, case and spacing change. Both sides are
folded character by character, so that every character of the folded text knows which characters of the original it
came from; the quote is then looked for exactly and, failing that, approximately.

Folding: compatibility decomposition (the D in NFKD, applied per character so that offsets hold), case folding, marks
and invisible format characters dropped, all quotation marks alike, all dashes alike and without the spaces around
them, white space runs as one space.
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
_EDGE = " .,;:!?'\"-()[]{}<>*_#|"
_WORD = re.compile(r"\w+")
_NEGATIONS = frozenset(
    ("no", "not", "never", "none", "nobody", "nothing", "neither", "nor", "without", "cannot", "hardly", "t")
)


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
        for character in _fold_character(run[0]):
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
    needle = fold(quote).text.strip(_EDGE)
    hay = fold(text)
    if not needle or not _long_enough(needle, hay.text):
        return None
    at = hay.text.find(needle)
    if at >= 0:
        return _span(text, hay, at, at + len(needle))
    return _find_nearly(needle, text, hay)


def _long_enough(needle: str, hay: str) -> bool:
    if len(needle) >= MIN_WIDTH or needle == hay.strip(_EDGE):
        return True
    width = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in needle)
    return width >= MIN_WIDTH or len(_WORD.findall(needle)) >= MIN_WORDS


def _find_nearly(needle: str, text: str, hay: Folded) -> Evidence | None:
    if not FUZZY_MIN_LENGTH <= len(needle) <= min(FUZZY_MAX_LENGTH, len(hay.text)):
        return None
    match = fuzz.partial_ratio_alignment(needle, hay.text, score_cutoff=FUZZY_THRESHOLD)
    if match is None:
        return None
    start, end = match.dest_start, match.dest_end
    while start > 0 and hay.text[start].isalnum() and hay.text[start - 1].isalnum():
        start -= 1
    while end < len(hay.text) and hay.text[end - 1].isalnum() and hay.text[end].isalnum():
        end += 1
    # A figure or a "not" more or less is a few letters, and turns the meaning round.
    if _telling(needle) != _telling(hay.text[start:end]):
        return None
    return _span(text, hay, start, end)


def _telling(folded: str) -> list[str]:
    words = _WORD.findall(folded)
    return sorted(w for w in words if w in _NEGATIONS or any(c.isdigit() for c in w))


def _span(text: str, hay: Folded, start: int, end: int) -> Evidence:
    while start < end and hay.text[start] in _EDGE:
        start += 1
    while end > start and hay.text[end - 1] in _EDGE:
        end -= 1
    first, last = hay.starts[start], hay.ends[end - 1]
    return Evidence(quote=text[first:last], start=first, end=last)
