"""Open an input of any kind."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from evaluator.errors import InputError, Problem, UsageError
from evaluator.runs.inputs.encoding import encoding_of
from evaluator.runs.inputs.folder import read_folder
from evaluator.runs.inputs.lines import read_lines
from evaluator.runs.inputs.row import InputRow
from evaluator.runs.inputs.table import read_table

_JSONL = (".jsonl", ".ndjson", ".json")


@dataclass(frozen=True, slots=True)
class Source:
    """An input that can be read, also several times; `guessed` is its encoding where that is only likely, else ""."""

    path: Path
    guessed: str
    rows: Callable[[], Iterator[InputRow | Problem]]


def open_source(path: Path, encoding: str | None = None) -> Source:
    """Look at an input: what kind it is, and in which encoding.

    Args:
        path: A CSV file, a JSONL file (by its ending), or a folder.
        encoding: Of the file or files; None to find out.

    Raises:
        InputError: There is nothing, or it is no text.
        UsageError: There is no such encoding.
    """
    if encoding is not None:
        try:
            codecs.lookup(encoding)
        except LookupError as error:
            raise UsageError(f'There is no encoding "{encoding}".', 'Try "utf-8", "cp1252" or "mac_roman".') from error
    if path.is_dir():
        return Source(path, "", lambda: read_folder(path, encoding))
    if path.exists() and not path.is_file() and not path.is_fifo():
        raise InputError(f"{path} is neither a file nor a folder.")
    if path.is_fifo():
        raise InputError(f"{path} is a pipe, and the input is read more than once.", "Write it into a file first.")
    found = encoding or encoding_of(path)
    guessed = found if encoding is None and not found.startswith("utf") else ""
    read = read_lines if path.suffix.lower() in _JSONL else read_table
    return Source(path, guessed, lambda: read(path, found))
