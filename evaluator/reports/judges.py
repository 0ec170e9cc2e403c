"""Which judges there are, and how far to trust each."""

from __future__ import annotations

import json
from typing import Any, Literal

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from evaluator.judges.embedded import measured
from evaluator.reports.markdown import escape
from evaluator.reports.printing import printed
from evaluator.reports.view import MAX_WIDTH

_COLUMNS = (
    ("shipped bank", "shipped", "as_shipped"),
    ("with caution", "shipped", "without_echoes"),
    ("own bank", "foreign", "as_shipped"),
    ("with caution", "foreign", "without_echoes"),
)
_FIGURES = {
    "kappa": "kappa, met or not",
    "qwk": "weighted kappa, three levels",
    "pearson": "correlation of scores",
    "mae": "mean error of scores, points",
    "bias": "scores too high (+) or too low (-), points",
    "unassessed": "share left unassessed",
    "majority": "right by always saying the commonest verdict",
    "accuracy": "verdicts that are right",
}
_FORMS = {"mae": "{:.1f}", "bias": "{:+.1f}"} | dict.fromkeys(("unassessed", "majority", "accuracy"), "{:.0%}")
_TITLE = "agreement with labels that language models gave"
_EMBEDDED = (
    "A sentence encoder compares each sentence of the answer with the examples of the rubric. It runs on this machine, "
    "costs nothing, is the same on every run, and understands English only."
)
_LLM = (
    "Any provider of instructor (openai/..., anthropic/..., ollama/...) or, with --base-url, any OpenAI-compatible "
    "server. Every quote is looked up in the answer by code. How well a model agrees with people is not known here."
)
_NOTE = (
    "Measured on {answers} practice answers, each question judged by a model that had not seen its labels (for a bank "
    "of your own: nor its examples). Language models composed the answers and gave the labels; no person has labelled "
    "any. They are clearer than real answers, and some are much like an example of the rubric. With caution: without "
    "the examples nearest to the answer, and nothing left unassessed. That is the better guide to real answers."
)

Format = Literal["text", "json", "markdown"]


def judge_page(form: Format, width: int) -> str:
    """The judges, with the measured agreement of the embedded one."""
    figures = measured()
    if form == "json":
        return json.dumps({"embedded": {"measured": figures}}, indent=2, ensure_ascii=False) + "\n"
    note = _NOTE.format(answers=figures["answers"])
    if form == "markdown":
        names = " | ".join(name for name, _, _ in _COLUMNS)
        head = f"## embedded\n\n{escape(_EMBEDDED)}\n\n| {_TITLE} | {names} |\n|---|---|---|---|---|"
        rows = ["| " + " | ".join(row) + " |" for row in _rows(figures)]
        return "\n".join([head, *rows, "", escape(note), "", "## LLM", "", escape(_LLM)]) + "\n"
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(_TITLE)
    for name, _, _ in _COLUMNS:
        table.add_column(name, justify="right")
    for row in _rows(figures):
        table.add_row(*row)
    parts: list[RenderableType] = [
        Text("embedded", style="bold"),
        Text(_EMBEDDED),
        Text(),
        table,
        Text(),
        Text(note),
        Text(),
    ]
    return printed(Group(*parts, Text("PROVIDER/MODEL", style="bold"), Text(_LLM)), min(width, MAX_WIDTH))


def _rows(figures: dict[str, Any]) -> list[tuple[str, ...]]:
    rows = []
    for key, name in _FIGURES.items():
        values = [figures[regime][reading][key] for _, regime, reading in _COLUMNS]
        rows.append((name, *(_FORMS.get(key, "{:.2f}").format(value) for value in values)))
    return rows
