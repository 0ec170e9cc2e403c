"""From a judge's findings to a score, a band and the most valuable next steps. Pure arithmetic."""

from __future__ import annotations

from evaluator.domain import (
    Assessment,
    Criterion,
    CriterionResult,
    Finding,
    PointResult,
    RedFlagResult,
    Rubric,
    Scale,
    Scorecard,
    Summary,
)

MAX_NEXT_STEPS = 3
MAX_STRENGTHS = 3


def score(rubric: Rubric, scale: Scale, assessment: Assessment) -> Scorecard:
    """Turn an assessment into a scorecard.

    score = 100 x sum(weight x points met / points) / sum(weight), over the assessed criteria, less the penalty of
    every red flag that is present, never below 0, rounded to one decimal.

    Args:
        rubric: The rubric that was judged by.
        scale: Bands and what a red flag does to them.
        assessment: One finding per criterion and per red flag, in rubric order.

    Raises:
        ValueError: The findings are not those of the rubric, or no criterion at all was assessed.
    """
    pairs = _pair(rubric, assessment)
    assessed = [(c, f) for c, f in pairs if f.points is not None]
    if not assessed:
        raise ValueError(f"no criterion of {rubric.question} was assessed: there is nothing to score")
    gained = sum(c.weight * credit(f) for c, f in assessed)
    present = {f.red_flag_id for f in assessment.red_flags if f.present}
    penalty = sum(flag.penalty for flag in rubric.red_flags if flag.id in present)
    points = round(max(0.0, 100 * gained / sum(c.weight for c, _ in assessed) - penalty), 1)
    return Scorecard(
        score=points,
        band=band(scale, points, capped=bool(present)),
        criteria=tuple(_criterion_result(c, f) for c, f in pairs),
        red_flags=tuple(
            RedFlagResult(
                id=f.red_flag_id, present=f.present, confidence=f.confidence, evidence=f.evidence, flags=f.flags
            )
            for f in assessment.red_flags
        ),
        summary=Summary(strengths=_strengths(pairs, assessment), next_steps=_next_steps(pairs, rubric, present)),
    )


def credit(finding: Finding) -> float:
    """Share of the points met, 0 to 1; 0 for a finding without points (which no score counts)."""
    return sum(finding.points) / len(finding.points) if finding.points else 0.0


def band(scale: Scale, points: float, *, capped: bool) -> str:
    """Name of the band for a score of 0 to 100; with `capped`, at most the band that a red flag allows."""
    names = [b.name for b in scale.bands]
    index = next(i for i, b in enumerate(scale.bands) if points >= b.lower)
    return names[max(index, names.index(scale.red_flag_cap)) if capped else index]


def unassessed_share(rubric: Rubric, assessment: Assessment) -> float:
    """Share of the rubric's weight, 0 to 1, that could not be assessed."""
    pairs = _pair(rubric, assessment)
    return sum(c.weight for c, f in pairs if f.points is None) / sum(c.weight for c, _ in pairs)


def _pair(rubric: Rubric, assessment: Assessment) -> list[tuple[Criterion, Finding]]:
    expected = [c.id for c in rubric.criteria], [f.id for f in rubric.red_flags]
    found = [f.criterion_id for f in assessment.findings], [f.red_flag_id for f in assessment.red_flags]
    if expected != found:
        raise ValueError(f"findings {found} are not those of the rubric {rubric.question}: {expected}")
    pairs = list(zip(rubric.criteria, assessment.findings, strict=True))
    for criterion, finding in pairs:
        if finding.points is not None and len(finding.points) != len(criterion.points):
            raise ValueError(f"{criterion.id}: {len(finding.points)} points judged of {len(criterion.points)}")
    return pairs


def _criterion_result(criterion: Criterion, finding: Finding) -> CriterionResult:
    met = finding.points or (None,) * len(criterion.points)
    complete = finding.verdict in ("met", "unassessed")
    return CriterionResult(
        id=criterion.id,
        statement=criterion.statement,
        weight=criterion.weight,
        verdict=finding.verdict,
        credit=None if finding.points is None else round(credit(finding), 4),
        confidence=finding.confidence,
        points=tuple(PointResult(statement=s, met=m) for s, m in zip(criterion.points, met, strict=True)),
        evidence=finding.evidence,
        gap="" if finding.verdict == "met" else finding.gap,
        suggestion="" if complete else finding.suggestion or criterion.advice,
        flags=finding.flags,
    )


def _next_steps(pairs: list[tuple[Criterion, Finding]], rubric: Rubric, present: set[str]) -> tuple[str, ...]:
    """Advice of what costs most: weight lost as a share of the whole, or the penalty of a red flag, in score points."""
    total = sum(c.weight for c, f in pairs if f.points is not None)
    lost = [
        (100 * c.weight * (1 - credit(f)) / total, f.suggestion or c.advice)
        for c, f in pairs
        if f.points is not None and f.verdict != "met"
    ]
    lost += [(float(flag.penalty), flag.advice) for flag in rubric.red_flags if flag.id in present]
    return tuple(text for _, text in sorted(lost, key=lambda item: -item[0])[:MAX_NEXT_STEPS])


def _strengths(pairs: list[tuple[Criterion, Finding]], assessment: Assessment) -> tuple[str, ...]:
    """What the judge praised; failing that, the statements of the heaviest criteria that are met."""
    if assessment.strengths:
        return assessment.strengths[:MAX_STRENGTHS]
    met = sorted((c for c, f in pairs if f.verdict == "met"), key=lambda c: -c.weight)
    return tuple(c.statement for c in met[:MAX_STRENGTHS])
