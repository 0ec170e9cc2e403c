"""Texts that a rubric must tell apart: made from the rubric itself, or the same for all."""

from __future__ import annotations

import re

from evaluator.bank import content_terms
from evaluator.domain import Criterion, Question, Rubric

OFF_TOPIC = (
    "Last summer we renovated the kitchen of my grandmother's cottage. I took the old cupboards off the wall, "
    "sanded the floor for three days and painted everything in a light grey. My brother did the tiles, which came "
    "out slightly crooked, and my aunt cooked for all of us on a camping stove in the garden. In the evenings we "
    "played cards. What I learned is that you should measure twice before you saw, and that nobody agrees about "
    "colours."
)
"""An honest text about something else: no rubric of any bank for work should find anything in it."""

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


def keyword_soup(rubric: Rubric) -> str:
    """The rubric's own words without any of its substance, as somebody would write who has seen the rubric."""
    sentences = []
    for criterion in rubric.criteria:
        terms = content_terms(" ".join((criterion.statement, *criterion.points)))
        sentences.append(f"{', '.join(terms).capitalize()}.")
    return " ".join(sentences)


def without_source(question: Question, criterion: Criterion) -> str | None:
    """The model answer without the sentences that the criterion came from; None where it has no source in it."""
    if not (question.model_answer and criterion.source):
        return None
    answer = " ".join(question.model_answer.split())
    source = " ".join(criterion.source.split())
    start = answer.find(source)
    if start < 0:
        return None
    end = start + len(source)
    kept, position = [], 0
    for sentence in _SENTENCE_END.split(answer):
        place = answer.index(sentence, position)
        position = place + len(sentence)
        if position <= start or place >= end:
            kept.append(sentence)
    return " ".join(kept)
