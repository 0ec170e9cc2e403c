"""Questions and rubrics for people and programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from evaluator.domain import Criterion, Question, RedFlag, Rubric
from evaluator.reports.markdown import escape
from evaluator.reports.printing import printed

Format = Literal["text", "json", "markdown"]


def question_list(questions: Sequence[Question], form: Format, width: int) -> str:
    """The questions in the order given: number, id, level, themes."""
    if form == "json":
        return _json([q.model_dump(mode="json") for q in questions])
    rows = [(str(q.number or ""), q.id, q.level, ", ".join(q.themes)) for q in questions]
    return _listing(("no", "id", "level", "themes"), rows, form, width)


def question_page(question: Question, form: Format, width: int) -> str:
    """One question with its model answer."""
    if form == "json":
        return _json(question.model_dump(mode="json"))
    number = "" if question.number is None else f"{question.number}. "
    facts = f"{question.level}; themes: {', '.join(question.themes)}"
    answer = question.model_answer or "Nobody has written a model answer yet."
    if form == "markdown":
        parts = [f"# {number}{question.id}", escape(facts), escape(question.text), "## Model answer", escape(answer)]
        return "\n\n".join(parts) + "\n"
    head = [Text(f"{number}{question.id}", style="bold"), Text(facts), Text(), Text(question.text), Text()]
    return printed(Group(*head, Text("Model answer", style="bold"), Text(answer)), width)


def rubric_list(rubrics: Iterable[Rubric], form: Format, width: int) -> str:
    """The rubrics: how many criteria, points, red flags and examples each has."""
    rows = [_facts(rubric) for rubric in rubrics]
    if form == "json":
        return _json(rows)
    names = ("question", "version", "status", "criteria", "points", "red_flags", "examples")
    return _listing(names, [tuple(str(row[name]) for name in names) for row in rows], form, width)


def rubric_page(rubric: Rubric, form: Format, width: int) -> str:
    """The criteria and red flags of one rubric, without the examples (which JSON has)."""
    if form == "json":
        return _json(rubric.model_dump(mode="json"))
    if form == "markdown":
        return "\n".join(_rubric_markdown(rubric)) + "\n"
    draft = " (draft)" if rubric.status == "draft" else ""
    parts: list[RenderableType] = [Text(f"{rubric.question}, version {rubric.version}{draft}", style="bold"), Text()]
    for criterion in rubric.criteria:
        parts += _criterion(criterion)
    for flag in rubric.red_flags:
        parts += _red_flag(flag)
    return printed(Group(*parts), width)


def _facts(rubric: Rubric) -> dict[str, Any]:
    return {
        "question": rubric.question,
        "version": rubric.version,
        "status": rubric.status,
        "criteria": len(rubric.criteria),
        "points": sum(len(c.points) for c in rubric.criteria),
        "red_flags": len(rubric.red_flags),
        "examples": sum(len(e.examples.accept) + len(e.examples.reject) for e in rubric.entries),
    }


def _criterion(criterion: Criterion) -> list[RenderableType]:
    lines: list[RenderableType] = [
        Text.assemble((f"weight {criterion.weight}  ", "dim"), (criterion.statement, "bold"))
    ]
    lines += [Padding(Text(f"- {point}"), (0, 0, 0, 2)) for point in criterion.points]
    if criterion.source:
        lines.append(Padding(Text(f'From the model answer: "{criterion.source}"', style="italic"), (0, 0, 0, 2)))
    return [*lines, Padding(Text(f"Advice: {criterion.advice}"), (0, 0, 1, 2))]


def _red_flag(flag: RedFlag) -> list[RenderableType]:
    head = Text.assemble((f"red flag, -{flag.penalty} points  ", "red"), (flag.statement, "bold"))
    return [head, Padding(Text(f"Advice: {flag.advice}"), (0, 0, 1, 2))]


def _rubric_markdown(rubric: Rubric) -> list[str]:
    lines = [f"# Rubric: {rubric.question} (version {rubric.version}, {rubric.status})", ""]
    for criterion in rubric.criteria:
        lines += [f"## {escape(criterion.statement)} (weight {criterion.weight})", ""]
        lines += [f"- {escape(point)}" for point in criterion.points]
        lines += [
            "",
            *([f"> {escape(criterion.source)}", ""] if criterion.source else []),
            escape(criterion.advice),
            "",
        ]
    for flag in rubric.red_flags:
        lines += [f"## Red flag: {escape(flag.statement)} (-{flag.penalty} points)", "", escape(flag.advice), ""]
    return lines


def _listing(names: Sequence[str], rows: Sequence[Sequence[str]], form: Format, width: int) -> str:
    heads = [name.replace("_", " ") for name in names]
    if form == "markdown":
        lines = ["| " + " | ".join(heads) + " |", "| " + " | ".join("---" for _ in heads) + " |"]
        return "\n".join([*lines, *("| " + " | ".join(escape(cell) for cell in row) + " |" for row in rows)]) + "\n"
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column, head in enumerate(heads):
        numeric = all(row[column].isdigit() for row in rows if row[column])
        table.add_column(head, justify="right" if numeric else "left", no_wrap=column < 2)  # noqa: PLR2004 - number and id
    for row in rows:
        table.add_row(*row)
    return printed(table, width)


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
