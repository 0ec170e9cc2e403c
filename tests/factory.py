"""Small objects that tests build on."""

from __future__ import annotations

from evaluator.domain import (
    Answer,
    Assessment,
    Band,
    Criterion,
    Examples,
    Finding,
    Question,
    RedFlag,
    RedFlagFinding,
    Rubric,
    Scale,
)
from evaluator.judges import Case

SCALE = Scale(
    bands=(
        Band(name="strong", lower=70, meaning="Most is here."),
        Band(name="solid", lower=50, meaning="The core is here."),
        Band(name="thin", lower=0, meaning="Little is here."),
    ),
    red_flag_cap="solid",
    max_unassessed=0.4,
)

QUESTION = Question(
    id="on-call",
    number=7,
    level="foundational",
    themes=("incident-response",),
    text="How do you run on-call?",
    model_answer="Every service has an owner who is paged. We review each page on Monday.",
    model_answer_source="article",
)

RUBRIC = Rubric(
    question="on-call",
    version=1,
    criteria=(
        Criterion(
            id="owner-paged",
            statement="The answer says that the owner of a service is paged.",
            weight=4,
            points=("The answer says that a service has an owner.", "The answer says that the owner is paged."),
            source="Every service has an owner who is paged.",
            advice="Say who is woken up, for example the team that wrote the code.",
            examples=Examples(accept=("Whoever built it gets the call at night.",), reject=("We care about on-call.",)),
        ),
        Criterion(
            id="page-review",
            statement="The answer says that pages are reviewed every week.",
            weight=1,
            points=("The answer says that pages are reviewed every week.",),
            advice="Say when pages are looked at again.",
        ),
    ),
    red_flags=(
        RedFlag(
            id="hero-culture",
            statement="The answer praises people for working through the night.",
            penalty=20,
            advice="Praise the fix that lets people sleep.",
        ),
    ),
)

ANSWER = Answer(
    id="a1", question_id="on-call", text="Each service has an owner, and we page them. On Monday we look at it."
)
CASE = Case(QUESTION, RUBRIC, ANSWER)


def finding(criterion_id: str, *points: bool, **values: object) -> Finding:
    """A finding with these points; none at all means unassessed."""
    fields = {"criterion_id": criterion_id, "points": points or None, "confidence": 0.9, **values}
    return Finding.model_validate(fields)


def assessment(*findings: Finding, hero: bool | None = False) -> Assessment:
    """An assessment of the factory's rubric."""
    red_flag = RedFlagFinding(red_flag_id="hero-culture", present=hero, confidence=0.9)
    return Assessment(findings=findings, red_flags=(red_flag,))
