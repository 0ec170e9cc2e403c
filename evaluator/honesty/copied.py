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
_SHORT = 97.0
"""The same for sentences of three or four words, which resemble each other easily."""

_MIN_SHORT_WORDS = 3
_MIN_SHARE = 0.4
_LEAD = re.compile(
    r"^(?:the|my|this|a good) (?:answer|text)(?: says| shows)?(?: that)?\s+"
    r"|^\[[^\]]{1,60}\]|^[\w-]{1,40} ?\([^)]{1,30}\):|^[^\w]+|^\w{1,3}[.)]\s"
)
_LEADS = 4
_END = re.compile(r"\W+(?:true|met|yes|\[x\])?\W*$")
_SPACE = re.compile(r"\s+")


def copied_from_rubric(
    text: str, question: Question, rubric: Rubric, *, examples: bool = False
) -> tuple[Evidence, ...]:
    """Sentences of `text` that are near copies of a statement, of a point, of a piece of advice or of the question.

    With `examples`, also of an example that meets a criterion: as an answer it would be right, were it one's own.
    """
    statements = [criterion.statement for criterion in rubric.criteria]
    statements += [point for criterion in rubric.criteria for point in criterion.points]
    statements += [criterion.advice for criterion in rubric.criteria]
    statements += [flag.statement for flag in rubric.red_flags]
    spans = _copies(text, _wanted(question.text, *statements))  # by itself, as judge and remarks both ask for it
    if examples:
        met = [example for criterion in rubric.criteria for example in criterion.examples.accept]
        spans += _copies(text, _wanted("", *met))
    return joined(spans, text)


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
    return tuple(core for source in sources if len((core := _core(source)).split()) >= _MIN_SHORT_WORDS)


@lru_cache(maxsize=64)  # a judge asks, and then the remarks on the answer
def _copies(text: str, wanted: tuple[str, ...]) -> tuple[Span, ...]:
    if not wanted:
        return ()
    return tuple(
        span
        for span, core, least in _cores(text)
        if process.extractOne(core, wanted, scorer=fuzz.ratio, score_cutoff=least) is not None
    )


@lru_cache(maxsize=8)
def _cores(text: str) -> tuple[tuple[Span, str, float], ...]:
    """The sentences of an answer that are long enough to be a copy, and how near each of them must come."""
    found = []
    for start, end in sentences(text):
        core = _core(text[start:end])
        count = len(core.split())
        if count >= _MIN_SHORT_WORDS:
            found.append(((start, end), core, _NEAR if count >= _MIN_WORDS else _SHORT))
    return tuple(found)


def _core(sentence: str) -> str:
    """A sentence without what is put around it: "The answer says that ...", a number, a name in brackets, a tick."""
    plain = _SPACE.sub(" ", sentence).strip().lower()
    for _ in range(_LEADS):
        plain, shorter = _LEAD.sub("", plain), plain
        if plain == shorter:
            break
    return _END.sub("", plain)
