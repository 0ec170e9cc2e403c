"""Which sentences of a model answer the sources of the criteria touch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from evaluator.bank import content_terms
from evaluator.domain import Evidence
from evaluator.judges.embedded.segments import sentences

SUBSTANTIVE_WORDS = 4
"""A sentence with fewer words that carry meaning ("The treatment is short.") holds nothing to ask for."""

TOUCHED = 1 / 3
"""A sentence counts as covered when sources hold at least this share of its characters."""

COVERED_MIN = 0.6
"""Least share of the substantive sentences to cover. Introductions and conclusions need no criterion: in the shipped
rubrics, one sentence in ten has none."""

_MOST = 500


@dataclass(frozen=True, slots=True)
class Coverage:
    """The substantive sentences of a model answer, and those of them that no source touches."""

    substantive: tuple[str, ...]
    uncovered: tuple[str, ...]

    @property
    def share(self) -> float:
        """Covered sentences / substantive sentences, 0 to 1; 1 where there are none."""
        return 1 - len(self.uncovered) / len(self.substantive) if self.substantive else 1.0


def cover(model_answer: str, spans: Iterable[Evidence]) -> Coverage:
    """Compare the sentences of a model answer with the spans that criteria came from."""
    touched: set[int] = set()
    for span in spans:
        touched.update(range(span.start, span.end))
    every, uncovered = [], []
    for start, end in substantive_spans(model_answer):
        every.append(model_answer[start:end])
        if len(touched & set(range(start, end))) < TOUCHED * (end - start):
            uncovered.append(model_answer[start:end])
    return Coverage(tuple(every), tuple(uncovered))


def substantive_spans(model_answer: str) -> list[tuple[int, int]]:
    """Start and end of each sentence that says something."""
    bounds = sentences(model_answer, _MOST)
    return [(start, end) for start, end in bounds if len(content_terms(model_answer[start:end])) >= SUBSTANTIVE_WORDS]
