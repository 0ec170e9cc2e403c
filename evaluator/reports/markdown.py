"""One evaluation as Markdown that pastes well into a document."""

from __future__ import annotations

import re

from evaluator.domain import CriterionResult, Graded, Ungraded
from evaluator.reports.view import (
    View,
    counts,
    how_it_was_read,
    judged_by,
    one_line,
    present_flags,
    quotes,
    remarks,
    remarks_line,
    why_ungraded,
)

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~!])")
_LIST_START = re.compile(r"^(\s*)([-+]|\d+[.)])(?=\s)")


def render_markdown(view: View) -> str:
    """The whole feedback; what the candidate wrote is escaped, so that it cannot format the document."""
    evaluation = view.evaluation
    number = "" if view.question.number is None else f"{view.question.number}. "
    lines = [f"# {number}{view.question.id}", "", escape(view.question.text), ""]
    lines += _graded(view, evaluation) if isinstance(evaluation, Graded) else _ungraded(evaluation)
    lines += ["---", "", escape(judged_by(evaluation)), "", escape(view.trust)]
    return "\n".join(lines) + "\n"


def escape(text: str) -> str:
    """Text on one line with every character escaped that Markdown or HTML could take for markup."""
    return _LIST_START.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", one_line(text).replace("&", "&amp;")))


def _graded(view: View, graded: Graded) -> list[str]:
    lines = [
        f"**{graded.score:.1f} / 100, {graded.band}.** {escape(view.meaning(graded.band))}",
        "",
        counts(graded),
        "",
    ]
    if part := how_it_was_read(graded):
        lines += [part, ""]
    if graded.flags:
        lines += [escape(remarks_line(graded.flags)), ""]
    for result in present_flags(graded):
        flag = view.red_flag(result)
        lines += [f"## Red flag (-{flag.penalty} points)", "", escape(flag.statement), ""]
        lines += [f"> {escape(quote)}\n" for quote in quotes(result.evidence)]
        lines += [f"Instead: {escape(flag.advice)}", ""]
    if graded.summary.next_steps:
        lines += ["## Add first", ""]
        lines += [f"{n}. {escape(step)}" for n, step in enumerate(graded.summary.next_steps, 1)]
        lines.append("")
    lines += ["## Criterion by criterion", ""]
    for criterion in graded.criteria:
        lines += _criterion(criterion)
    return lines


def _criterion(result: CriterionResult) -> list[str]:
    lines = [f"### {result.verdict.capitalize()} (weight {result.weight})", "", escape(result.statement), ""]
    lines += [f"> {escape(quote)}\n" for quote in quotes(result.evidence)]
    if result.gap:
        lines += [f"- **Missing:** {escape(result.gap)}"]
    if result.suggestion:
        lines += [f"- **Add:** {escape(result.suggestion)}"]
    if notes := remarks(result.flags):
        lines += [f"- Note: {escape('; '.join(notes))}"]
    return lines if not lines[-1].startswith("-") else [*lines, ""]


def _ungraded(evaluation: Ungraded) -> list[str]:
    return [
        f"**Not graded** ({escape(why_ungraded(evaluation.reason))}): {escape(evaluation.detail)}",
        "",
        "An answer that could not be judged has no score; this is not a zero.",
        "",
    ]
