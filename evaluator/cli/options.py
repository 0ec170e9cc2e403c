"""Options that several commands share, defined once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from evaluator.cli.output import ending_format


class OutputFormat(StrEnum):
    """How a result is printed."""

    text = "text"
    json = "json"
    markdown = "markdown"


class Calls(StrEnum):
    """How an LLM judge is asked."""

    per_answer = "per-answer"
    per_criterion = "per-criterion"


def format_fits(context: typer.Context, option: typer.CallbackParam, given: StrEnum) -> StrEnum:
    """Refuse a format that the ending of -o contradicts; a callback of every --format.

    Raises:
        UsageError: The ending promises another format.
    """
    output = context.params.get("output")
    if output is not None and _asked_for(context, option.name or ""):
        ending_format(output, [form.value for form in type(given)], given.value)
    return given


def ending_decides(context: typer.Context, option: typer.CallbackParam, output: Path | None) -> Path | None:
    """Where --format is not given, take the format that the ending promises; the callback of every -o.

    Raises:
        UsageError: The ending promises what the command does not write, or another format than was asked for.
    """
    del option
    form: Any = next((other for other in context.command.params if "--format" in other.opts), None)
    if output is None or form is None or form.name is None:
        return output
    read = form.name in context.params and _asked_for(context, form.name)
    given = context.params[form.name].value if read else None
    promised = ending_format(output, [known.value for known in type(form.default)], given)
    if promised is not None:  # what is not on the command line is looked at after what is
        context.default_map = {**(context.default_map or {}), form.name: promised}
    return output


def _asked_for(context: typer.Context, name: str) -> bool:
    """Whether an option that has been read, or is being read, stood on the command line."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


_JUDGE = "Judge and connection"
_OUTPUT = "Output"

JudgeOption = Annotated[
    str | None,
    typer.Option(
        "--judge",
        metavar="SPEC",
        rich_help_panel=_JUDGE,
        help="'embedded' (offline, the default) or a provider and model, such as 'openai/gpt-5-mini'. "
        "\\[env: EVALUATOR_JUDGE]",
    ),
]
BaseUrlOption = Annotated[
    str | None,
    typer.Option(
        "--base-url",
        metavar="URL",
        rich_help_panel=_JUDGE,
        help="Any OpenAI-compatible server, such as http://127.0.0.1:8080/v1. \\[env: EVALUATOR_BASE_URL]",
    ),
]
BankOption = Annotated[
    Path | None,
    typer.Option(
        "--bank",
        metavar="DIR",
        help="A folder with questions/ and rubrics/; the default is the shipped bank. \\[env: EVALUATOR_BANK]",
    ),
]
FormatOption = Annotated[
    OutputFormat,
    typer.Option(
        "--format",
        rich_help_panel=_OUTPUT,
        callback=format_fits,
        help="How to print the result; without it, the ending of -o decides.",
    ),
]
OutputOption = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE",
        rich_help_panel=_OUTPUT,
        callback=ending_decides,
        help="Write the result to FILE.",
    ),
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
        help="How long a request that fails on its way may be tried again, "
        "and the longest pause that is made when a server asks for one.",
    ),
]
RedactOption = Annotated[
    bool,
    typer.Option(
        "--redact",
        rich_help_panel=_JUDGE,
        help="Hide names, e-mail addresses, phone numbers, links and companies from the judge.",
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
