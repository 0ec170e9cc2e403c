"""Copies of what the answer is judged by: of the rubric and its question, and of the model answer."""

from __future__ import annotations

import re
from collections.abc import Iterable
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
    sources = [criterion.statement for criterion in rubric.criteria]
    sources += [point for criterion in rubric.criteria for point in criterion.points]
    sources += [flag.statement for flag in rubric.red_flags]
    sources += [question.text[start:end] for start, end in sentences(question.text)]
    return joined(_copies(text, sources), text)


def copied_from_model_answer(text: str, question: Question) -> tuple[Evidence, ...]:
    """Sentences of `text` that are near copies of the question's model answer.

    Empty unless they make up two fifths of the model answer, or of `text`: one sentence may be alike by chance.
    """
    model = question.model_answer or ""
    sources = [model[start:end] for start, end in sentences(model)]
    spans = _copies(text, sources)
    copied = sum(end - start for start, end in spans)
    if not spans or copied < _MIN_SHARE * min(len(model), len(text.strip())):
        return ()
    return joined(spans, text)


def _copies(text: str, sources: Iterable[str]) -> list[Span]:
    wanted = [core for source in sources if len((core := _core(source)).split()) >= _MIN_WORDS]
    if not wanted:
        return []
    spans = [span for span in sentences(text) if len(text[span[0] : span[1]].split()) >= _MIN_WORDS]
    return [
        (start, end)
        for start, end in spans
        if process.extractOne(_core(text[start:end]), wanted, scorer=fuzz.ratio, score_cutoff=_NEAR) is not None
    ]


@lru_cache(maxsize=1024)
def _core(sentence: str) -> str:
    """A sentence without what is put around it: "The answer says that ..." and a number or a tick."""
    plain = _SPACE.sub(" ", sentence).strip().lower()
    for _ in range(2):
        plain = _LEAD.sub("", plain)
    return _END.sub("", plain)
