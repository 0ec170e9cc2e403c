"""`evaluator rubric derive`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from evaluator.cli.options import (
    AttemptsOption,
    BankOption,
    BaseUrlOption,
    DebugOption,
    JudgeOption,
    OutputOption,
    PatienceOption,
    TimeoutOption,
    format_fits,
)
from evaluator.cli.output import bank_files, check_output, note, width, write_result

if TYPE_CHECKING:
    from evaluator.authoring.derive import Outcome, Workshop
    from evaluator.bank import Bank
    from evaluator.domain import Question

_LIMITS = "Limits"


class DeriveFormat(StrEnum):
    """How the outcome is printed."""

    text = "text"
    json = "json"


def derive(
    questions: Annotated[
        list[str] | None, typer.Argument(metavar="QUESTION...", help="Ids, numbers or prefixes.", show_default=False)
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Every question that has a model answer and no final rubric.")
    ] = False,
    update: Annotated[
        bool, typer.Option("--update", help="Derive again and show what would change in a rubric that is there.")
    ] = False,
    apply: Annotated[bool, typer.Option("--apply", help="With --update: write the change that was shown.")] = False,
    judge: JudgeOption = None,
    base_url: BaseUrlOption = None,
    check_with: Annotated[
        str, typer.Option("--check-with", metavar="SPEC", help="The judge of the self-check; an LLM is asked often.")
    ] = "embedded",
    bank: BankOption = None,
    max_calls: Annotated[
        int | None,
        typer.Option("--max-calls", metavar="N", min=1, rich_help_panel=_LIMITS, help="Most requests of this command."),
    ] = None,
    max_cost: Annotated[
        float | None,
        typer.Option("--max-cost", metavar="USD", min=0, rich_help_panel=_LIMITS, help="Most US dollars it may cost."),
    ] = None,
    max_tokens: Annotated[
        int | None,
        typer.Option(
            "--max-tokens",
            metavar="N",
            min=1,
            rich_help_panel=_LIMITS,
            help="Most tokens of one reply, for models that do not stop.",
        ),
    ] = None,
    timeout: TimeoutOption = 300,
    attempts: AttemptsOption = 6,
    patience: PatienceOption = 180,
    output_format: Annotated[
        DeriveFormat,
        typer.Option("--format", rich_help_panel="Output", callback=format_fits, help="How to print the outcome."),
    ] = DeriveFormat.text,
    output: OutputOption = None,
    debug: DebugOption = False,
) -> None:
    """Derive rubrics from model answers with a language model, and check them.

    First the criteria, then examples for each, then red flags. Every source
    must stand in the model answer, points must be single checks, and the
    rubric must prove itself as in 'rubric check'. What fails is asked again,
    at most twice; what still fails is written as a draft, with the reasons as
    comments. A rubric that is final or that somebody edited is never
    overwritten. Replies are kept in the folder 'derived' of the bank, so that
    a command that was broken off goes on where it stopped. Exit status 1
    where a rubric is a draft or could not be made.

    For example:

    evaluator rubric derive on-call-rotation --bank my-bank --judge openai/gpt-5-mini

    evaluator rubric derive --all --bank my-bank --judge openai/gpt-5-mini --max-cost 5

    evaluator rubric derive on-call-rotation --bank my-bank --judge openai/gpt-5-mini --update

    evaluator rubric derive --all --bank my-bank --judge embedded
    """
    from evaluator.authoring.derive import derived_json, derived_text
    from evaluator.cli.deriving import chosen_questions, open_workshop
    from evaluator.cli.wiring import open_bank
    from evaluator.errors import UsageError

    if apply and not update:
        raise UsageError("--apply writes what --update shows.", "Add --update, or leave --apply out.")
    shown = open_bank(bank)
    check_output(output, *bank_files(shown.root))
    chosen = chosen_questions(shown, questions or [], every=every, update=update)
    workshop = open_workshop(
        shown,
        judge,
        base_url,
        check_with=check_with,
        limits=(max_calls, max_cost),
        connection={"timeout": timeout, "max_attempts": attempts, "patience": patience, "max_tokens": max_tokens},
    )
    outcomes: list[Outcome] = []
    ended: bool | None = None
    try:
        ended = asyncio.run(_work(workshop, chosen, outcomes, update=update, apply=apply))
    finally:  # what was finished before an error is said all the same
        form = derived_json(outcomes) if output_format == DeriveFormat.json else derived_text(outcomes, width())
        if ended is not None or outcomes:
            write_result(form, output, output_format)
            _next_steps(outcomes, shown)
    if not ended:
        note("The budget is spent. What was replied is kept: the same command goes on where this one stopped.")
        raise typer.Exit(4)
    if any(outcome.kind in ("draft", "failed") for outcome in outcomes):
        raise typer.Exit(1)


async def _work(
    workshop: Workshop, chosen: list[Question], outcomes: list[Outcome], *, update: bool, apply: bool
) -> bool:
    """Do one question after the other; whether the budget was enough."""
    from evaluator.authoring.derive import Outcome
    from evaluator.errors import InputError
    from evaluator.runs.batch.budget import BudgetSpentError

    try:
        with _telling() as tell:
            for number, question in enumerate(chosen, 1):
                place = f"{question.id} ({number} of {len(chosen)})"

                def step(what: str, place: str = place) -> None:
                    tell(f"{place}: {what}")

                work = workshop.update(question, step, apply=apply) if update else workshop.derive(question, step)
                try:
                    outcomes.append(await work)
                except InputError as error:
                    if len(chosen) == 1:
                        raise
                    outcomes.append(Outcome(question.id, "failed", str(error)))
    except BudgetSpentError:
        return False
    finally:
        if workshop.asker is not None:
            await workshop.asker.aclose()
        await workshop.proof.judge.aclose()
    return True


@contextmanager
def _telling() -> Iterator[Callable[[str], None]]:
    """Say on standard error what goes on: in one line that changes on a terminal, else a line for each question."""
    if sys.stderr.isatty():
        with Console(stderr=True).status("") as status:
            yield status.update
        return
    told: list[str] = []

    def tell(text: str) -> None:
        question = text.partition(":")[0]
        if question not in told:
            told.append(question)
            note(f"Deriving {question}.")

    yield tell


def _next_steps(outcomes: list[Outcome], bank: Bank) -> None:
    kinds = {outcome.kind for outcome in outcomes}
    if "draft" in kinds:
        note("Drafts say in comments what is refused. Mend them, remove 'status: draft', and check them:")
    if kinds & {"draft", "final"}:
        note(f"  evaluator rubric check --bank {bank.root}")
    if "proposed" in kinds:
        note("Nothing was written. The same command with --apply writes this change; it asks nothing again.")
