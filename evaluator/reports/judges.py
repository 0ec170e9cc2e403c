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

_REGIMES = {"shipped": "a question of the shipped bank", "foreign": "a bank of your own"}
_FIGURES = {
    "kappa": "kappa, met or not",
    "qwk": "weighted kappa, three levels",
    "pearson": "correlation of scores",
    "mae": "mean error of scores, points",
    "unassessed": "share left unassessed",
    "majority": "right by always saying the commonest verdict",
    "accuracy": "verdicts that are right",
}
_EMBEDDED = (
    "A sentence encoder compares each sentence of the answer with the examples of the rubric. It runs on this machine, "
    "costs nothing, is the same on every run, and understands English only."
)
_LLM = (
    "Any provider of instructor (openai/..., anthropic/..., ollama/...) or, with --base-url, any OpenAI-compatible "
    "server. Every quote is looked up in the answer by code. How well a model agrees with people is not known here."
)
_NOTE = (
    "Measured on {answers} labelled practice answers, each question judged by a model that had not seen its labels "
    "(for a bank of your own: nor its examples). Language models composed the answers; they are clearer than real ones."
)

Format = Literal["text", "json", "markdown"]


def judge_page(form: Format, width: int) -> str:
    """The judges, with the measured agreement of the embedded one."""
    figures = measured()
    if form == "json":
        return json.dumps({"embedded": {"measured": figures}}, indent=2, ensure_ascii=False) + "\n"
    note = _NOTE.format(answers=figures["answers"])
    if form == "markdown":
        head = (
            f"## embedded\n\n{escape(_EMBEDDED)}\n\n| figure | " + " | ".join(_REGIMES.values()) + " |\n|---|---|---|"
        )
        rows = ["| " + " | ".join(row) + " |" for row in _rows(figures)]
        return "\n".join([head, *rows, "", escape(note), "", "## LLM", "", escape(_LLM)]) + "\n"
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("agreement with labels")
    for name in _REGIMES.values():
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
        values = [figures[regime]["as_shipped"][key] for regime in _REGIMES]
        shown = [
            f"{v:.0%}" if key in ("unassessed", "majority", "accuracy") else f"{v:.1f}" if key == "mae" else f"{v:.2f}"
            for v in values
        ]
        rows.append((name, *shown))
    return rows
