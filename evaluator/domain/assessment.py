"""What a judge says about one answer, before any arithmetic."""

from __future__ import annotations

from typing import Literal

from evaluator.domain.question import Frozen

Verdict = Literal["met", "partial", "missed", "unassessed"]


class Evidence(Frozen):
    """A span of the answer: `answer.text[start:end] == quote`."""

    quote: str
    start: int
    end: int


class Finding(Frozen):
    """What a judge found for one criterion.

    `points` has one boolean per point of the criterion, or is None where the judge could not tell. `confidence`
    is the judge's probability (0 to 1) that the verdict is right. `flags` are machine-readable remarks, for
    instance "quote_not_found".
    """

    criterion_id: str
    points: tuple[bool, ...] | None
    confidence: float
    evidence: tuple[Evidence, ...] = ()
    gap: str = ""
    suggestion: str = ""
    flags: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """All points met: "met"; some: "partial"; none: "missed"; not judged: "unassessed"."""
        if self.points is None:
            return "unassessed"
        if all(self.points):
            return "met"
        return "partial" if any(self.points) else "missed"


class RedFlagFinding(Frozen):
    """Whether the answer commits one red flag; `present` is None where the judge could not tell."""

    red_flag_id: str
    present: bool | None
    confidence: float
    evidence: tuple[Evidence, ...] = ()
    flags: tuple[str, ...] = ()


class Usage(Frozen):
    """What one evaluation used. `cost_usd` is None where the price of the model is unknown."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = 0.0
    seconds: float = 0.0


class Assessment(Frozen):
    """A judge's reading of one answer: a finding for each criterion and each red flag, in rubric order."""

    findings: tuple[Finding, ...]
    red_flags: tuple[RedFlagFinding, ...] = ()
    strengths: tuple[str, ...] = ()
    usage: Usage = Usage()
