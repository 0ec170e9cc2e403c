"""What `rubric check` found, for people and programs, and the picture of the matrix."""

from __future__ import annotations

import html
import json
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from evaluator.proof import Check, Matrix, Remark, RubricReport
from evaluator.reports.printing import printed
from evaluator.reports.view import MAX_WIDTH
from evaluator.wording import many

_CELL = 12
_LEFT = 190
_TOP = 170


def render_check(check: Check, *, width: int = 80, color: bool = False) -> str:
    """A table of the rubrics, worst first, and below it every remark with its place."""
    body = Group(_table(check), Text(), *_remarks(check), *_summary(check))
    return printed(body, min(width, MAX_WIDTH), color=color)


def check_markdown(check: Check) -> str:
    """The same as a Markdown table, in the order of the bank, with the remarks as a list."""
    lines = [
        "| rubric | model answer | off topic | keyword soup | margin | nearest other | errors | warnings |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for report in check.reports:
        seen = report.behaviour
        cells = [
            seen.question_id,
            *(_number(n) for n in (seen.model_answer, seen.off_topic, seen.keyword_soup, report.margin)),
            report.rival or "",
            str(report.errors),
            str(report.warnings),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    remarks = [f"- `{_where(r)}` {r.lint.level} {r.lint.name}: {r.lint.message}" for r in _every(check)]
    return "\n".join([*lines, "", *(remarks or ["No remarks."])]) + "\n"


def check_json(check: Check) -> str:
    """Everything as JSON; `matrix.scores` has a row per model answer and a column per rubric."""
    matrix = check.matrix
    data: dict[str, Any] = {
        "schema": 1,
        "errors": check.errors,
        "rubrics": [_report_json(report) for report in check.reports],
        "matrix": {"ids": matrix.ids, "scores": matrix.scores} if matrix else None,
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def matrix_page(matrix: Matrix) -> str:
    """A self-contained HTML page: the darker a square, the higher that model answer scores under that rubric."""
    size = len(matrix.ids) * _CELL
    squares = []
    for row, scores in enumerate(matrix.scores):
        for column, score in enumerate(scores):
            shade = 0.0 if score is None else score / 100
            label = f"{matrix.ids[row]} under {matrix.ids[column]}: {_number(score) or 'ungraded'}"
            squares.append(
                f'<rect x="{_LEFT + column * _CELL}" y="{_TOP + row * _CELL}" width="{_CELL - 1}" height="{_CELL - 1}" '
                f'fill="{_shade(shade)}"><title>{html.escape(label)}</title></rect>'
            )
    names = []
    for index, name in enumerate(matrix.ids):
        middle = index * _CELL + _CELL - 3
        shown = html.escape(name)
        names.append(f'<text x="{_LEFT - 6}" y="{_TOP + middle}" text-anchor="end">{shown}</text>')
        names.append(f'<text transform="translate({_LEFT + middle},{_TOP - 6}) rotate(-90)">{shown}</text>')
    return _PAGE.format(
        width=_LEFT + size + 10, height=_TOP + size + 10, squares="\n".join(squares), names="\n".join(names)
    )


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Model answers under every rubric</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color: #1d2430; background: #fff }}
svg {{ max-width: 100%; height: auto }} text {{ font-size: 8.5px; fill: #1d2430 }}
</style></head><body>
<h1>Model answers under every rubric</h1>
<p>Each row is the model answer of a question, each column the rubric of one. The darker a square, the higher the
score; point at it to read it. Only the diagonal should be dark: a dark square elsewhere means that two questions are
hard to tell apart.</p>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img"
aria-label="Scores of model answers under all rubrics">
{squares}
{names}
</svg></body></html>
"""


def _shade(value: float) -> str:
    """From near white to dark blue."""
    light, dark = (240, 243, 247), (14, 54, 102)
    return "#" + "".join(f"{round(a + (b - a) * value):02x}" for a, b in zip(light, dark, strict=True))


def _table(check: Check) -> RenderableType:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("rubric", no_wrap=True)
    for name in ("model", "off topic", "soup", "margin", "errors", "warnings"):
        table.add_column(name, justify="right")
    for report in sorted(check.reports, key=_badness):
        seen = report.behaviour
        style = "red" if report.errors else "yellow" if report.warnings else ""
        numbers = (seen.model_answer, seen.off_topic, seen.keyword_soup, report.margin)
        table.add_row(
            Text(seen.question_id, style=style), *map(_number, numbers), str(report.errors), str(report.warnings)
        )
    return table


def _badness(report: RubricReport) -> tuple[int, int, float]:
    margin = report.margin if report.margin is not None else 100.0
    return -report.errors, -report.warnings, margin


def _every(check: Check) -> list[Remark]:
    return [remark for report in sorted(check.reports, key=_badness) for remark in report.remarks]


def _remarks(check: Check) -> list[RenderableType]:
    parts: list[RenderableType] = []
    for remark in _every(check):
        style = "red" if remark.lint.level == "error" else "yellow"
        head = Text.assemble((remark.lint.level, style), f" {remark.lint.name}  ", (_where(remark), "dim"))
        parts += [head, Text(f"  {remark.lint.message}")]
    return [*parts, Text()] if parts else parts


def _summary(check: Check) -> list[RenderableType]:
    warnings = sum(report.warnings for report in check.reports)
    counts = ((len(check.reports), "rubric"), (check.errors, "error"), (warnings, "warning"))
    rubrics, errors, others = (many(number, thing) for number, thing in counts)
    text = f"{rubrics} checked: {errors}, {others}."
    return [Text(text, style="bold red" if check.errors else "bold")]


def _where(remark: Remark) -> str:
    return f"{remark.file}:{remark.line}" if remark.line else remark.file


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}"


def _report_json(report: RubricReport) -> dict[str, Any]:
    seen = report.behaviour
    return {
        "rubric": seen.question_id,
        "model_answer": seen.model_answer,
        "not_met": seen.not_met,
        "empty": seen.empty,
        "off_topic": seen.off_topic,
        "keyword_soup": seen.keyword_soup,
        "kept_without_source": seen.kept,
        "margin": report.margin,
        "nearest_other": report.rival,
        "remarks": [
            {"name": r.lint.name, "level": r.lint.level, "file": r.file, "line": r.line, "message": r.lint.message}
            for r in report.remarks
        ],
    }
