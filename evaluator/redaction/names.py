"""Names of persons and companies, by a rule: capital letters, lists of words, and the words around them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import phonenumbers

from evaluator.redaction.lexicon import (
    AT_COMPANY,
    LAWS,
    LEGAL,
    NAMING,
    PARTICLES,
    PLAIN_ENDINGS,
    THINGS,
    TITLES,
    TRADES,
    VERBS,
    is_common,
    is_first_name,
    lexicon_digest,
    words,
)
from evaluator.redaction.spans import Kind, Span, keep_free

VERSION = 2
"""Rises with every change of the rules, so that evaluations made with other rules are known as such."""

_TOKEN = re.compile(r"(?:[^\W\d_]\.){1,4}(?=\s|,|\Z|[^\W\d_])|[^\W\d_]+(?:['\u2019\-\u2010\u2011][^\W\d_]+)*\d*|&|\d+")
_POSSESSIVE = re.compile(r"['\u2019]s?\Z")
_INITIALS = re.compile(r"(?:[^\W\d_]\.){1,4}\Z")
_ODD_CASE = re.compile(r"\A(?:De|Mc|Mac|Di|Du|La|Le|Van|Fitz|D['\u2019]|O['\u2019])[A-Z]\w+\Z")
_INNER_CAPITAL = re.compile(r"[a-z][A-Z]|[A-Z]{2}[a-z]")
_HAN = re.compile(r"[\u4e00-\u9fff]{1,4}(?:[ \u3000\u00b7][\u4e00-\u9fff]{1,4})?")
_SENTENCE_END = re.compile(
    r"(?:[.!?:;\u2026][\"'\u201d\u2019)\]*_]*\s+[\"'\u201c\u2018(\[*_]*|\n\s*[-*+#>\d.)\s\"'\u201c(\[*_]*|\A[\s\-*+#>\"'\u201c(\[_]*)\Z"
)
_REVERSED = re.compile(r"\b([^\W\d_]{4,}), ([^\W\d_]{4,})\b")
_SHORT_ACRONYM = 5


@dataclass(slots=True)
class _Word:
    """One word with its place; `start` of a sentence, and whether it can be part of a name."""

    text: str
    start: int
    end: int
    first: bool
    candidate: bool = False


@cache
def rules_digest() -> str:
    """SHA-256 (hex) of what decides which words are hidden: version, lists, and the library for phone numbers."""
    return hashlib.sha256(f"{VERSION} {lexicon_digest()} {phonenumbers.__version__}".encode()).hexdigest()


def names(text: str, taken: Sequence[Span] = (), terms: frozenset[str] = frozenset()) -> list[Span]:
    """Names and companies of a text.

    Args:
        text: An answer.
        taken: What is hidden already; no name goes across it.
        terms: Capitalised words that are no names here.

    Returns:
        Spans in order, without overlap.
    """
    reversed_names = keep_free(_reversed(text), taken)
    read = _words(text, [*taken, *reversed_names])
    for at, word in enumerate(read):
        word.candidate = _may_be_name(read, at, terms)
    found = [span for run in _runs(text, read) for span in _judged(text, read, run)]
    found += reversed_names
    if len(_HAN.findall(text)) * 20 < len(text):  # a text in Chinese is no list of names
        found += [Span(*match.span(), "name") for match in _HAN.finditer(text)]
    return sorted([*found, *_again(text, read, found, terms)])


def _words(text: str, taken: Sequence[Span]) -> list[_Word]:
    read: list[_Word] = []
    for match in _TOKEN.finditer(text):
        if any(span.start < match.end() and match.start() < span.end for span in taken):
            continue
        end = match.end()
        if not _INITIALS.match(match[0]):
            end -= len((_POSSESSIVE.search(match[0]) or [""])[0])
        before = text[max(0, match.start() - 12) : match.start()]
        title = (
            bool(read)
            and read[-1].text.rstrip(".") in TITLES
            and text[read[-1].end : match.start()].strip() in ("", ".")
        )
        first = (
            not title
            and not _after_initial(read)
            and bool(_SENTENCE_END.search(before))
            and _edge(text, match.start(), before)
        )
        read.append(_Word(text[match.start() : end], match.start(), end, first))
    return read


def _after_initial(read: Sequence[_Word]) -> bool:
    return bool(read) and bool(_INITIALS.match(read[-1].text))


def _edge(text: str, start: int, before: str) -> bool:
    r"""Whether what looked like the start of the text is not only the start of the look-back."""
    return bool(before.strip(" \t*_#>\"'([-")) or start <= len(before) or "\n" in before or not text[:start].strip()


def _may_be_name(read: Sequence[_Word], at: int, terms: frozenset[str]) -> bool:
    word = read[at]
    text = word.text
    if _INITIALS.match(text):
        return text[0].isupper()
    if not text[0].isupper():
        return _small_name(text) and ("-" in text or _acts(read, at))
    if text in terms or text in words("terms") or any(c.isdigit() for c in text):
        return False
    if text.isupper() and text.isascii() and (len(text) <= _SHORT_ACRONYM or is_common(text)):
        return False
    if _INNER_CAPITAL.search(text) and not (_ODD_CASE.match(text) or "-" in text):
        return False
    if is_common(text):
        return is_first_name(text) and (not word.first or _acts(read, at))
    if word.first and not is_first_name(text):
        return not text.isascii() or not text.lower().endswith(PLAIN_ENDINGS)
    return True


def _small_name(text: str) -> bool:
    """A first name in lower case, or one after an article that belongs to it, as in "al-Farsi"."""
    head, dash, rest = text.partition("-")
    if dash and head in PARTICLES and rest[:1].isupper():
        return True
    return len(text) > 3 and is_first_name(text) and not is_common(text) and text not in words("terms")  # noqa: PLR2004


def _acts(read: Sequence[_Word], at: int) -> bool:
    """Whether the next word makes a person of "Grace" or "Will" at the start of a sentence."""
    if at + 1 >= len(read):
        return False
    following = read[at + 1].text
    return following.endswith("ed") or following in VERBS or (following[0].isupper() and not is_common(following))


def _runs(text: str, read: Sequence[_Word]) -> Iterator[list[int]]:
    """Indices of words that belong together: candidates, with particles, "&" and company words between and after."""
    at = 0
    while at < len(read):
        if not read[at].candidate:
            at += 1
            continue
        run = [at]
        while True:
            step = _next_of_run(text, read, run[-1])
            if not step:
                break
            run += step
        at = run[-1] + 1
        yield _led(text, read, run)


def _led(text: str, read: Sequence[_Word], run: list[int]) -> list[int]:
    """A run with the month or first name before it that alone was too common: "May Lindqvist", "Sable Point Bank"."""
    before = run[0] - 1
    if before < 0 or not _joined(text, read[before], read[run[0]]) or not read[before].text[0].isupper():
        return run
    word = read[before].text
    company = read[run[-1]].text in TRADES | LEGAL
    led = is_first_name(word) or (company and not read[before].first and word not in words("terms"))
    return [before, *run] if led else run


def _joined(text: str, one: _Word, other: _Word) -> bool:
    return text[one.end : other.start] in (" ", "\u00a0") or (
        _INITIALS.match(one.text) is not None and not text[one.end : other.start].strip()
    )


def _next_of_run(text: str, read: Sequence[_Word], at: int) -> list[int]:
    """What goes on with the run that ends at `at`."""
    step: list[int] = []
    for nxt in range(at + 1, min(at + 4, len(read))):
        here, word = read[nxt - 1], read[nxt]
        gap = text[here.end : word.start]
        legal = word.text in LEGAL or (_INITIALS.match(word.text) and word.text.replace(".", "") in LEGAL)
        if legal and gap in (" ", ", "):
            return [*step, nxt]
        if not _joined(text, here, word):
            return []
        step.append(nxt)
        capital = word.text[0].isupper() and not word.text.isupper()
        if word.candidate or word.text in TRADES or (capital and step[:-1] and here.text in ("&", "and")):
            return step if here.text != "and" or word.text in TRADES else []
        named = (
            len(step) == 1
            and is_first_name(here.text)
            and here.text not in words("terms")
            and word.text not in words("terms")
        )
        if capital and (named or _ends_in_company(text, read, nxt)):
            return step
        if word.text not in PARTICLES and word.text not in ("&", "and"):
            return []
    return []


def _ends_in_company(text: str, read: Sequence[_Word], at: int) -> bool:
    """Whether the words after `at` make a company of it: "Sable Point Bank", "Tide & Timber"."""
    if at + 1 >= len(read) or not _joined(text, read[at], read[at + 1]):
        return False
    following = read[at + 1].text
    return following in TRADES or following in LEGAL


def _judged(text: str, read: Sequence[_Word], run: list[int]) -> Iterator[Span]:
    first, last = read[run[0]], read[run[-1]]
    before = read[run[0] - 1] if run[0] else None
    after = read[run[-1] + 1] if run[-1] + 1 < len(read) else None
    whole = [read[index].text for index in run]
    if len(run) == 1 and _INITIALS.match(whole[0]):
        return
    kind = _kind(text, before, whole, first.start)
    if kind == "name" and _is_thing(text, before, whole, last, after):
        return
    end = last.end
    if (
        kind == "company"
        and whole[-1].replace(".", "") in LEGAL
        and text[end : end + 1] == "."
        and "." not in whole[-1]
    ):
        rest = text[end + 1 : end + 3]
        end += (
            1
            if whole[-1] in ("Inc", "Ltd", "Corp", "Co") and (not rest.strip() or not rest.strip()[0].isupper())
            else 0
        )
    yield Span(first.start, end, kind)


def _kind(text: str, before: _Word | None, whole: Sequence[str], start: int) -> Kind:
    tail = whole[-1].replace(".", "")
    if len(whole) > 1 and (tail in LEGAL or whole[-1] in TRADES or "&" in whole):
        return "company"
    near = before is not None and not text[before.end : start].strip(" ,")
    if (
        near
        and before is not None
        and before.text.lower() in AT_COMPANY
        and not any(is_first_name(word) for word in whole)
    ):
        wide = len(whole) > 1 and not any(_INITIALS.match(word) or word in PARTICLES for word in whole)
        if wide or before.text.lower() in ("at", "joined", "acquired", "bought"):
            return "company"
    return "name"


def _is_thing(text: str, before: _Word | None, whole: Sequence[str], last: _Word, after: _Word | None) -> bool:
    """Whether what looks like a name is a project, a law or a tool."""
    if len(whole) == 1 and before is not None and before.text in NAMING and text[before.end : last.start].isspace():
        return True
    gap = text[last.end : after.start] if after else ""
    if after is None or after.text not in THINGS:
        return False
    if gap == " ":
        return not is_first_name(whole[0])
    return gap.endswith("s ") and after.text in LAWS and not is_first_name(whole[0].partition("-")[0])


def _reversed(text: str) -> list[Span]:
    """Surname and first name in capitals with a comma."""
    return [
        Span(*match.span(), "name")
        for match in _REVERSED.finditer(text)
        if match[1].isupper() and match[2].isupper() and not is_common(match[1]) and not is_common(match[2])
    ]


def _again(text: str, read: Sequence[_Word], found: Sequence[Span], terms: frozenset[str]) -> Iterator[Span]:
    """Parts of full names that stand alone elsewhere, where nothing else told that they are names."""
    parts = {word for span in found if span.kind == "name" for word in _TOKEN.findall(text[span.start : span.end])}
    parts -= terms | {word for word in parts if _INITIALS.match(word) or word in PARTICLES or is_common(word)}
    for word in read:
        if word.text in parts and all(word.end <= span.start or span.end <= word.start for span in found):
            yield Span(word.start, word.end, "name")
