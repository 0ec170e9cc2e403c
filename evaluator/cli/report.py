"""`evaluator report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evaluator.cli.options import DebugOption
from evaluator.cli.output import check_output, ending_format, run_files, write_result
from evaluator.cli.progress import working


def report(
    run: Annotated[Path, typer.Argument(help="A run made by 'evaluator batch'.", show_default=False)],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="The page to write; default: RUN with the ending .html."),
    ] = None,
    title: Annotated[
        str | None,
        typer.Option("--title", help="Heading of the page; default: the name of the run.", show_default=False),
    ] = None,
    question: Annotated[
        str | None,
        typer.Option(
            "--question",
            metavar="QUESTION",
            help="Only answers to this one: id, number or unique prefix.",
            show_default=False,
        ),
    ] = None,
    candidate: Annotated[
        str | None, typer.Option("--candidate", metavar="NAME", help="Only this candidate.", show_default=False)
    ] = None,
    details: Annotated[
        int,
        typer.Option("--details", metavar="N", min=0, help="Show at most N candidates one by one; figures are of all."),
    ] = 2500,
    debug: DebugOption = False,
) -> None:
    """Write one self-contained page about a run: the cohort, its gaps, and a page for each candidate.

    For example: evaluator report cohort.run -o report.html
    """
    from evaluator.cli.selection import question_in
    from evaluator.errors import InputError
    from evaluator.reports.cohort import collect, page_pieces
    from evaluator.runs.copies import find_copies, with_copies
    from evaluator.runs.store import RunStore

    if output is not None:
        ending_format(output, ["html"])
    target = output or run.with_suffix(".html")
    check_output(target, *run_files(run))
    with RunStore.open(run) as store, working(f"Reading {run}"):
        scale = store.scale()
        questions = store.questions()
        question = question_in(store, question, candidate)
        asked = questions if question is None else {question: questions[question]}
        copies = find_copies(store, question=question)
        records = with_copies(store.iterate(question=question, candidate=candidate, history=True), copies)
        cohort = collect(records, asked, store.rubrics(), scale, details=details)
        waiting = store.counts().waiting if question is None and candidate is None else 0
    if not cohort.people:
        raise InputError(f"The run {run} waits for new evaluations of these answers.", "'evaluator batch' goes on.")
    page = page_pieces(cohort, title=title or run.stem, waiting=waiting, details=details)
    write_result(page, target)
