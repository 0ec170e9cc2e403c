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
    ending_decides,
    format_fits,
)
from evaluator.cli.output import bank_files, check_output, note, wants_color, width, write_result
from evaluator.cli.progress import counting

app = typer.Typer(help="List, show, check and derive the rubrics of a bank.", no_args_is_help=True)


def _format_fits(context: typer.Context, option: typer.CallbackParam, given: OutputFormat) -> OutputFormat:
    """As elsewhere; beside a picture the result itself is printed, in any form."""
    if not _is_picture(context.params.get("output")):
        format_fits(context, option, given)
    return given


def _ending_decides(context: typer.Context, option: typer.CallbackParam, output: Path | None) -> Path | None:
    return output if _is_picture(output) else ending_decides(context, option, output)


def _is_picture(output: Path | None) -> bool:
    return output is not None and output.suffix.lower() == ".html"


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

    opened = open_bank(bank)
    check_output(output, *bank_files(opened.root))
    write_result(rubric_list(opened.load_rubrics(), output_format.value, width()), output, output_format)


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
    check_output(output, *bank_files(shown.root))
    rubric = shown.rubric(shown.find(question).id)
    write_result(rubric_page(rubric, output_format.value, width()), output, output_format)


@app.command("check")
def check_rubric(
    question: Annotated[
        str | None, typer.Argument(help="Id, number or unique prefix; all rubrics if left out.", show_default=False)
    ] = None,
    judge: JudgeOption = None,
    base_url: BaseUrlOption = None,
    bank: BankOption = None,
    output_format: Annotated[
        OutputFormat,
        typer.Option("--format", rich_help_panel="Output", callback=_format_fits, help="How to print the result."),
    ] = OutputFormat.text,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            rich_help_panel="Output",
            callback=_ending_decides,
            help="Write the result to FILE; a name ending in .html gets the picture of the matrix instead.",
        ),
    ] = None,
    debug: DebugOption = False,
) -> None:
    """Prove rubrics: wording, examples, and how they score texts whose score is known.

    The model answer must score at least 90, an off-topic one at most 15, a keyword-only one less than 25, an empty one
    nothing, and each criterion must hang on the sentence that it came from. Checking all rubrics also grades every
    model answer under every rubric. Exit status 1 where a rubric has an error.

    For example:

    evaluator rubric check dora-rollout

    evaluator rubric check --bank my-bank -o matrix.html
    """
    from evaluator.cli.wiring import open_bank, open_judge
    from evaluator.errors import BankError, UsageError
    from evaluator.judges.embedded import Encoder
    from evaluator.proof import Check, check_rubrics
    from evaluator.reports.proof import check_json, check_markdown, matrix_page, render_check

    shown = open_bank(bank)
    check_output(output, *bank_files(shown.root))
    found = shown.find(question) if question else None
    try:
        rubrics = (shown.rubric(found.id),) if found else shown.load_rubrics()
    except BankError as error:
        note(str(error))
        raise typer.Exit(1) from error
    pairs = [(next(q for q in shown.questions if q.id == rubric.question), rubric) for rubric in rubrics]
    if not pairs:
        raise UsageError(f"{shown.root} has no rubrics to check.", "A rubric is a file rubrics/<question id>.yaml.")
    picture = _is_picture(output)
    if picture and sum(bool(asked.model_answer) for asked, _ in pairs) < 2:  # noqa: PLR2004 - nothing to compare
        raise UsageError(
            "A matrix takes two rubrics or more whose questions have a model answer.",
            "Leave the question out to check them all." if found else "Name a file that does not end in .html.",
        )
    reader = open_judge(judge, base_url)

    async def check() -> Check:
        try:
            with counting("checking rubrics", len(pairs) * (1 if found else 2)) as step:
                return await check_rubrics(shown, pairs, reader, Encoder(), step)
        finally:
            await reader.aclose()

    result = asyncio.run(check())
    if picture and result.matrix is not None:
        write_result(matrix_page(result.matrix), output)
        output = None
    if output_format == OutputFormat.json:
        text = check_json(result)
    elif output_format == OutputFormat.markdown:
        text = check_markdown(result)
    else:
        text = render_check(result, width=width(), color=wants_color() and output is None)
    write_result(text, output, output_format)
    if result.errors:
        raise typer.Exit(1)


app.command("derive")(derive)
