"""Spans of a text, and the text as a reader sees it with the way back to the one that was written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from evaluator.domain import Evidence

Span = tuple[int, int]

# Cyrillic and Greek letters that look like a Latin one.
_LOOKALIKES = str.maketrans(
    "\u0430\u0441\u0435\u0456\u0458\u043e\u0440\u0455\u0443\u0445\u0501\u051b\u051d\u03bf\u03b1\u03bd\u04bb"
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0406\u0408\u0405\u0391\u0392\u0395\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a7",
    "aceijopsyxdqwoavhABEKMHOPCTXIJSABEHIKMNOPTX",
)
PARAGRAPH = re.compile(r"\S(?:.|\n(?!\s*\n))*")
"""Text up to the next empty line."""

_WORD = re.compile(r"\w+")
_RUN = re.compile(r"[\x00-\x7f]+|.", re.DOTALL)
_ENDS = frozenset(".!?")
_TAG_LETTERS = range(0xE0020, 0xE007F)
_SENTENCE = re.compile(
    r"[^\s](?:[^\n.!?\u3002\uff01\uff1f\u0964]++|[.!?](?=[^\s\"')\]*]))*[.!?\u3002\uff01\uff1f\u0964\"')\]*]*"
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A text in lower case, with disguises taken off; `origin[i]` is where its character `i` came from."""

    text: str
    origin: Sequence[int]

    def back(self, start: int, end: int) -> Span:
        """The span of the text as written."""
        return self.origin[start], self.origin[end - 1] + 1


def seen(text: str) -> Seen:
    """Take off what hides words from a search: zero-width characters, full width, look-alikes inside Latin words."""
    if text.isascii():  # most texts, so it must be fast
        return Seen(text.lower(), range(len(text)))
    plain = disguised_off(text)
    characters: list[str] = []
    origin: list[int] = []
    for run in _RUN.finditer(plain):
        index, character = run.start(), run[0]
        if character.isascii():  # most of a text, so it must be fast
            characters.extend(character.lower())
            origin.extend(range(index, run.end()))
            continue
        if unicodedata.category(character) == "Cf":
            shown = chr(ord(character) - 0xE0000).lower() if ord(character) in _TAG_LETTERS else ""
            if characters and characters[-1] in _ENDS:  # what follows in hiding is no part of the sentence before
                shown = f" {shown}"
        else:
            shown = unicodedata.normalize("NFKC", character).lower()
        characters.extend(shown)
        origin += [index] * len(shown)
    return Seen("".join(characters), tuple(origin))


def disguised_off(text: str) -> str:
    """The text with look-alikes replaced in words that read as Latin; its length stays."""
    return text if text.isascii() else _WORD.sub(lambda word: _latin(word[0]), text)


def mixed_words(text: str) -> list[Span]:
    """Words of three letters or more in which letters of another alphabet stand in for Latin ones."""
    if text.isascii():
        return []
    return [
        word.span()
        for word in _WORD.finditer(text)
        if len(word[0]) > 2 and any("a" <= c.lower() <= "z" for c in word[0]) and _latin(word[0]) != word[0]  # noqa: PLR2004
    ]


def _latin(word: str) -> str:
    if word.isascii():
        return word
    replaced = word.translate(_LOOKALIKES)
    return replaced if replaced.isascii() else word


@lru_cache(maxsize=64)
def sentences(text: str) -> tuple[Span, ...]:
    """Sentences; a line end ends one too."""
    return tuple(found.span() for found in _SENTENCE.finditer(text))


def blotted(text: str, spans: Iterable[Span], mark: str) -> str:
    """The text with every character in the spans replaced by `mark`; it keeps its length, so that offsets hold."""
    for start, end in spans:
        text = text[:start] + mark * (end - start) + text[end:]
    return text


def joined(spans: Iterable[Span], text: str) -> tuple[Evidence, ...]:
    """Spans in order, those that touch or have only white space between them made one."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and (start <= merged[-1][1] or not text[merged[-1][1] : start].strip()):
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return tuple(Evidence(quote=text[start:end], start=start, end=end) for start, end in merged)
