"""What every judge is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from evaluator.domain import Answer, Assessment, Question, Rubric


@dataclass(frozen=True, slots=True)
class Case:
    """All that a judge is given: one answer, its question and its rubric."""

    question: Question
    rubric: Rubric
    answer: Answer


@dataclass(frozen=True, slots=True)
class JudgeIdentity:
    """Who judged.

    `judge` is the specification as the user gives it ("embedded", "openai/gpt-5-mini"); `model` the exact model;
    `prompt` name, version and digest of its templates, or None; `settings` every other thing that could change a
    result (temperature, reply schema, call mode, ...), as text with stable order, for the fingerprint.
    """

    judge: str
    model: str
    prompt: str | None
    settings: str


class Judge(Protocol):
    """Reads one answer and returns an assessment."""

    @property
    def identity(self) -> JudgeIdentity:
        """Who this judge is; the same for all of its assessments."""
        ...

    async def assess(self, case: Case) -> Assessment:
        """Assess one answer.

        Returns:
            One finding per criterion and per red flag, in rubric order.

        Raises:
            JudgeError: the answer could not be judged; the reason says why.
        """
        ...
