"""`evaluator grade`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evaluator.cli.options import (
    AttemptsOption,
    BankOption,
    BaseUrlOption,
    Calls,
    CallsOption,
    DebugOption,
    FormatOption,
    JudgeOption,
    OutputFormat,
    OutputOption,
    PatienceOption,
    RedactListOption,
    RedactOption,
    TimeoutOption,
)
from evaluator.cli.output import bank_files, check_output, note, wants_color, width, write_result
from evaluator.cli.progress import working
from evaluator.wording import many

if TYPE_CHECKING:
    from evaluator.bank import Bank
    from evaluator.domain import Graded, Ungraded
    from evaluator.judges import Case, Judge


def grade(
    question: Annotated[str, typer.Argument(help="Id, number or unique prefix of the question.", show_default=False)],
    answer: Annotated[
        str | None, typer.Argument(help="A text file, DOCX or PDF; - or nothing reads standard input.")
    ] = None,
    judge: JudgeOption = None,
    base_url: BaseUrlOption = None,
    bank: BankOption = None,
    calls: CallsOption = Calls.per_answer,
    timeout: TimeoutOption = 120,
    attempts: AttemptsOption = 6,
    patience: PatienceOption = 180,
    redact: RedactOption = False,
    redact_list: RedactListOption = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Print the messages, tokens and cost an LLM judge would take; call nothing."),
    ] = False,
    output_format: FormatOption = OutputFormat.text,
    output: OutputOption = None,
    debug: DebugOption = False,
) -> None:
    """Grade one written answer and say what is there, what is missing, and what to add.

    For example:

    evaluator grade dora-rollout answer.md

    evaluator grade 11 answer.md --format markdown -o feedback.md

    cat answer.md | evaluator grade dora --format json

    evaluator grade 11 answer.md --judge openai/gpt-5-mini
    """
    from evaluator.cli.answers import read_answer
    from evaluator.cli.wiring import open_bank, open_judge, redacted
    from evaluator.judges import Case
    from evaluator.reports.view import one_line, why_ungraded

    shown = open_bank(bank)
    check_output(output, _file(answer), redact_list, *bank_files(shown.root))
    found = shown.find(question)
    rubric = shown.rubric(found.id)
    reader = open_judge(judge, base_url, calls=calls.value, timeout=timeout, attempts=attempts, patience=patience)
    reader = redacted(reader, redact, redact_list)
    case = Case(found, rubric, read_answer(answer, found.id))
    if dry_run:
        write_result(_preview(case, reader), output)
        return
    with working(f"{reader.identity.judge} is reading the answer"):
        evaluation = asyncio.run(_grade(case, shown, reader))
    write_result(
        _render(evaluation, case, shown, reader, output_format, color=wants_color() and output is None),
        output,
        output_format,
    )
    if evaluation.status == "ungraded":
        if output_format != OutputFormat.text or output is not None:
            note(f"Not graded ({why_ungraded(evaluation.reason)}): {one_line(evaluation.detail)}")
        raise typer.Exit(1)


def _file(answer: str | None) -> Path | None:
    return None if answer is None or answer == "-" else Path(answer)


async def _grade(case: Case, bank: Bank, judge: Judge) -> Graded | Ungraded:
    from evaluator.runs import grade_one

    try:
        return await grade_one(case, bank.scale, judge)
    finally:
        await judge.aclose()


def _render(
    evaluation: Graded | Ungraded, case: Case, bank: Bank, judge: Judge, form: OutputFormat, *, color: bool
) -> str:
    from evaluator.reports import View, render_json, render_markdown, render_terminal

    if form == OutputFormat.json:
        return render_json(evaluation)
    view = View(evaluation, case.question, case.rubric, bank.scale, judge.trust(case.rubric))
    if form == OutputFormat.markdown:
        return render_markdown(view)
    return render_terminal(view, width=width(), color=color)


def _preview(case: Case, judge: Judge) -> str:
    """What an LLM judge would be sent, and what that would take."""
    from evaluator.judges.llm import LLMJudge
    from evaluator.redaction import RedactingJudge

    if isinstance(judge, RedactingJudge):
        return _preview(judge.hide(case)[1], judge.inner)
    if not isinstance(judge, LLMJudge):
        return "The embedded judge runs on this machine: it sends nothing and costs nothing.\n"
    estimate = judge.estimate(case)
    lines = []
    for number, (system, user) in enumerate(estimate.messages, 1):
        lines += [f"==== request {number} of {estimate.calls}: system ====", system, "==== user ====", user]
    near = f"; did you mean {estimate.near}?" if estimate.near else ""
    cost = f"unknown (no price for this model{near})" if estimate.cost_usd is None else f"${estimate.cost_usd:.4f}"
    requests = many(estimate.calls, "request")
    lines += [
        "==== estimate ====",
        f"{requests}, about {estimate.input_tokens:,} tokens in and {estimate.output_tokens:,} out.",
        f"Cost: {cost}.",
        "Nothing was sent.",
    ]
    return "\n".join(lines) + "\n"
