"""`evaluator export`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from evaluator.cli.options import DebugOption, OutputOption, format_fits
from evaluator.cli.output import check_output, note, printing_utf8, run_files
from evaluator.errors import UsageError
from evaluator.saving import saving

if TYPE_CHECKING:
    from evaluator.runs.export import Table


class ExportFormat(StrEnum):
    """The kind of file."""

    csv = "csv"
    jsonl = "jsonl"
    parquet = "parquet"


class Rows(StrEnum):
    """What a row is."""

    answers = "answers"
    findings = "findings"


def export(
    run: Annotated[Path, typer.Argument(help="A run made by 'evaluator batch'.", show_default=False)],
    export_format: Annotated[
        ExportFormat,
        typer.Option("--format", callback=format_fits, help="Kind of file; without it, the ending of -o decides."),
    ] = ExportFormat.csv,
    rows: Annotated[Rows, typer.Option("--rows", help="One row for each answer, or for each finding.")] = Rows.answers,
    question: Annotated[
        str | None, typer.Option("--question", metavar="QUESTION", help="Only this one: id, number or prefix.")
    ] = None,
    candidate: Annotated[str | None, typer.Option("--candidate", metavar="NAME", help="Only this person.")] = None,
    history: Annotated[bool, typer.Option("--history", help="Former evaluations too.")] = False,
    output: OutputOption = None,
    debug: DebugOption = False,
) -> None:
    """Write the evaluations of a run as a table or as JSON lines.

    For example:

    evaluator export cohort.run -o cohort.csv

    evaluator export cohort.run --rows findings --format jsonl | jq .gap
    """
    from evaluator.cli.selection import question_in
    from evaluator.runs.copies import find_copies, with_copies
    from evaluator.runs.export import answer_rows, finding_rows, write_csv, write_evaluations, write_jsonl
    from evaluator.runs.store import RunStore

    if export_format == ExportFormat.parquet and output is None:
        raise UsageError("Parquet is not for the terminal.", "Name a file with -o.")
    check_output(output, *run_files(run))
    with RunStore.open(run) as store:
        asked = question_in(store, question, candidate)
        copies = find_copies(store, question=asked)
        stored = with_copies(store.iterate(question=asked, candidate=candidate, history=history), copies)
        table = (answer_rows if rows == Rows.answers else finding_rows)(stored, store.extra_names())
        if export_format == ExportFormat.parquet:
            _to_parquet(table, output)
        elif export_format == ExportFormat.csv:
            # The mark tells spreadsheets that it is UTF-8; programs that read a pipe have no use for it.
            _to_text(lambda handle: write_csv(table, handle), output, "utf-8-sig")
        elif rows == Rows.answers:
            _to_text(lambda handle: write_evaluations(stored, handle), output, "utf-8")
        else:
            _to_text(lambda handle: write_jsonl(table, handle), output, "utf-8")


def _to_text(write: Callable[[TextIO], None], output: Path | None, encoding: str) -> None:
    if output is None:
        printing_utf8(newline="")  # the line ends of CSV are its own, on every system
        write(sys.stdout)
        sys.stdout.flush()
        return
    with saving(output) as new, new.open("w", encoding=encoding, errors="backslashreplace", newline="") as handle:
        write(handle)
    note(f"Written to {output}.")


def _to_parquet(table: Table, output: Path | None) -> None:
    from evaluator.runs.export import write_parquet

    if output is None:
        return
    with saving(output) as new:
        write_parquet(table, new)
    note(f"Written to {output}.")
