"""`evaluator rubric`: list, show, check, derive."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from evaluator.cli.derive import derive
from evaluator.cli.options import (
    BankOption,
    BaseUrlOption,
    DebugOption,
    FormatOption,
    JudgeOption,
    OutputFormat,
    OutputOption,
)
from evaluator.cli.output import note, wants_color, width, write_result
from evaluator.cli.progress import counting

app = typer.Typer(help="List, show, check and derive the rubrics of a bank.", no_args_is_help=True)


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


@app.command("check")
def check_rubric(
    question: Annotated[
        str | None, typer.Argument(help="Id, number or unique prefix; all rubrics if left out.", show_default=False)
    ] = None,
    judge: JudgeOption = None,
    base_url: BaseUrlOption = None,
    bank: BankOption = None,
    output_format: FormatOption = OutputFormat.text,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            rich_help_panel="Output",
            help="Write the result to FILE; a name ending in .html gets the picture of the matrix instead.",
        ),
    ] = None,
    debug: DebugOption = False,
) -> None:
    """Prove rubrics: wording, examples, and how they score texts whose score is known.

    The model answer must score full, an empty, an off-topic and a keyword-only answer must not, and each criterion
    must hang on the sentence that it came from. Checking all rubrics also grades every model answer under every rubric.
    Exit status 1 where a rubric has an error.

    For example:

    evaluator rubric check dora-rollout

    evaluator rubric check --bank my-bank -o matrix.html
    """
    from evaluator.cli.wiring import open_bank, open_judge
    from evaluator.errors import BankError, UsageError
    from evaluator.judges.embedded import Encoder
    from evaluator.proof import check_rubrics
    from evaluator.reports.proof import check_json, check_markdown, matrix_page, render_check

    shown = open_bank(bank)
    found = shown.find(question) if question else None
    try:
        rubrics = (shown.rubric(found.id),) if found else shown.load_rubrics()
    except BankError as error:
        note(str(error))
        raise typer.Exit(1) from error
    pairs = [(next(q for q in shown.questions if q.id == rubric.question), rubric) for rubric in rubrics]
    if not pairs:
        raise UsageError(f"{shown.root} has no rubrics to check.", "A rubric is a file rubrics/<question id>.yaml.")
    reader = open_judge(judge, base_url)
    with counting("checking rubrics", len(pairs) * (1 if found else 2)) as step:
        result = asyncio.run(check_rubrics(shown, pairs, reader, Encoder(), step))
    if output is not None and output.suffix == ".html":
        if result.matrix is None:
            raise UsageError("One rubric alone makes no matrix.", "Leave the question out to check them all.")
        write_result(matrix_page(result.matrix), output)
        output = None
    if output_format == OutputFormat.json:
        text = check_json(result)
    elif output_format == OutputFormat.markdown:
        text = check_markdown(result)
    else:
        text = render_check(result, width=width(), color=wants_color() and output is None)
    write_result(text, output)
    if result.errors:
        raise typer.Exit(1)


app.command("derive")(derive)
