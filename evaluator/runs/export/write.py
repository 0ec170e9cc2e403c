"""Rows to files, one row at a time, so that memory stays flat."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from evaluator.errors import ConfigurationError
from evaluator.runs.export.rows import Cell, Table
from evaluator.runs.store import Stored

_FORMULA_STARTS = tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")
_ROWS_PER_GROUP = 2000


def write_csv(table: Table, handle: TextIO) -> None:
    """Comma-separated, lines ended by CR LF as RFC 4180 has it.

    A spreadsheet takes a text that begins with =, +, -, @, a tab or a carriage return for a formula. Such texts get an
    apostrophe in front, names of columns too. Numbers are written as they are.
    """
    writer = csv.writer(handle)
    writer.writerow([harmless(name) for name in table.columns])
    for row in table.rows:
        writer.writerow([harmless(row[name]) for name in table.columns])


def harmless(cell: Cell) -> Cell:
    """The cell as no spreadsheet takes it for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" ").startswith(_FORMULA_STARTS) else cell


def write_jsonl(table: Table, handle: TextIO) -> None:
    """One JSON object a line."""
    for row in table.rows:
        print(json.dumps({name: row[name] for name in table.columns}, ensure_ascii=False), file=handle)


def write_evaluations(stored: Iterable[Stored], handle: TextIO) -> None:
    """One evaluation a line, as `evaluator grade --format json` prints it (`evaluator schema` describes it)."""
    handle.writelines(one.evaluation.model_dump_json(by_alias=True) + "\n" for one in stored)


def write_parquet(table: Table, file: Path) -> None:
    """Parquet with typed columns.

    Raises:
        ConfigurationError: pyarrow is not installed.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 - optional, and large
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError as error:
        raise ConfigurationError(
            "Parquet needs pyarrow, which is not installed.",
            "pip install 'answer-evaluator[parquet]', or use csv or jsonl.",
        ) from error
    types: dict[str, Any] = {
        "text": pa.string(),
        "whole": pa.int64(),
        "number": pa.float64(),
        "truth": pa.bool_(),
    }
    schema = pa.schema([(name, types[kind]) for name, kind in table.columns.items()])
    with parquet.ParquetWriter(file, schema) as writer:
        while rows := list(islice(table.rows, _ROWS_PER_GROUP)):
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))
