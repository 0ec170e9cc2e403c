"""Options that several commands share, defined once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class OutputFormat(StrEnum):
    """How a result is printed."""

    text = "text"
    json = "json"
    markdown = "markdown"


class Calls(StrEnum):
    """How an LLM judge is asked."""

    per_answer = "per-answer"
    per_criterion = "per-criterion"


_JUDGE = "Judge and connection"
_OUTPUT = "Output"

JudgeOption = Annotated[
    str | None,
    typer.Option(
        "--judge",
        metavar="SPEC",
        rich_help_panel=_JUDGE,
        help="'embedded' (offline, the default) or a provider and model, such as 'openai/gpt-5-mini'. "
        "[env: EVALUATOR_JUDGE]",
    ),
]
BaseUrlOption = Annotated[
    str | None,
    typer.Option(
        "--base-url",
        metavar="URL",
        rich_help_panel=_JUDGE,
        help="Any OpenAI-compatible server, such as http://127.0.0.1:8080/v1. [env: EVALUATOR_BASE_URL]",
    ),
]
BankOption = Annotated[
    Path | None,
    typer.Option(
        "--bank",
        metavar="DIR",
        help="A folder with questions/ and rubrics/; the default is the shipped bank. [env: EVALUATOR_BANK]",
    ),
]
FormatOption = Annotated[
    OutputFormat, typer.Option("--format", rich_help_panel=_OUTPUT, help="How to print the result.")
]
OutputOption = Annotated[
    Path | None,
    typer.Option("-o", "--output", metavar="FILE", rich_help_panel=_OUTPUT, help="Write the result to FILE."),
]
DebugOption = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
CallsOption = Annotated[
    Calls,
    typer.Option(
        "--calls",
        rich_help_panel=_JUDGE,
        help="One request for all criteria, or one for each (dearer, agrees better with people). LLM judges only.",
    ),
]
TimeoutOption = Annotated[
    float, typer.Option("--timeout", metavar="SECONDS", min=1, rich_help_panel=_JUDGE, help="Patience for one request.")
]
AttemptsOption = Annotated[
    int,
    typer.Option(
        "--attempts",
        min=1,
        max=20,
        rich_help_panel=_JUDGE,
        help="Tries for a request that fails on its way (429, 5xx, time-out).",
    ),
]
PatienceOption = Annotated[
    float,
    typer.Option(
        "--patience",
        metavar="SECONDS",
        min=1,
        rich_help_panel=_JUDGE,
        help="How long a request that fails on its way may be tried again.",
    ),
]
RedactOption = Annotated[
    bool,
    typer.Option(
        "--redact",
        rich_help_panel=_JUDGE,
        help="Hide names, e-mail addresses, phone numbers, links and companies from the judge; see docs/redaction.md.",
    ),
]
RedactListOption = Annotated[
    Path | None,
    typer.Option(
        "--redact-list",
        metavar="FILE",
        rich_help_panel=_JUDGE,
        help="Also hide these: one a line, as 'name: Jane Doe' or 'company: Acme'. Needs --redact.",
    ),
]
