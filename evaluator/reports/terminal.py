"""One evaluation for the terminal: readable at 80 columns, without colour, and piped.

Every text goes through `_said`: answers, replies, banks and messages of servers hold anything, and a terminal obeys.
"""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from evaluator.domain import CriterionResult, Graded, Ungraded
from evaluator.reports.printing import printed
from evaluator.reports.view import (
    MARKS,
    MAX_WIDTH,
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

_STYLES = {"met": "green", "partial": "yellow", "missed": "red", "unassessed": "magenta"}
_BAR_CELLS = 30


def render_terminal(view: View, *, width: int = 80, color: bool = False) -> str:
    """The whole feedback as text, at most `width` (and 100) columns; ANSI colours only with `color`."""
    evaluation = view.evaluation
    body = _graded(view, evaluation) if isinstance(evaluation, Graded) else _ungraded(evaluation)
    return printed(Group(_head(view), *body, *_foot(view)), min(width, MAX_WIDTH), color=color)


def _head(view: View) -> RenderableType:
    number = "" if view.question.number is None else f"{view.question.number}. "
    return Group(_said(f"{number}{view.question.id}", "bold"), _said(view.question.text, "dim"), Text())


def _graded(view: View, graded: Graded) -> list[RenderableType]:
    filled = round(graded.score / 100 * _BAR_CELLS)
    line = Text.assemble(
        (f"{graded.score:.1f} / 100", "bold"),
        "  ",
        _said(graded.band, "bold"),
        "  ",
        ("#" * filled, "cyan"),
        ("." * (_BAR_CELLS - filled), "dim"),
    )
    parts: list[RenderableType] = [line, _said(view.meaning(graded.band)), _said(counts(graded), "dim"), Text()]
    if part := how_it_was_read(graded):
        parts += [_said(part, "yellow"), Text()]
    if graded.flags:
        parts += [_said(remarks_line(graded.flags), "yellow"), Text()]
    parts += _red_flags(view, graded)
    if graded.summary.next_steps:
        parts += [_title("Add first"), _numbered(graded.summary.next_steps), Text()]
    parts.append(_title("Criterion by criterion"))
    for result in graded.criteria:
        parts += [_criterion(result), Text()]
    return parts


def _red_flags(view: View, graded: Graded) -> list[RenderableType]:
    parts: list[RenderableType] = []
    for result in present_flags(graded):
        flag = view.red_flag(result)
        parts.append(_title("Red flag", "red"))
        rows: list[tuple[str, RenderableType]] = [
            ("!", _said(f"{flag.statement} (-{flag.penalty} points)", "bold red"))
        ]
        rows += [("", _quote(quote)) for quote in quotes(result.evidence)]
        rows.append(("", _named("Instead", flag.advice)))
        parts += [_rows(rows), Text()]
    return parts


def _criterion(result: CriterionResult) -> RenderableType:
    style = _STYLES[result.verdict]
    head = Text.assemble(
        (result.verdict, f"bold {style}"), (f"  weight {result.weight}", "dim"), "  ", _said(result.statement)
    )
    rows: list[tuple[str, RenderableType]] = [(MARKS[result.verdict], head)]
    rows += [("", _quote(quote)) for quote in quotes(result.evidence)]
    if result.gap:
        rows.append(("", _named("Missing", result.gap)))
    if result.suggestion:
        rows.append(("", _named("Add", result.suggestion)))
    if notes := remarks(result.flags):
        rows.append(("", _said("Note: " + "; ".join(notes), "dim")))
    return _rows(rows, style)


def _ungraded(evaluation: Ungraded) -> list[RenderableType]:
    return [
        Text("Not graded", style="bold red"),
        _said(f"Reason: {why_ungraded(evaluation.reason)}", "bold"),
        _said(evaluation.detail),
        Text("An answer that could not be judged has no score; this is not a zero.", style="dim"),
        Text(),
    ]


def _foot(view: View) -> list[RenderableType]:
    return [
        Rule(characters="-", style="dim"),
        _said(judged_by(view.evaluation), "dim"),
        _said(view.trust, "dim"),
    ]


def _said(text: str, style: str = "") -> Text:
    return Text(one_line(text), style=style)


def _named(name: str, text: str) -> Text:
    return Text.assemble((f"{name}: ", "bold"), _said(text))


def _title(text: str, style: str = "") -> Text:
    return Text(text, style=f"bold {style}".strip())


def _quote(quote: str) -> Text:
    return _said(f'"{quote}"', "italic")


def _numbered(texts: tuple[str, ...]) -> RenderableType:
    return _rows([(f"{n}.", _said(text)) for n, text in enumerate(texts, 1)])


def _rows(rows: list[tuple[str, RenderableType]], style: str = "") -> RenderableType:
    table = Table.grid(padding=(0, 1))
    table.add_column(width=2, style=f"bold {style}".strip(), justify="right")
    table.add_column(ratio=1)
    for mark, content in rows:
        table.add_row(mark, content)
    return Padding(table, (0, 0))
