"""Replace personal data by placeholders, and know the way back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count

from evaluator.domain import Evidence
from evaluator.redaction.listed import Listed
from evaluator.redaction.names import names
from evaluator.redaction.patterns import emails, phones, urls
from evaluator.redaction.spans import KINDS, Kind, Span, keep_free, put_in

_WORDS = "|".join(kind.upper() for kind in KINDS)
_TOKEN = re.compile(rf"(?:{_WORDS})_[0-9]+", re.IGNORECASE)
_PLACEHOLDER = re.compile(rf"\[({_TOKEN.pattern})\]|(?<!\w)({_TOKEN.pattern})(?!\w)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without personal data, and what it was before.

    `spans` are of `original`, in order and without overlap; `placeholders` stand in `text`, one for each span.
    """

    original: str
    text: str
    spans: tuple[Span, ...]
    placeholders: tuple[str, ...]

    def restore(self, text: str) -> str:
        """A text about the redacted one, with what the placeholders stand for; without their brackets will do."""
        values = {
            placeholder[1:-1]: self.original[span.start : span.end]
            for span, placeholder in zip(self.spans, self.placeholders, strict=True)
        }
        return _PLACEHOLDER.sub(lambda match: values.get((match[1] or match[2]).upper(), match[0]), text)

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Where characters `start` to `end` of the redacted text stand in the original.

        An end inside a placeholder counts as the end of what it stands for: half a name is no evidence.
        """
        return self._back(start, upper=False), self._back(end, upper=True)

    def evidence(self, found: Evidence) -> Evidence:
        """Evidence from the redacted text as evidence from the original."""
        start, end = self.original_span(found.start, found.end)
        return Evidence(quote=self.original[start:end], start=start, end=end)

    def _back(self, position: int, *, upper: bool) -> int:
        shift = 0  # how much farther the original is
        for span, placeholder in zip(self.spans, self.placeholders, strict=True):
            begin = span.start - shift
            if position <= begin:
                break
            stop = begin + len(placeholder)
            if position < stop:
                return span.end if upper else span.start
            shift = span.end - stop
        return position + shift


class Redactor:
    """Finds and replaces personal data; the same text always gives the same placeholders.

    Args:
        listed: Names and companies to hide besides those that are found.
    """

    def __init__(self, listed: Listed | None = None) -> None:
        self.listed = listed or Listed()

    def find(self, text: str, terms: frozenset[str] = frozenset()) -> tuple[Span, ...]:
        """What is to be hidden, in the order of the text.

        Args:
            text: An answer.
            terms: Capitalised words that are no names here, for instance those of the rubric.
        """
        spans: list[Span] = []
        finders: tuple[Iterable[Span], ...] = (emails(text), urls(text), phones(text))
        for found in finders:
            spans += keep_free(found, spans)
        spans = put_in(self.listed.find(text), spans)
        spans += keep_free(names(text, spans, terms), spans)
        return tuple(sorted(spans))

    def redact(self, text: str, terms: frozenset[str] = frozenset()) -> Redacted:
        """Replace what `find` finds. Equal pieces get equal placeholders, numbered by kind from 1."""
        spans = self.find(text, terms)
        used = {match[0].upper() for match in _TOKEN.finditer(text)}
        numbers = {kind: count(1) for kind in KINDS}
        given: dict[tuple[Kind, str], str] = {}
        parts: list[str] = []
        at = 0
        for span in spans:
            key = span.kind, text[span.start : span.end]
            if key not in given:
                # An answer may hold a text that looks like a placeholder; that number is left out.
                tokens = (f"{span.kind.upper()}_{number}" for number in numbers[span.kind])
                given[key] = f"[{next(token for token in tokens if token not in used)}]"
            parts += [text[at : span.start], given[key]]
            at = span.end
        parts.append(text[at:])
        placeholders = tuple(given[span.kind, text[span.start : span.end]] for span in spans)
        return Redacted(text, "".join(parts), spans, placeholders)
