"""`evaluator questions`: list, show."""

from __future__ import annotations

from typing import Annotated

import typer

from evaluator.cli.options import BankOption, DebugOption, FormatOption, OutputFormat, OutputOption
from evaluator.cli.output import bank_files, check_output, width, write_result
from evaluator.errors import UsageError

app = typer.Typer(help="List and show the questions of a bank.", no_args_is_help=True)


@app.command("list")
def list_questions(
    theme: Annotated[str | None, typer.Option("--theme", help="Only questions with this theme.")] = None,
    bank: BankOption = None,
    output_format: FormatOption = OutputFormat.text,
    output: OutputOption = None,
    debug: DebugOption = False,
) -> None:
    """List the questions in order, with level and themes.

    Example: evaluator questions list --theme slo
    """
    from evaluator.cli.wiring import open_bank
    from evaluator.reports.bank import question_list

    opened = open_bank(bank)
    check_output(output, *bank_files(opened.root))
    every = opened.questions
    chosen = [q for q in every if theme is None or theme in q.themes]
    if theme is not None and not chosen:
        known = sorted({t for q in every for t in q.themes})
        raise UsageError(f'No question has the theme "{theme}".', f"Themes: {', '.join(known)}.")
    write_result(question_list(chosen, output_format.value, width()), output, output_format)


@app.command("show")
def show_question(
    question: Annotated[str, typer.Argument(help="Id, number or unique prefix.", show_default=False)],
    bank: BankOption = None,
    output_format: FormatOption = OutputFormat.text,
    output: OutputOption = None,
    debug: DebugOption = False,
) -> None:
    """Show one question and its model answer.

    Example: evaluator questions show 11
    """
    from evaluator.cli.wiring import open_bank
    from evaluator.reports.bank import question_page

    opened = open_bank(bank)
    check_output(output, *bank_files(opened.root))
    write_result(question_page(opened.find(question), output_format.value, width()), output, output_format)
