"""What `evaluator batch` says, in words and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from evaluator.cli.batch_progress import clock
from evaluator.errors import problem_lines
from evaluator.reports.view import one_line, why_ungraded
from evaluator.runs.batch import Ended, Plan, Progress, QuestionEstimate
from evaluator.runs.storable import storable, storable_fields
from evaluator.runs.store import RunStore, Spent
from evaluator.wording import many

_MOST_LINES = 20


def plan_text(plan: Plan) -> str:
    """What there is to do: "72 answers: 2 new, 1 changed (rubric 1), 1 failed before, 68 done (3 ungraded)."."""
    changed = f"{plan.changed:,} changed"
    if plan.causes:
        changed += " (" + ", ".join(f"{name} {count:,}" for name, count in sorted(plan.causes.items())) + ")"
    done = f"{plan.done:,} done" + (f" ({plan.ungraded:,} ungraded)" if plan.ungraded else "")
    parts = [f"{plan.new:,} new", changed, f"{plan.failed:,} failed before", done]
    lines = [f"{many(plan.answers, 'answer')}: {', '.join(parts)}."]
    if plan.empty:
        lines.append(f"{many(plan.empty, 'answer')} without text: ungraded, no call.")
    if plan.elsewhere:
        lines.append(f"The run also holds {many(plan.elsewhere, 'answer')} that this input does not; they stay.")
    if plan.bad:
        lines.append(f"{many(plan.bad, 'row')} skipped (see the table skipped_rows of the run):")
        lines += problem_lines(plan.skipped, _MOST_LINES, plan.bad)
    return "\n".join(lines)


def estimate_text(plan: Plan, lines: Sequence[QuestionEstimate]) -> str:
    """A table of what a batch would take, by question."""
    rows = [
        (
            e.question_id,
            f"{e.answers:,}",
            f"{e.calls:,}",
            f"{e.input_tokens:,}",
            f"{e.output_tokens:,}",
            usd(e.cost_usd),
        )
        for e in (*lines, total_estimate(lines))
    ]
    head = ("question", "answers", "calls", "tokens in", "tokens out", "cost")
    text = [plan_text(plan), "", *table(head, rows, total=True), ""]
    if any(e.cost_usd is None for e in lines):
        text.append("The price of this model is not known.")
    text.append("Estimated: 4 characters a token, no repair, no discount for prompts that a provider keeps.")
    text.append("Nothing was sent, and nothing was written.")
    return "\n".join(text) + "\n"


def estimate_json(plan: Plan, lines: Sequence[QuestionEstimate]) -> str:
    """The same for machines; an unknown cost is null."""
    data = {
        "schema": 1,
        "plan": plan_data(plan),
        "questions": [asdict(line) for line in lines],
        "total": {k: v for k, v in asdict(total_estimate(lines)).items() if k != "question_id"},
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def total_estimate(lines: Sequence[QuestionEstimate]) -> QuestionEstimate:
    """The sum of all questions; its cost is unknown where that of one is."""
    total = QuestionEstimate("all")
    for line in lines:
        total.answers += line.answers
        total.calls += line.calls
        total.input_tokens += line.input_tokens
        total.output_tokens += line.output_tokens
        known = total.cost_usd is not None and line.cost_usd is not None
        total.cost_usd = (total.cost_usd or 0.0) + (line.cost_usd or 0.0) if known else None
    return total


def plan_data(plan: Plan) -> dict[str, Any]:
    """A plan for machines."""
    return {
        "answers": plan.answers,
        "new": plan.new,
        "changed": plan.changed,
        "causes": dict(sorted(plan.causes.items())),
        "failed": plan.failed,
        "done": plan.done,
        "ungraded": plan.ungraded,
        "empty": plan.empty,
        "elsewhere": plan.elsewhere,
        "bad": plan.bad,
        "skipped": [storable_fields(problem) for problem in plan.skipped],
    }


def farewell_text(ended: Ended, plan: Plan, progress: Progress, run: Path, pause: float) -> str:
    """How a batch ended, and what the same command would do."""
    saved, again = f"what was finished is saved in {run}", "Run the same command again to go on"
    if ended == "finished":
        return _finished(plan, progress)
    if ended == "unreachable" and pause:
        asked = f"The server asks for a pause of {clock(pause)}, longer than --patience"
        return f"{asked}; {saved}. {again} after it."
    return {
        "interrupted": f"Interrupted; {saved}. {again}.",
        "budget": f"The budget ends here; {saved}. {again} with a larger one.",
        "unreachable": f"The judge can no longer be reached; {saved}. {again}.",
    }[ended]


def _finished(plan: Plan, progress: Progress) -> str:
    left = plan.to_grade - progress.total
    if left and not progress.total:
        return f"There was nothing to judge of what was asked for. Still to judge: {left:,}."
    failed = progress.ungraded + (0 if left else plan.ungraded)
    text = f"All answers {'asked for' if left else 'of the input'} have been "
    text += f"tried; {failed:,} could not be judged." if failed else "judged."
    if again := progress.ungraded - progress.lasting:
        text += f" The same command tries {again:,} again."
    elif failed:
        text += " What is ungraded stays so until text, rubric or judge changes."
    return text + (f" Still to judge: {left:,}." if left else "")


def summary_text(store: RunStore, ended: Ended) -> str:
    """Where the run stands, what is ungraded and why, and what it has cost by question and candidate."""
    counts = store.counts()
    lines = [f"{store.path}: {counts.graded:,} graded, {counts.ungraded:,} ungraded, {counts.waiting:,} waiting."]
    lines += [f"  ungraded: {count:,} {why_ungraded(reason)}" for reason, count in store.reasons().items()]
    judges = store.judges()
    if len(judges) > 1:
        named = ", ".join(f"{name} {count:,}" for name, count in judges.items())
        lines.append(f"The run holds evaluations by several judges: {named}. Compare their scores with care.")
    everything = store.spent()[0]
    if everything.calls:
        lines += ["", *_spent_table("question", store.spent("question"), everything)]
        by_candidate = store.spent("candidate")
        if any(one.name for one in by_candidate):
            lines += ["", *_spent_table("candidate", by_candidate, everything)]
    if ended == "finished" and counts.graded:
        lines += ["", f"Next: evaluator report {quoted(store.path)} -o report.html"]
    return "\n".join(lines) + "\n"


def _spent_table(by: str, spent: Sequence[Spent], everything: Spent) -> list[str]:
    def row(one: Spent, name: str) -> tuple[str, ...]:
        cost = usd(one.cost_usd if one.cost_usd or not one.unpriced else None)
        cost += " + unknown" if one.unpriced and one.cost_usd else ""
        return name, f"{one.evaluations:,}", f"{one.calls:,}", f"{one.input_tokens:,}", f"{one.output_tokens:,}", cost

    shown = [row(one, one.name or "(no name)") for one in spent[:_MOST_LINES]]
    if len(spent) > _MOST_LINES:
        shown.append((f"and {len(spent) - _MOST_LINES:,} more", "", "", "", "", ""))
    head = (by, "judged", "calls", "tokens in", "tokens out", "cost")
    return table(head, [*shown, row(everything, "all")], total=True)


def summary_json(store: RunStore, plan: Plan, ended: Ended) -> str:
    """The same for machines."""
    counts = store.counts()
    data = {
        "schema": 1,
        "run": storable(store.path),
        "ended": ended,
        "plan": plan_data(plan),
        "counts": asdict(counts),
        "reasons": store.reasons(),
        "judges": store.judges(),
        "spent": {
            "total": _spent_data(store.spent()[0]),
            "by_question": [{"question": s.name, **_spent_data(s)} for s in store.spent("question")],
            "by_candidate": [{"candidate": s.name or None, **_spent_data(s)} for s in store.spent("candidate")],
        },
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _spent_data(spent: Spent) -> dict[str, Any]:
    return {key: value for key, value in asdict(spent).items() if key != "name"}


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, total: bool) -> list[str]:
    """Lines of a table: the first column to the left, numbers to the right; a line before the last row for a total.

    A cell is one line, whatever the input calls its candidates.
    """
    rows = [[one_line(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    rule = "  ".join("-" * width for width in widths)
    lines = [_line(head, widths), rule, *(_line(row, widths) for row in rows)]
    if total:
        lines.insert(-1, rule)
    return lines


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    numbers = (cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True))
    return "  ".join([cells[0].ljust(widths[0]), *numbers]).rstrip()


def usd(cost: float | None) -> str:
    """An amount in US dollars."""
    return "unknown" if cost is None else f"${cost:,.4f}"


def quoted(path: Path) -> str:
    """A path as one would type it."""
    text = str(path)
    return f'"{text}"' if " " in text else text
