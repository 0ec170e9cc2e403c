"""Copies of what the answer is judged by: of the rubric and its question, and of the model answer."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz import fuzz, process

from evaluator.domain import Evidence, Question, Rubric
from evaluator.honesty.spans import Span, joined, sentences

_NEAR = 88.0
"""Least similarity of two sentences (0 to 100, rapidfuzz) that are copies but for a few letters."""

_MIN_WORDS = 5
_MIN_SHARE = 0.4
_LEAD = re.compile(
    r"^(?:the|my|this|a good) (?:answer|text)(?: says| shows)?(?: that)?\s+|^[^\w]+|^\d+[.)]\s*(?:the answer\s+)?"
)
_END = re.compile(r"\W+(?:true|met|yes|\[x\])?\W*$")
_SPACE = re.compile(r"\s+")


def copied_from_rubric(text: str, question: Question, rubric: Rubric) -> tuple[Evidence, ...]:
    """Sentences of `text` that are near copies of a statement, of a point or of the question."""
    statements = [criterion.statement for criterion in rubric.criteria]
    statements += [point for criterion in rubric.criteria for point in criterion.points]
    statements += [flag.statement for flag in rubric.red_flags]
    return joined(_copies(text, _wanted(question.text, *statements)), text)


def copied_from_model_answer(text: str, question: Question) -> tuple[Evidence, ...]:
    """Sentences of `text` that are near copies of the question's model answer.

    Empty unless they make up two fifths of the model answer, or of `text`: one sentence may be alike by chance.
    """
    model = question.model_answer or ""
    spans = _copies(text, _wanted(model))
    copied = sum(end - start for start, end in spans)
    if not spans or copied < _MIN_SHARE * min(len(model), len(text.strip())):
        return ()
    return joined(spans, text)


@lru_cache(maxsize=256)
def _wanted(prose: str, *statements: str) -> tuple[str, ...]:
    """The cores of the statements and of the sentences of `prose`, as far as they are long enough to be known again."""
    sources = [*statements, *(prose[start:end] for start, end in sentences(prose))]
    return tuple(core for source in sources if len((core := _core(source)).split()) >= _MIN_WORDS)


@lru_cache(maxsize=64)  # a judge asks, and then the remarks on the answer
def _copies(text: str, wanted: tuple[str, ...]) -> tuple[Span, ...]:
    if not wanted:
        return ()
    return tuple(
        span
        for span, core in _cores(text)
        if process.extractOne(core, wanted, scorer=fuzz.ratio, score_cutoff=_NEAR) is not None
    )


@lru_cache(maxsize=8)
def _cores(text: str) -> tuple[tuple[Span, str], ...]:
    """The sentences of an answer that are long enough to be a copy."""
    spans = [(start, end) for start, end in sentences(text) if len(text[start:end].split()) >= _MIN_WORDS]
    return tuple(((start, end), _core(text[start:end])) for start, end in spans)


def _core(sentence: str) -> str:
    """A sentence without what is put around it: "The answer says that ..." and a number or a tick."""
    plain = _SPACE.sub(" ", sentence).strip().lower()
    for _ in range(2):
        plain = _LEAD.sub("", plain)
    return _END.sub("", plain)
