"""Grade one answer."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version

from evaluator.domain import Assessment, Graded, Provenance, Scale, Ungraded, Usage
from evaluator.errors import JudgeError, UnreachableError
from evaluator.honesty import remarks_on
from evaluator.judges import Case, Judge
from evaluator.runs.fingerprint import fingerprint
from evaluator.scoring import score, unassessed_share


@dataclass(frozen=True, slots=True)
class _Made:
    mark: str
    started: float


async def grade_one(case: Case, scale: Scale, judge: Judge, *, mark: str | None = None) -> Graded | Ungraded:
    """Judge and score one answer.

    Args:
        case: The answer, its question and its rubric.
        scale: Turns judgement into a score.
        judge: Who judges.
        mark: The fingerprint, where the caller has it already.

    Returns:
        A graded evaluation; an ungraded one, with the reason, where the judge could not tell.

    Raises:
        UnreachableError: The judge was never reached, so that no other answer would fare better.
    """
    made = _Made(mark or fingerprint(case, scale, judge.identity), time.perf_counter())
    if not case.answer.text.strip():
        return _ungraded(case, judge, JudgeError("empty", "The answer is empty."), made)
    try:
        assessment = await judge.assess(case)
    except UnreachableError:
        raise
    except JudgeError as error:
        return _ungraded(case, judge, error, made)
    share = unassessed_share(case.rubric, assessment)
    if share > scale.max_unassessed or share == 1:
        return _ungraded(case, judge, _too_little(case, scale, assessment, share), made, assessment.usage)
    card = score(case.rubric, scale, assessment)
    return Graded(
        question_id=case.question.id,
        answer_id=case.answer.id,
        candidate=case.answer.candidate,
        score=card.score,
        band=card.band,
        criteria=card.criteria,
        red_flags=card.red_flags,
        summary=card.summary,
        flags=tuple(remark.flag for remark in remarks_on(case.answer.text, case.question, case.rubric)),
        provenance=_provenance(case, judge, assessment.usage, made),
    )


def _too_little(case: Case, scale: Scale, assessment: Assessment, share: float) -> JudgeError:
    open_ones = [f for f in assessment.findings if f.points is None]
    reasons = sorted({flag for f in open_ones for flag in f.flags}) or ["the judge was not sure enough"]
    return JudgeError(
        "too_little_assessed",
        f"{len(open_ones)} of {len(case.rubric.criteria)} criteria, {share:.0%} of the weight, could not be assessed "
        f"({', '.join(reasons)}); at most {scale.max_unassessed:.0%} may be.",
        attempts=assessment.usage.calls,
    )


def ungraded(case: Case, judge: Judge, error: JudgeError, mark: str) -> Ungraded:
    """The evaluation of an answer that could not be judged, with the reason that `error` gives."""
    return _ungraded(case, judge, error, _Made(mark, time.perf_counter()))


def _ungraded(case: Case, judge: Judge, error: JudgeError, made: _Made, usage: Usage | None = None) -> Ungraded:
    return Ungraded(
        question_id=case.question.id,
        answer_id=case.answer.id,
        reason=error.reason,
        detail=" ".join(part for part in (error.message, error.hint) if part),
        attempts=error.attempts,
        provenance=_provenance(case, judge, usage or error.usage or Usage(calls=error.attempts), made),
    )


def _provenance(case: Case, judge: Judge, usage: Usage, made: _Made) -> Provenance:
    identity = judge.identity
    seconds = round(time.perf_counter() - made.started, 3)
    return Provenance(
        fingerprint=made.mark,
        judge=identity.judge,
        model=identity.model,
        prompt=identity.prompt,
        rubric_version=case.rubric.version,
        evaluator_version=_version(),
        usage=usage.model_copy(update={"seconds": seconds}),
    )


@cache
def _version() -> str:
    return version("answer-evaluator")
