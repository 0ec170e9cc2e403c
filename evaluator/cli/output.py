"""Results to standard output or a file; everything else to standard error."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Collection, Iterable
from pathlib import Path

import typer

from evaluator.errors import InputError, UsageError
from evaluator.saving import saving
from evaluator.wording import either

ENDINGS = {
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".md": "markdown",
    ".markdown": "markdown",
    ".csv": "csv",
    ".parquet": "parquet",
    ".xml": "junit",
    ".html": "html",
    ".htm": "html",
}
"""Formats that a file's ending promises; other endings, such as .txt, promise nothing."""

_SECOND = (".ndjson", ".markdown", ".htm")
"""Known, and not advised."""

_OTHERS = (".pdf", ".xlsx", ".xls", ".ods", ".docx", ".doc", ".odt", ".rtf", ".tsv", ".png", ".zip")
"""Endings that promise what no command writes."""


def write_result(text: str | Iterable[str], output: Path | None, form: str = "text") -> None:
    """Print a result, or write it to a file in one step, so that a failure leaves no half file.

    Args:
        text: The result, whole or in pieces.
        output: The file, always UTF-8; or None for standard output.
        form: "text" is printed in the encoding of the terminal; any other form is for programs, and UTF-8 everywhere.

    Raises:
        InputError: The file cannot be written.
    """
    pieces = [text] if isinstance(text, str) else text
    if output is None:
        if form != "text":
            printing_utf8()
        sys.stdout.writelines(pieces)
        sys.stdout.flush()
        return
    with saving(output) as new, new.open("w", encoding="utf-8", errors="backslashreplace") as handle:
        handle.writelines(pieces)
    note(f"Written to {output}.")


def printing_utf8(newline: str | None = None) -> None:
    """From here on, standard output is UTF-8, whatever the locale says."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure:
        reconfigure(encoding="utf-8", errors="backslashreplace", newline=newline)


def check_output(output: Path | None, *inputs: Path | None) -> None:
    """Refuse a file for the result that is read, or that cannot be one; before anything is graded or asked.

    Args:
        output: Where the result is to go; None is standard output.
        inputs: Files that are read, and folders of which all files are read; None is passed over.

    Raises:
        UsageError: The result would overwrite an input.
        InputError: There is no folder for it, or it is a folder itself.
    """
    if output is None:
        return
    real = Path(os.path.realpath(output))
    for given in filter(None, inputs):
        below = given.is_dir() and output.exists() and Path(os.path.realpath(given)) in real.parents
        if below or _same(output, given):
            raise UsageError(f"The result would overwrite {output}, which is read.", "Name another file with -o.")
    wrong = errno.EISDIR if output.is_dir() else None if output.parent.is_dir() else errno.ENOENT
    if wrong:
        raise InputError(f"{output} cannot be written: {os.strerror(wrong)}.")


def ending_format(output: Path, formats: Collection[str], given: str | None = None) -> str | None:
    """The format that the ending of a file promises; None where it promises none.

    Args:
        output: Where the result is to go.
        formats: What the command writes.
        given: The format that was asked for by name; None where none was.

    Raises:
        UsageError: The command does not write that, or something else was asked for by name.
    """
    ending = output.suffix.lower()
    promised = ENDINGS.get(ending)
    if promised is None and ending not in _OTHERS:
        return None
    if promised not in formats:
        fit = [known for known, form in ENDINGS.items() if form in formats and known not in _SECOND]
        fit += [".txt"] if "text" in formats else []
        raise UsageError(f'"{output.name}" ends in {ending}, which is not written here.', f"End it in {either(fit)}.")
    if given not in (None, promised) and given in ("text", *ENDINGS.values()):
        raise UsageError(
            f'"{output.name}" ends in {ending}, and --format asks for {given}.',
            f"Leave --format out, or give the file another ending than {ending}.",
        )
    return promised


def run_files(run: Path) -> tuple[Path, ...]:
    """A run, and what lies beside it while it is open."""
    return (run, *(run.with_name(run.name + ending) for ending in ("-wal", "-shm", "-journal", ".lock")))


def bank_files(root: Path) -> tuple[Path, ...]:
    """The folders of a bank that are read."""
    return root / "questions", root / "rubrics"


def _same(one: Path, other: Path) -> bool:
    if one.exists() and other.exists():
        return one.samefile(other)
    return os.path.realpath(one) == os.path.realpath(other)


def note(text: str) -> None:
    """A remark for the person at the terminal, on standard error."""
    typer.echo(text, err=True)


def wants_color() -> bool:
    """Colour for a terminal, unless NO_COLOR is set or the terminal is dumb; FORCE_COLOR overrides."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def width() -> int:
    """Columns of the terminal, 80 where there is none."""
    return max(shutil.get_terminal_size((80, 24)).columns, 40)
