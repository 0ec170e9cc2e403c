"""Does a rubric behave: its model answer scores nearly full, texts without the substance score nothing?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evaluator.domain import Answer, Graded, Question, Rubric, Scale
from evaluator.judges import Case, Judge
from evaluator.proof.probes import OFF_TOPIC, keyword_soup, without_source
from evaluator.runs import grade_one

MODEL_ANSWER_MIN = 90.0
"""The model answer scores at least this."""

OFF_TOPIC_MAX = 15.0
"""A text about something else scores at most this."""

SOUP_MAX = 25.0
"""The rubric's own words without substance score less than this."""

MARGIN_MIN = 40.0
"""Points by which a model answer should score higher under its own rubric than under any other."""

KEPT_MIN = 0.8
"""Confidence from which "met" without the source sentence is worth a remark; below, the judge may well be generous."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a judge makes of the probes of one rubric. Scores are 0 to 100; None where the judge gave none.

    `kept` are the ids of the criteria that the model answer still meets in full, and surely, with their source sentence
    removed.
    """

    question_id: str
    has_model_answer: bool
    model_answer: float | None
    not_met: tuple[str, ...]
    empty: float | None
    off_topic: float | None
    keyword_soup: float | None
    kept: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Scores of every model answer (row) under every rubric (column), both in bank order; None where ungraded."""

    ids: tuple[str, ...]
    scores: tuple[tuple[float | None, ...], ...]

    def margin(self, row: int) -> float | None:
        """How far the own rubric's score lies above the best of the others; None where either is missing."""
        own = self.scores[row][row]
        others = [score for column, score in enumerate(self.scores[row]) if column != row and score is not None]
        return None if own is None or not others else own - max(others)

    def rival(self, row: int) -> str:
        """The other question under whose rubric this model answer scores highest."""
        others = [(score or 0.0, column) for column, score in enumerate(self.scores[row]) if column != row]
        return self.ids[max(others, key=lambda item: item[0])[1]]


async def observe(question: Question, rubric: Rubric, scale: Scale, judge: Judge) -> Behaviour:
    """Grade the probes of one rubric.

    Raises:
        UnreachableError: The judge was never reached.
    """

    async def run(text: str) -> Graded | None:
        answer = Answer(id="probe", question_id=question.id, text=text)
        evaluation = await grade_one(Case(question, rubric, answer), scale, judge)
        return evaluation if isinstance(evaluation, Graded) else None

    full = await run(question.model_answer) if question.model_answer else None
    kept = []
    for criterion in rubric.criteria:
        shortened = without_source(question, criterion)
        result = await run(shortened) if shortened else None
        same = next((c for c in result.criteria if c.id == criterion.id), None) if result else None
        if same and same.verdict == "met" and same.confidence >= KEPT_MIN:
            kept.append(criterion.id)
    return Behaviour(
        question_id=question.id,
        has_model_answer=bool(question.model_answer),
        model_answer=full.score if full else None,
        not_met=tuple(c.id for c in full.criteria if c.verdict != "met") if full else (),
        empty=_score(await run("")),
        off_topic=_score(await run(OFF_TOPIC)),
        keyword_soup=_score(await run(keyword_soup(rubric))),
        kept=tuple(kept),
    )


async def cross(
    pairs: Sequence[tuple[Question, Rubric]], scale: Scale, judge: Judge, step: Callable[[], None] = lambda: None
) -> Matrix:
    """Grade every model answer under every rubric; `step` is called after each row.

    Raises:
        UnreachableError: The judge was never reached.
    """
    with_answer = [(question, rubric) for question, rubric in pairs if question.model_answer]
    rows = []
    for question, _ in with_answer:
        row = []
        for other, rubric in with_answer:
            answer = Answer(id=question.id, question_id=other.id, text=question.model_answer or "")
            evaluation = await grade_one(Case(other, rubric, answer), scale, judge)
            row.append(_score(evaluation if isinstance(evaluation, Graded) else None))
        rows.append(tuple(row))
        step()
    return Matrix(tuple(question.id for question, _ in with_answer), tuple(rows))


def _score(graded: Graded | None) -> float | None:
    return graded.score if graded else None
