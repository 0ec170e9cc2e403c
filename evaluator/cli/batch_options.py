"""Options of `evaluator batch` that no other command has."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from evaluator.cli.options import format_fits


class BatchFormat(StrEnum):
    """How the summary of a batch is printed."""

    text = "text"
    json = "json"


_LIMITS = "Limits"
_INPUT = "Input"

AnswersArgument = Annotated[
    Path,
    typer.Argument(help="A CSV or JSONL file, or a folder with CANDIDATE/QUESTION.md or .txt.", show_default=False),
]
RunOption = Annotated[
    Path,
    typer.Option("--run", metavar="RUN", help="The file that keeps the run; made where there is none."),
]
EncodingOption = Annotated[
    str | None,
    typer.Option("--encoding", metavar="NAME", rich_help_panel=_INPUT, help="Of the input; the default is found out."),
]
SkipBadOption = Annotated[
    bool,
    typer.Option("--skip-bad", rich_help_panel=_INPUT, help="Go on without rows that cannot be used; list them."),
]
ConcurrencyOption = Annotated[
    int,
    typer.Option(
        "--concurrency",
        min=1,
        max=1000,
        rich_help_panel=_LIMITS,
        help="Requests at a time. Halved when the server says that it is too much, and raised again by and by.",
    ),
]
MaxCallsOption = Annotated[
    int | None,
    typer.Option("--max-calls", min=0, rich_help_panel=_LIMITS, help="Most requests of the run, over all sessions."),
]
MaxCostOption = Annotated[
    float | None,
    typer.Option(
        "--max-cost", metavar="USD", min=0, rich_help_panel=_LIMITS, help="Most US dollars of the run, all sessions."
    ),
]
QuestionsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--question",
        metavar="QUESTION",
        rich_help_panel=_INPUT,
        show_default=False,
        help="Judge only answers to this one: id, number or prefix; may be given several times. The others wait.",
    ),
]
LimitOption = Annotated[
    int | None,
    typer.Option(
        "--limit", metavar="N", min=1, rich_help_panel=_LIMITS, help="Judge at most N answers now. The others wait."
    ),
]
DryRunOption = Annotated[
    bool,
    typer.Option("--dry-run", help="Say what there is to do, the calls, tokens and cost by question; do nothing."),
]
BatchFormatOption = Annotated[
    BatchFormat,
    typer.Option("--format", rich_help_panel="Output", callback=format_fits, help="How to print the summary."),
]
