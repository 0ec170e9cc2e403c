"""`evaluator export`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from evaluator.cli.options import DebugOption, OutputOption
from evaluator.cli.output import note
from evaluator.errors import InputError, UsageError

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
    export_format: Annotated[ExportFormat, typer.Option("--format", help="Kind of file.")] = ExportFormat.csv,
    rows: Annotated[Rows, typer.Option("--rows", help="One row for each answer, or for each finding.")] = Rows.answers,
    question: Annotated[str | None, typer.Option("--question", metavar="ID", help="Only this question.")] = None,
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
    from evaluator.runs.copies import find_copies, with_copies
    from evaluator.runs.export import answer_rows, finding_rows, write_csv, write_evaluations, write_jsonl
    from evaluator.runs.store import RunStore

    if export_format == ExportFormat.parquet and output is None:
        raise UsageError("Parquet is not for the terminal.", "Name a file with -o.")
    with RunStore.open(run) as store:
        copies = find_copies(store, question=question)
        stored = with_copies(store.iterate(question=question, candidate=candidate, history=history), copies)
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
        reconfigure = getattr(sys.stdout, "reconfigure", None)
        if reconfigure:  # the line ends of CSV are its own, on every system
            reconfigure(newline="")
        write(sys.stdout)
        sys.stdout.flush()
        return

    def save(file: Path) -> None:
        with file.open("w", encoding=encoding, newline="") as handle:
            write(handle)

    _in_one_step(save, output)


def _to_parquet(table: Table, output: Path | None) -> None:
    from evaluator.runs.export import write_parquet

    if output is not None:
        _in_one_step(lambda file: write_parquet(table, file), output)


def _in_one_step(save: Callable[[Path], None], output: Path) -> None:
    """Write beside the file and put it in its place at the end, so that a failure leaves no half file."""
    try:
        with tempfile.TemporaryDirectory(dir=output.parent, prefix=".export-") as folder:
            file = Path(folder) / "export"
            save(file)
            file.replace(output)
    except OSError as error:
        raise InputError(f"{output} cannot be written: {error.strerror or error}.") from error
    note(f"Written to {output}.")
