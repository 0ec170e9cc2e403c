"""`evaluator import`."""

from __future__ import annotations

import json
import sys
import textwrap
from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evaluator.cli.options import DebugOption
from evaluator.cli.output import note, width, write_result
from evaluator.cli.progress import working
from evaluator.domain import Level
from evaluator.errors import UsageError
from evaluator.wording import cut, many

if TYPE_CHECKING:
    from evaluator.authoring.article import Document, Found, Plan

_LEAST_QUESTION = 12
"""Columns for the first words of a question, however narrow the terminal is."""

_STATUS = {"new": "", "unchanged": "is there", "differs": "differs"}


class ListFormat(StrEnum):
    """How the questions found are printed."""

    text = "text"
    json = "json"


def import_article(
    article: Annotated[
        str,
        typer.Argument(help="A file: text, Markdown, HTML, PDF or DOCX; - reads standard input.", show_default=False),
    ],
    bank: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="BANK", help="The folder of the bank; made if it is not there."),
    ] = None,
    level: Annotated[
        Level | None,
        typer.Option("--level", help="The level of every new question; without it the article's sections give it."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what was found; write nothing.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace question and model answer where the bank has other words.")
    ] = False,
    left_out: Annotated[bool, typer.Option("--left-out", help="List every line that was left out, and why.")] = False,
    output_format: Annotated[
        ListFormat, typer.Option("--format", help="How to print what was found.")
    ] = ListFormat.text,
    debug: DebugOption = False,
) -> None:
    """Make a bank from an article: its questions, and the answers below them as model answers.

    For example:

    evaluator import article.html -o my-bank --dry-run

    evaluator import article.html -o my-bank
    """
    from evaluator.authoring.article import find_entries, plan_import, write_plan

    if bank is None and not dry_run:
        raise UsageError("An import needs a folder to write to.", "Name it with -o, or look first with --dry-run.")
    with working("Reading the article"):
        document = _open(article)
        found = find_entries(document.blocks)
        plan = plan_import(document, found, bank, level)
    shown = _as_json(plan, found) if output_format == ListFormat.json else _as_text(plan, found, left_out=left_out)
    write_result(shown, None, output_format)
    for remark in plan.remarks:
        note(f"Note: {remark}")
    if dry_run:
        note("Nothing was written (--dry-run).")
        return
    written = write_plan(plan, force=force)
    if written:
        note(f"Written: {many(len(written), 'question')} to {plan.root}{'/questions' if plan.root else ''}.")
    else:
        note(f"{plan.root} has all of them already; nothing was changed.")
    _next_steps(plan)


def _open(article: str) -> Document:
    from evaluator.authoring.article import open_article, read_article

    if article == "-":
        return read_article(sys.stdin.buffer.read(), "standard input")
    return open_article(Path(article))


def _as_text(plan: Plan, found: Found, *, left_out: bool) -> str:
    columns = width()
    totals = [line for total in _totals(plan, found) for line in textwrap.wrap(total, columns)]
    lines = [*_table(plan, columns), "", *totals]
    if left_out:
        lines += ["", *_left_out(found, columns)]
    return "\n".join(lines) + "\n"


def _table(plan: Plan, columns: int) -> list[str]:
    """One line for each question; its first words fill what the other columns leave."""
    rows = [("no", "level", "id", "words", "bank", "question")]
    for planned in plan.questions:
        q = planned.question
        words = str(len(q.model_answer.split())) if q.model_answer else "-"
        rows.append((str(q.number or ""), q.level, q.id, words, _STATUS[planned.status], q.text))
    no, level, name, words_width, bank = (max(len(row[i]) for row in rows) for i in range(5))
    states = any(row[4] for row in rows[1:])
    lines = []
    for row in rows:
        head = f"{row[0]:>{no}} {row[1]:<{level}} {row[2]:<{name}} {row[3]:>{words_width}} "
        head += f"{row[4]:<{bank}} " if states else ""
        lines.append(head + cut(row[5], max(columns - len(head), _LEAST_QUESTION)))
    return lines


def _totals(plan: Plan, found: Found) -> list[str]:
    answered = sum(planned.question.model_answer is not None for planned in plan.questions)
    without = len(plan.questions) - answered
    total = f"{many(len(plan.questions), 'question')}: {answered} with an answer, {without} without."
    reasons = Counter(
        "heading" if p.part == "heading" else p.reason for p in found.lines if p.part in {"heading", "left out"}
    )
    if not reasons:
        return [total, "Nothing was left out."]
    listed = ", ".join(f"{reason} {count}" for reason, count in reasons.most_common())
    return [total, f"Left out: {many(sum(reasons.values()), 'line')} ({listed})."]


def _left_out(found: Found, columns: int) -> list[str]:
    lines = []
    for placed in found.lines:
        if placed.part in {"heading", "left out"}:
            line = f"{placed.line.where:>5}  {placed.reason or 'heading'}: {placed.line.text}"
            lines.append(cut(line, columns))
    return lines


def _as_json(plan: Plan, found: Found) -> str:
    questions = [p.question.model_dump(mode="json") | {"status": p.status} for p in plan.questions]
    out = [
        {"where": p.line.where, "reason": p.reason or "heading", "text": p.line.text}
        for p in found.lines
        if p.part in {"heading", "left out"}
    ]
    whole = {"questions": questions, "left_out": out, "remarks": plan.remarks}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _next_steps(plan: Plan) -> None:
    without = sum(planned.question.model_answer is None for planned in plan.questions)
    note("")
    note("Next:")
    note(f"  evaluator questions list --bank {plan.root}")
    if without < len(plan.questions):
        note(f"  evaluator rubric derive --all --bank {plan.root} --judge openai/MODEL")
    if without:
        note(
            f"A rubric is derived from a model answer, and {many(without, 'question')} came without. Write one as\n"
            "model_answer, with model_answer_source: editors, in the question's file."
        )
