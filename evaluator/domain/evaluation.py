"""The result: what is stored, printed and exported. Section by section it is the JSON of one evaluation."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from evaluator.domain.assessment import Evidence, Usage, Verdict
from evaluator.domain.question import Frozen


class PointResult(Frozen):
    """One point of a criterion and whether the answer meets it (None: not assessed)."""

    statement: str
    met: bool | None


class CriterionResult(Frozen):
    """One criterion of a graded answer. `credit` is points met / points, or None where unassessed."""

    id: str
    statement: str
    weight: int
    verdict: Verdict
    credit: float | None
    confidence: float
    points: tuple[PointResult, ...]
    evidence: tuple[Evidence, ...]
    gap: str
    suggestion: str
    flags: tuple[str, ...]


class RedFlagResult(Frozen):
    """One red flag of a graded answer; `present` is None where the judge could not tell."""

    id: str
    present: bool | None
    confidence: float
    evidence: tuple[Evidence, ...]
    flags: tuple[str, ...]


class Summary(Frozen):
    """What is there already, and what to add first (most valuable first)."""

    strengths: tuple[str, ...]
    next_steps: tuple[str, ...]


class Scorecard(Frozen):
    """The arithmetic result for one answer: `score` is 0 to 100, rounded to one decimal."""

    score: float
    band: str
    criteria: tuple[CriterionResult, ...]
    red_flags: tuple[RedFlagResult, ...]
    summary: Summary


class Provenance(Frozen):
    """What produced an evaluation.

    `fingerprint` is the SHA-256 of everything that could change the result; `prompt` is name, version and digest
    of the templates ("grade/v1@1f0c..."), or None for a judge that uses none. `usage.seconds` is the only value
    that differs between two runs of a deterministic judge.
    """

    fingerprint: str
    judge: str
    model: str
    prompt: str | None
    rubric_version: int
    evaluator_version: str
    usage: Usage


class _Record(Frozen):
    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)

    schema_version: Literal[1] = Field(default=1, alias="schema")


class Graded(_Record):
    """An answer that was judged.

    `flags` are machine-readable remarks on the answer as a whole ("addresses_grader", "hidden_text", "copied_rubric",
    "copied_model_answer", "copied_from:ID"). They change no score.
    """

    status: Literal["graded"] = "graded"
    question_id: str
    answer_id: str
    candidate: str | None
    score: float
    band: str
    criteria: tuple[CriterionResult, ...]
    red_flags: tuple[RedFlagResult, ...]
    summary: Summary
    flags: tuple[str, ...] = ()
    provenance: Provenance


class Ungraded(_Record):
    """An answer that could not be judged, and why. It has no score: not judged is not zero."""

    status: Literal["ungraded"] = "ungraded"
    question_id: str
    answer_id: str
    reason: str
    detail: str
    attempts: int
    provenance: Provenance


Evaluation = Annotated[Graded | Ungraded, Field(discriminator="status")]
