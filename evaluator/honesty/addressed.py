"""Passages that speak to the grader instead of answering: orders, forged verdicts and messages, invented examples."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from evaluator.domain import Evidence
from evaluator.honesty.spans import PARAGRAPH, Seen, Span, joined, seen, sentences
from evaluator.honesty.words import CUES, OPENER, SHOT, SHOT_WORDS, STRONG, TAG, UNSPACED

_ENOUGH_CUES = 2
_ENOUGH_SHOTS = 3
_MAX_BRIDGE = 160
_MAY_HOLD_TAG = re.compile(r"[<\[\uff1c\u2039\u27e8\u2329\u3008]|&lt;")
_MAY_HOLD_CUE = re.compile(
    r"[^\x00-\x7f]|rubric|criteri|grad|scor|mark|point|flag|verdict|label|evaluat|assess|examiner|maximum"
)


@lru_cache(maxsize=64)
def addressed_passages(text: str) -> tuple[Evidence, ...]:
    """What of an answer gives orders to its grader or claims a verdict.

    Sentences are looked at one by one. Between two that are addressed to the grader, a short passage of the same
    paragraph belongs to them, as does the rest of a paragraph that begins as a note to the grader.
    """
    read = seen(text)
    spans = _strong(read) + _cued(read) + _shots(read)
    if not spans:
        return ()
    spans = [read.back(*span) for span in _widened(spans, read.text)]
    return joined(spans, text)


def _strong(read: Seen) -> list[Span]:
    whole = sentences(read.text)
    text = read.text
    likely = [pattern for words, pattern in STRONG if any(word in text for word in words)]
    hits = [_around(found.span(), whole) for pattern in likely for found in pattern.finditer(text)]
    if not _MAY_HOLD_TAG.search(text):
        return hits
    # A tag stands where the answer ends: what comes before it in the line is still the answer.
    return hits + [_from(found.span(), whole) for found in TAG.finditer(text)]


def _around(hit: Span, whole: tuple[Span, ...]) -> Span:
    """The sentences that a hit lies in."""
    first = max(bisect_right(whole, hit[0], key=_start) - 1, 0)
    last = bisect_left(whole, hit[1], key=_start)
    touched = [span for span in whole[first:last] if hit[0] < span[1]]
    return (min(hit[0], touched[0][0]), max(hit[1], touched[-1][1])) if touched else hit


def _start(span: Span) -> int:
    return span[0]


def _from(hit: Span, whole: tuple[Span, ...]) -> Span:
    return hit[0], _around(hit, whole)[1]


def _cued(read: Seen) -> list[Span]:
    return [
        (start, end)
        for start, end in sentences(read.text)
        if _MAY_HOLD_CUE.search(read.text, start, end) and _kinds(read.text[start:end]) >= _ENOUGH_CUES
    ]


def _kinds(sentence: str) -> int:
    found = [bool(cue.search(sentence) or bare.search(sentence)) for cue, bare in zip(CUES, UNSPACED, strict=True)]
    # Marks with an order or a claim, or the grader with any of them.
    return sum(found) if found[0] or found[1] else 0


def _shots(read: Seen) -> list[Span]:
    """From the first invented example to the last grade, where there are three grades or more."""
    if sum(read.text.count(word) for word in SHOT_WORDS) < _ENOUGH_SHOTS:
        return []
    shots = [found.span() for found in SHOT.finditer(read.text)]
    if len(shots) < _ENOUGH_SHOTS:
        return []
    whole = sentences(read.text)
    return [_around(shot, whole) for shot in shots]


def _widened(spans: list[Span], text: str) -> Iterator[Span]:
    for found in PARAGRAPH.finditer(text):
        inside = sorted(span for span in spans if span[0] < found.end() and found.start() < span[1])
        yield from inside
        for (_, end), (start, _) in pairwise(inside):
            if 0 < start - end <= _MAX_BRIDGE:
                yield end, start
        opening = [OPENER.search(text, start, end) for start, end in inside]
        first = next((hit.start() for hit in opening if hit), None)
        if first is not None:
            yield first, found.end()
