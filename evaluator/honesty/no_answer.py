"""What of an answer no judge should go by: all that is no answer of its writer, and what hangs together with it.

It is more than what gets a flag: a judge that compares sentences takes every quotation and every example for a claim,
and a language model can quote them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from evaluator.domain import Question, Rubric
from evaluator.honesty.copied import copied_from_model_answer, copied_from_rubric
from evaluator.honesty.remarks import unbelieved_spans
from evaluator.honesty.spans import PARAGRAPH, Span, sentences

_FENCED = re.compile(r"^[ \t]*(```|~~~).*?(?:^[ \t]*\1[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_QUOTED = re.compile(r"[\"\u201c\u00ab]([^\"\u201c\u201d\u00ab\u00bb\n]{20,400})[\"\u201d\u00bb]")
_MOSTLY = 0.6
_REST = 160
_PASTED = 3


def no_answer(text: str, question: Question, rubric: Rubric) -> tuple[Span, ...]:
    """Spans of a text that are no answer of its writer, in order; they may overlap.

    These are `unbelieved_spans`; copies of the question or of the rubric, also between quotation marks, where there
    are three or more (a short honest sentence may be a point of the rubric by chance) and the model answer does not say
    it in these words too; code blocks that hold such a passage; the short rest of a paragraph that is mostly such a
    passage.
    """
    unbelieved = list(unbelieved_spans(text))
    spans = [*unbelieved, *_pasted(text, question, rubric)]
    found = [*spans, *_blocks(text, spans), *_rests(text, unbelieved)]
    return tuple(sorted((start, end) for start, end in found if start < end))


def _pasted(text: str, question: Question, rubric: Rubric) -> list[Span]:
    spans = [*_copied(text, question, rubric), *_quoted(text, question, rubric)]
    return spans if sum(len(sentences(text[start:end])) for start, end in spans) >= _PASTED else []


def _copied(text: str, question: Question, rubric: Rubric) -> Iterator[Span]:
    for found in copied_from_rubric(text, question, rubric):
        if not copied_from_model_answer(found.quote, question):
            yield found.start, found.end


def _quoted(text: str, question: Question, rubric: Rubric) -> Iterator[Span]:
    for found in _QUOTED.finditer(text):
        if any(_copied(found[1], question, rubric)):
            yield found.span()


def _blocks(text: str, spans: list[Span]) -> Iterator[Span]:
    for block in _FENCED.finditer(text):
        if any(start < block.end() and block.start() < end for start, end in spans):
            yield block.span()


def _rests(text: str, spans: list[Span]) -> Iterator[Span]:
    for paragraph in PARAGRAPH.finditer(text):
        first, last = paragraph.span()
        inside = sorted((max(start, first), min(end, last)) for start, end in spans if start < last and first < end)
        if not inside or _covered(inside) < _MOSTLY * (last - first):
            continue
        if inside[0][0] - first <= _REST:
            yield first, inside[0][0]
        end = max(end for _, end in inside)
        if last - end <= _REST:
            yield end, last


def _covered(spans: list[Span]) -> int:
    """How many characters lie in at least one of the spans, which are in order."""
    total, reached = 0, 0
    for start, end in spans:
        total += max(0, end - max(start, reached))
        reached = max(reached, end)
    return total
