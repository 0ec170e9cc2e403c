"""`evaluator rubric`: list, show."""

from __future__ import annotations

from typing import Annotated

import typer

from evaluator.cli.options import BankOption, DebugOption, FormatOption, OutputFormat, OutputOption
from evaluator.cli.output import width, write_result

app = typer.Typer(help="List and show the rubrics of a bank.", no_args_is_help=True)


@app.command("list")
def list_rubrics(
    bank: BankOption = None,
    output_format: FormatOption = OutputFormat.text,
    output: OutputOption = None,
    debug: DebugOption = False,
) -> None:
    """List the rubrics with their number of criteria, points, red flags and examples.

    Example: evaluator rubric list --bank my-bank
    """
    from evaluator.cli.wiring import open_bank
    from evaluator.reports.bank import rubric_list

    write_result(rubric_list(open_bank(bank).load_rubrics(), output_format.value, width()), output)


@app.command("show")
def show_rubric(
    question: Annotated[str, typer.Argument(help="Id, number or unique prefix.", show_default=False)],
    bank: BankOption = None,
    output_format: FormatOption = OutputFormat.text,
    output: OutputOption = None,
    debug: DebugOption = False,
) -> None:
    """Show the criteria and red flags that an answer is judged by.

    Example: evaluator rubric show dora-rollout
    """
    from evaluator.cli.wiring import open_bank
    from evaluator.reports.bank import rubric_page

    shown = open_bank(bank)
    write_result(rubric_page(shown.rubric(shown.find(question).id), output_format.value, width()), output)
