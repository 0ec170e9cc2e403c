"""What a derivation did, for people and for programs."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from evaluator.authoring.derive.draft import Draft
from evaluator.authoring.derive.workshop import Outcome
from evaluator.wording import many


def derived_text(outcomes: Sequence[Outcome], width: int = 80) -> str:
    """A paragraph for each question, with all that is refused, and a line on all of them."""
    lines: list[str] = []
    for outcome in outcomes:
        lines += _wrapped(_headline(outcome), width, "")
        if outcome.draft is not None and outcome.kind != "skipped":
            for said in _details(outcome.draft):
                lines += _wrapped(said, width, "  ")
        if outcome.kind == "proposed":
            lines.append(outcome.diff.rstrip("\n"))
    counts = Counter(outcome.kind for outcome in outcomes)
    summary = ", ".join(f"{n} {kind}" for kind, n in counts.items())
    lines.append(f"{many(len(outcomes), 'question')}: {summary}" if outcomes else "no question was finished")
    return "\n".join(lines) + "\n"


def derived_json(outcomes: Sequence[Outcome]) -> str:
    """The same as a list of objects."""
    return json.dumps([_data(outcome) for outcome in outcomes], ensure_ascii=False, indent=2) + "\n"


def _headline(outcome: Outcome) -> str:
    parts = [f"{outcome.question}: {outcome.kind}"]
    draft = outcome.draft
    if draft is not None and outcome.kind not in ("skipped", "failed"):
        examples = sum(len(e.item.examples.accept) + len(e.item.examples.reject) for e in draft.entries)
        parts += [many(len(draft.criteria), "criterion", "criteria"), many(len(draft.red_flags), "red flag")]
        parts.append(many(examples, "example"))
    if outcome.detail:
        parts.append(outcome.detail)
    if draft is not None and (draft.usage.calls or draft.replayed):
        cost = "" if not draft.usage.cost_usd else f", ${draft.usage.cost_usd:.4f}"
        kept = f", {many(draft.replayed, 'reply', 'replies')} of an earlier run" if draft.replayed else ""
        parts.append(f"{many(draft.usage.calls, 'request')}{cost}{kept}")
    return "; ".join(parts)


def _details(draft: Draft) -> Iterator[str]:
    for reason in draft.reasons:
        yield f"refused: {reason.name}: {reason.message}"
    for refusal in draft.shared:
        yield f"refused: all criteria: {refusal.name}: {refusal.message}"
    for entry in draft.entries:
        for refusal in entry.refusals:
            if refusal not in draft.shared or entry not in draft.criteria:
                yield f"refused: {entry.item.id}: {refusal.name}: {refusal.message}"
    for sentence in draft.uncovered:
        yield f"no criterion comes from: {sentence}"
    for remark in draft.notes:
        yield f"note: {remark}"


def _wrapped(text: str, width: int, indent: str) -> list[str]:
    return textwrap.wrap(
        text, width, initial_indent=indent, subsequent_indent=indent + "  ", break_long_words=False
    ) or [""]


def _data(outcome: Outcome) -> dict[str, Any]:
    data: dict[str, Any] = {"question": outcome.question, "status": outcome.kind, "detail": outcome.detail}
    draft = outcome.draft
    if draft is not None:
        data |= {
            "criteria": [entry.item.id for entry in draft.criteria],
            "red_flags": [entry.item.id for entry in draft.red_flags],
            "refused": [
                *({"where": "rubric", "name": r.name, "message": r.message} for r in draft.reasons),
                *(
                    {"where": entry.item.id, "name": r.name, "message": r.message}
                    for entry in draft.entries
                    for r in entry.refusals
                ),
            ],
            "uncovered": list(draft.uncovered),
            "notes": draft.notes,
            "usage": draft.usage.model_dump(),
            "replayed": draft.replayed,
        }
    return data | ({"diff": outcome.diff} if outcome.diff else {})
