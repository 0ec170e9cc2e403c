"""Cuts an answer into sentences, with offsets into the text as given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

# A sentence longer than this is cut by the encoder anyway; one without any full stop is cut here.
_MAX_WORDS = 60
_ABBREVIATIONS = frozenset(
    "e.g i.e etc vs approx mr mrs ms dr prof inc ltd co corp no nos fig st dept est incl excl resp cf al ca".split()
)
_LINE_END = re.compile(r"\n+")
# A line at least this long, without a full stop at its end, was probably wrapped by an editor: the sentence goes on.
_WRAPPED = 55
_ENDS = frozenset(".!?:;>}]`")
_OPENS = frozenset("<{[`")
_BULLET = re.compile(r"[ \t]*(?:[-*\u2022\u2013\u2014]+|\(?\d{1,2}[.)]|[a-z]\))[ \t]+")
_STOP = re.compile(r"[.!?\u2026]+[\"'\u2019\u201d)\]]*(?=\s|$)|;(?=\s)|\s(?:->|=>)\s(?=-\s)|(?<=\w)\s;\s")
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_MARKUP = re.compile(r"\s*(?:</?\w[^<>]*/?>|<!--[^<>]*-?-?>?|\{.*\}|\[.*\])\s*", re.DOTALL)
_LAST_WORD = re.compile(r"([A-Za-z.]+)\.$")

# A list of keywords: at least so many words, commas to words at least, linking words to words at most.
_LIST_WORDS = 6
_LIST_COMMAS = 0.4
_LIST_LINKING = 0.1
_LINKING = frozenset(
    "a an and are as at be by for from had has have i if in is it of on or our so that the then they this to was "
    "we were when which who with you".split()
)

# A line of data: signs that join or enclose values and that prose hardly has, per word.
_NOTATION = re.compile(r"[{}\[\]|]|[;,](?=[^\s\"')])|_(?=[^\W_])|[\"'\w]\s*:\s*(?=[\"{\[])|\"\s*,|\((?=\w+\s*\()|\)\)")
_DATA_SIGNS = 2
_DATA_SHARE = 0.3


def words(text: str) -> list[str]:
    """The words of a text in lower case; numbers count as words, punctuation does not."""
    return _WORD.findall(text.lower())


def sentences(text: str, limit: int) -> list[tuple[int, int]]:
    """Start and end of each sentence, list item or clause up to a semicolon; at most `limit` of them."""
    found: list[tuple[int, int]] = []
    position = 0
    for line_end in [*_line_ends(text), len(text)]:
        for start, end in _split_line(text, position, line_end):
            found.extend(_cut_long(text, start, end))
            if len(found) >= limit:
                return found[:limit]
        position = line_end
    return found


def _line_ends(text: str) -> Iterator[int]:
    """Ends of the lines, list items and paragraphs; a line break inside a wrapped sentence is none."""
    start = 0
    for match in _LINE_END.finditer(text):
        line, after = text[start : match.start()].rstrip(), text[match.end() : match.end() + 1]
        goes_on = len(match.group()) == 1 and line != "" and line[-1] not in _ENDS and after not in _OPENS
        wrapped = after.islower() or (len(line) >= _WRAPPED and not _BULLET.match(text, match.end()))
        start = match.end()
        if not (goes_on and wrapped):
            yield match.end()


def is_word_list(piece: str) -> bool:
    """Whether a sentence only lists words between commas, as an answer made of keywords does."""
    found = words(piece)
    listed = piece.count(",") + piece.count("/")
    linking = sum(word in _LINKING for word in found)
    return len(found) >= _LIST_WORDS and listed >= _LIST_COMMAS * len(found) and linking <= _LIST_LINKING * len(found)


def is_data(piece: str) -> bool:
    """Whether a sentence is a line of JSON, of a table or of another notation for programs, and so says nothing."""
    signs = len(_NOTATION.findall(piece))
    return signs >= _DATA_SIGNS and signs >= _DATA_SHARE * len(words(piece))


def _split_line(text: str, start: int, end: int) -> list[tuple[int, int]]:
    bullet = _BULLET.match(text, start, end)
    start = bullet.end() if bullet else start
    pieces = []
    for match in _STOP.finditer(text, start, end):
        if _is_abbreviation(text[start : match.end()]):
            continue
        pieces.append((start, match.end()))
        start = match.end()
    pieces.append((start, end))
    return [trimmed for piece in pieces if (trimmed := _trim(text, *piece)) is not None]


def _is_abbreviation(piece: str) -> bool:
    match = _LAST_WORD.search(piece)
    if match is None:
        return False
    word = match.group(1).lower().rstrip(".")
    return word in _ABBREVIATIONS or (len(word) == 1 and word != "i")


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Without blanks around it; None where no word is left or it is markup only."""
    piece = text[start:end]
    if _WORD.search(piece) is None or _MARKUP.fullmatch(piece):
        return None
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())


def _cut_long(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """A run of words without a full stop in pieces of at most `_MAX_WORDS` words."""
    tokens = [match.start() + start for match in re.finditer(r"\S+", text[start:end])]
    if len(tokens) <= _MAX_WORDS:
        return [(start, end)]
    cuts = [*tokens[::_MAX_WORDS], end]
    pieces = [_trim(text, left, right) for left, right in pairwise(cuts)]
    return [piece for piece in pieces if piece is not None]
