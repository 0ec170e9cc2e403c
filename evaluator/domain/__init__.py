"""Frozen objects that every other room works with."""

from evaluator.domain.answer import Answer
from evaluator.domain.assessment import Assessment, Evidence, Finding, RedFlagFinding, Usage, Verdict
from evaluator.domain.evaluation import (
    CriterionResult,
    Evaluation,
    Graded,
    PointResult,
    Provenance,
    RedFlagResult,
    Scorecard,
    Summary,
    Ungraded,
)
from evaluator.domain.question import Frozen, Level, Question
from evaluator.domain.rubric import Band, Criterion, Examples, RedFlag, Rubric, Scale

__all__ = [
    "Answer",
    "Assessment",
    "Band",
    "Criterion",
    "CriterionResult",
    "Evaluation",
    "Evidence",
    "Examples",
    "Finding",
    "Frozen",
    "Graded",
    "Level",
    "PointResult",
    "Provenance",
    "Question",
    "RedFlag",
    "RedFlagFinding",
    "RedFlagResult",
    "Rubric",
    "Scale",
    "Scorecard",
    "Summary",
    "Ungraded",
    "Usage",
    "Verdict",
]
