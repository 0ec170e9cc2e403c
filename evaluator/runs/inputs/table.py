"""CSV, whatever spreadsheet wrote it: comma, semicolon, tab or bar; quoted line ends; a mark; empty rows at the end."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from evaluator.errors import InputError, Problem
from evaluator.runs.inputs.encoding import unreadable
from evaluator.runs.inputs.row import FIELDS, InputRow, LastProblem, column_name, row_of, shown

_DELIMITERS = (",", ";", "\t", "|")
_FIRST_CHARACTERS = 65_536
_LARGEST_FIELD = min(sys.maxsize, 2**31 - 1)  # what the module takes everywhere; the check on answers is ours


def read_table(file: Path, encoding: str) -> Iterator[InputRow | Problem]:
    """The rows of a table, one at a time.

    Raises:
        InputError: It cannot be read, or its first row does not name the columns "question" and "answer".
    """
    try:
        with file.open(encoding=encoding, newline="") as handle:
            yield from _rows(handle, file)
    except OSError as error:
        raise unreadable(file, error) from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"{file} is not {encoding}: byte 0x{error.object[error.start]:02x} does not fit.",
            "Save it as UTF-8, or name its encoding with --encoding.",
        ) from error


def _rows(handle: io.TextIOWrapper, file: Path) -> Iterator[InputRow | Problem]:
    delimiter, before = _delimiter(handle.read(_FIRST_CHARACTERS), file)
    handle.seek(0)
    for _ in range(before):
        handle.readline()
    csv.field_size_limit(_LARGEST_FIELD)
    reader = csv.reader(handle, delimiter=delimiter, strict=True)
    try:
        names = _names(next(reader), file, before + 1)
    except csv.Error as error:
        raise InputError(
            f"{file}:{before + 1}: its first row cannot be read ({error}).", "Double the quotes inside quoted cells."
        ) from error
    while True:
        line = before + reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            # Where the next row begins cannot be told: the quote that is wrong may have opened a cell, or closed it.
            found = f"a row that cannot be read ({error})"
            yield LastProblem(file, line, "", found, "quotes doubled inside quoted cells")
            return
        if not any(cell.strip() for cell in cells):
            continue
        if any(cell.strip() for cell in cells[len(names) :]):
            found = f"{len(cells)} cells"
            yield Problem(file, line, "", found, f"{len(names)}; quote answers that hold {shown(delimiter)}")
            continue
        yield row_of({name: cell for name, cell in zip(names, cells, strict=False) if name}, file, line)


def _delimiter(first: str, file: Path) -> tuple[str, int]:
    """The delimiter that makes the first row name the columns, and how many lines stand before that row."""
    before = 0
    if first[:4].lower() == "sep=":  # a hint that one spreadsheet writes for itself
        first = first.partition("\n")[2]
        before = 1
    if not first.strip():
        raise InputError(f"{file} is empty.", 'Its first row must name the columns, "question" and "answer" at least.')
    header: Sequence[str] = ()
    for delimiter in _DELIMITERS:
        try:
            cells = next(csv.reader(io.StringIO(first, newline=""), delimiter=delimiter))
        except (csv.Error, StopIteration):
            continue
        if {"question", "answer"} <= {column_name(cell) for cell in cells}:
            return delimiter, before
        header = cells if len(cells) > len(header) else header
    raise InputError(
        f"{file}:{before + 1}: found the columns {', '.join(shown(cell.strip()) for cell in header[:8])}.",
        'Expected a first row that names "question" and "answer" (and, if wanted, "id", "candidate" and more).',
    )


def _names(cells: Sequence[str], file: Path, line: int) -> list[str]:
    """One name per column; "" for a column that nobody named."""
    names = [column_name(cell) for cell in cells]
    for name in FIELDS:
        if names.count(name) > 1:
            written = " and ".join(shown(cell.strip()) for cell in cells if column_name(cell) == name)
            raise InputError(f"{file}:{line}: found the columns {written}.", f'Only one may stand for "{name}".')
    numbers: dict[str, int] = {}
    taken: set[str] = set()
    unique: list[str] = []
    for name in names:
        wanted = name
        while name and wanted in taken:  # "x (2)" may be the name of another column
            numbers[name] = numbers.get(name, 1) + 1
            wanted = f"{name} ({numbers[name]})"
        taken.add(wanted)
        unique.append(wanted)
    return unique
