"""Evaluations of the factory's question, for tests of the cohort's page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from evaluator.domain import Answer, Evidence, Graded, Provenance, Question, Rubric, Ungraded, Usage
from evaluator.reports.cohort import Cohort, collect
from evaluator.scoring import score
from tests.factory import QUESTION, RUBRIC, SCALE, assessment, finding

DAY = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@dataclass(frozen=True)
class FakeRecord:
    """One evaluation as a run hands it out."""

    answer: Answer
    evaluation: Graded | Ungraded
    extra: Mapping[str, str] = field(default_factory=dict)
    graded_at: datetime = DAY


def provenance(cost: float | None = 0.0) -> Provenance:
    """By a scripted judge."""
    return Provenance(
        fingerprint="0",
        judge="scripted",
        model="scripted",
        prompt=None,
        rubric_version=1,
        evaluator_version="0",
        usage=Usage(cost_usd=cost),
    )


def graded(  # noqa: PLR0913 - a record has as many sides
    who: str | None,
    owner: tuple[bool, ...],
    review: tuple[bool, ...],
    *,
    text: str = "We page the owner.",
    answer_id: str = "",
    hero: bool = False,
    gap: str = "It is not said who is paged.",
    question: Question = QUESTION,
    rubric: Rubric = RUBRIC,
    extra: Mapping[str, str] | None = None,
    cost: float | None = 0.0,
) -> FakeRecord:
    """A graded answer: points met of the two criteria, each with the whole text as its quote where any is met."""
    quote = (Evidence(quote=text, start=0, end=len(text)),)
    found = (
        finding("owner-paged", *owner, evidence=quote if any(owner) else (), gap="" if all(owner) else gap),
        finding("page-review", *review, evidence=quote if any(review) else (), gap="" if all(review) else gap),
    )
    card = score(rubric, SCALE, assessment(*found, hero=hero))
    answer = Answer(id=answer_id or f"{who}-{question.id}", question_id=question.id, text=text, candidate=who)
    flags = tuple(f.model_copy(update={"evidence": quote if f.present else ()}) for f in card.red_flags)
    made = Graded(
        question_id=question.id,
        answer_id=answer.id,
        candidate=who,
        score=card.score,
        band=card.band,
        criteria=card.criteria,
        red_flags=flags,
        summary=card.summary,
        provenance=provenance(cost),
    )
    return FakeRecord(answer, made, extra or {})


def ungraded(who: str, detail: str = "The answer is empty.", reason: str = "empty") -> FakeRecord:
    """An answer without a result."""
    answer = Answer(id=f"{who}-on-call", question_id="on-call", text="", candidate=who)
    made = Ungraded(
        question_id="on-call", answer_id=answer.id, reason=reason, detail=detail, attempts=0, provenance=provenance()
    )
    return FakeRecord(answer, made)


def cohort_of(*records: FakeRecord, questions: tuple[Question, ...] = (QUESTION,), details: int = 100) -> Cohort:
    """What is collected from these records."""
    rubrics = {q.id: RUBRIC.model_copy(update={"question": q.id}) for q in questions}
    return collect(records, {q.id: q for q in questions}, rubrics, SCALE, details=details)
