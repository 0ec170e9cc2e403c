"""Flat rows from stored evaluations. Where something is not known, the cell is None."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from evaluator.domain import CriterionResult, Graded, RedFlagResult
from evaluator.runs.store import Stored

Cell = str | int | float | bool | None
Kind = Literal["text", "whole", "number", "truth"]
Columns = dict[str, Kind]

_ANSWER: Columns = {
    "position": "whole",
    "answer_id": "text",
    "candidate": "text",
    "question_id": "text",
    "status": "text",
    "score": "number",
    "band": "text",
    "met": "whole",
    "partial": "whole",
    "missed": "whole",
    "unassessed": "whole",
    "red_flags": "text",
    "flags": "text",
    "strengths": "text",
    "next_steps": "text",
    "reason": "text",
    "detail": "text",
    "graded_at": "text",
    "current": "truth",
    "judge": "text",
    "model": "text",
    "prompt": "text",
    "rubric_version": "whole",
    "calls": "whole",
    "input_tokens": "whole",
    "output_tokens": "whole",
    "cost_usd": "number",
    "seconds": "number",
    "fingerprint": "text",
    "answer": "text",
}
_FINDING: Columns = {
    "position": "whole",
    "answer_id": "text",
    "candidate": "text",
    "question_id": "text",
    "graded_at": "text",
    "current": "truth",
    "kind": "text",
    "id": "text",
    "statement": "text",
    "weight": "whole",
    "verdict": "text",
    "credit": "number",
    "points_met": "whole",
    "points": "whole",
    "confidence": "number",
    "quotes": "text",
    "start": "whole",
    "end": "whole",
    "gap": "text",
    "suggestion": "text",
    "flags": "text",
}


@dataclass(frozen=True, slots=True)
class Table:
    """Columns in order, and rows one at a time, each with a cell for every column."""

    columns: Columns
    rows: Iterator[dict[str, Cell]]


def answer_rows(stored: Iterable[Stored], extra: Sequence[str]) -> Table:
    """One row per evaluation.

    Args:
        stored: Evaluations.
        extra: Names of the columns that the input carried through; one that is taken is called "input.NAME".
    """
    names = _extra_names(extra, _ANSWER)
    return Table(
        {**_ANSWER, **dict.fromkeys(names.values(), "text")}, ({**_answer(s), **_extra(s, names)} for s in stored)
    )


def finding_rows(stored: Iterable[Stored], extra: Sequence[str]) -> Table:
    """One row per criterion and red flag of each graded answer; the arguments are those of `answer_rows`."""
    names = _extra_names(extra, _FINDING)
    rows = ({**finding, **_extra(one, names)} for one in stored for finding in _findings(one))
    return Table({**_FINDING, **dict.fromkeys(names.values(), "text")}, rows)


def _extra_names(extra: Sequence[str], taken: Columns) -> dict[str, str]:
    names: dict[str, str] = {}
    used = set(taken)
    for name in extra:
        free = name
        while free in used:
            free = f"input.{free}"
        used.add(free)
        names[name] = free
    return names


def _extra(stored: Stored, names: dict[str, str]) -> dict[str, Cell]:
    return {column: stored.extra.get(name) for name, column in names.items()}


def _answer(stored: Stored) -> dict[str, Cell]:
    evaluation = stored.evaluation
    made = evaluation.provenance
    graded = evaluation if isinstance(evaluation, Graded) else None
    ungraded = None if isinstance(evaluation, Graded) else evaluation
    verdicts = [c.verdict for c in graded.criteria] if graded else None
    return {
        "position": stored.position,
        "answer_id": stored.answer.id,
        "candidate": stored.answer.candidate,
        "question_id": stored.answer.question_id,
        "status": evaluation.status,
        "score": graded.score if graded else None,
        "band": graded.band if graded else None,
        "met": verdicts.count("met") if verdicts is not None else None,
        "partial": verdicts.count("partial") if verdicts is not None else None,
        "missed": verdicts.count("missed") if verdicts is not None else None,
        "unassessed": verdicts.count("unassessed") if verdicts is not None else None,
        "red_flags": "; ".join(f.id for f in graded.red_flags if f.present) if graded else None,
        "flags": "; ".join(graded.flags) if graded else None,
        "strengths": "\n".join(graded.summary.strengths) if graded else None,
        "next_steps": "\n".join(graded.summary.next_steps) if graded else None,
        "reason": ungraded.reason if ungraded else None,
        "detail": ungraded.detail if ungraded else None,
        "graded_at": stored.graded_at.isoformat(),
        "current": stored.current,
        "judge": made.judge,
        "model": made.model,
        "prompt": made.prompt,
        "rubric_version": made.rubric_version,
        "calls": made.usage.calls,
        "input_tokens": made.usage.input_tokens,
        "output_tokens": made.usage.output_tokens,
        "cost_usd": made.usage.cost_usd,
        "seconds": made.usage.seconds,
        "fingerprint": made.fingerprint,
        "answer": stored.answer.text,
    }


def _findings(stored: Stored) -> Iterator[dict[str, Cell]]:
    if not isinstance(stored.evaluation, Graded):
        return
    head: dict[str, Cell] = {
        "position": stored.position,
        "answer_id": stored.answer.id,
        "candidate": stored.answer.candidate,
        "question_id": stored.answer.question_id,
        "graded_at": stored.graded_at.isoformat(),
        "current": stored.current,
    }
    for criterion in stored.evaluation.criteria:
        yield {**head, **_criterion(criterion), **_evidence(criterion)}
    for flag in stored.evaluation.red_flags:
        yield {**head, **_red_flag(flag), **_evidence(flag)}


def _criterion(found: CriterionResult) -> dict[str, Cell]:
    assessed = found.verdict != "unassessed"
    return {
        "kind": "criterion",
        "id": found.id,
        "statement": found.statement,
        "weight": found.weight,
        "verdict": found.verdict,
        "credit": found.credit,
        "points_met": sum(bool(p.met) for p in found.points) if assessed else None,
        "points": len(found.points),
        "confidence": found.confidence,
        "gap": found.gap,
        "suggestion": found.suggestion,
    }


def _red_flag(found: RedFlagResult) -> dict[str, Cell]:
    empty: dict[str, Cell] = dict.fromkeys(
        ("statement", "weight", "credit", "points_met", "points", "gap", "suggestion")
    )
    verdict = "unassessed" if found.present is None else "present" if found.present else "absent"
    return {**empty, "kind": "red_flag", "id": found.id, "verdict": verdict, "confidence": found.confidence}


def _evidence(found: CriterionResult | RedFlagResult) -> dict[str, Cell]:
    first = found.evidence[0] if found.evidence else None
    return {
        "quotes": "\n".join(e.quote for e in found.evidence),
        "start": first.start if first else None,
        "end": first.end if first else None,
        "flags": "; ".join(found.flags),
    }
