"""JSONL: one JSON object a line, with the keys that a table has as columns."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from evaluator.errors import Problem
from evaluator.runs.inputs.encoding import unreadable
from evaluator.runs.inputs.row import FIELDS, InputRow, column_name, row_of, shown

_LONGEST = 10_000_000
_MARKED = "evaluator.marked"


def _mark(error: UnicodeError) -> tuple[str, int]:
    """Half a surrogate pair, which no decoded text holds, in place of what cannot be decoded; its end is the byte."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return chr(0xDC00 + error.object[error.start]), error.end


codecs.register_error(_MARKED, _mark)


def read_lines(file: Path, encoding: str) -> Iterator[InputRow | Problem]:
    """The rows of a JSONL file, one at a time.

    Raises:
        InputError: It cannot be read.
    """
    try:
        # A byte that does not fit spoils its line, and not those behind it.
        with file.open(encoding=encoding, errors=_MARKED, newline="\n") as handle:
            number = 0
            while text := handle.readline(_LONGEST):
                number += 1
                if len(text) == _LONGEST:
                    yield Problem(file, number, "", f"a line of {_LONGEST:,} characters or more", "one answer a line")
                    while text and not text.endswith("\n"):
                        text = handle.readline(_LONGEST)
                elif text.strip():
                    yield _row(text, file, number, encoding)
    except OSError as error:
        raise unreadable(file, error) from error


def _row(text: str, file: Path, number: int, encoding: str) -> InputRow | Problem:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        byte = ord(text[error.start]) & 0xFF
        return Problem(file, number, "", f"the byte 0x{byte:02x}", f"text in {encoding}")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        what = str(error) if isinstance(error, ValueError) else "nested too deeply"
        return Problem(file, number, "", f"broken JSON ({what})", "one JSON object a line")
    if not isinstance(data, dict):
        return Problem(file, number, "", shown(data), 'a JSON object with "question" and "answer"')
    values: dict[str, str] = {}
    for key, value in data.items():
        name = column_name(key)
        if name in values:
            return Problem(file, number, key, f'a second key for "{name}"', "one")
        if name in FIELDS and not _is_plain(name, value):
            return Problem(file, number, key, shown(value), "text")
        values[name] = _as_text(value)
    return row_of(values, file, number)


def _is_plain(name: str, value: Any) -> bool:  # noqa: ANN401 - JSON
    if isinstance(value, str):
        return True
    if value is None:
        return name != "answer"
    return name != "answer" and isinstance(value, int) and not isinstance(value, bool)


def _as_text(value: Any) -> str:  # noqa: ANN401 - JSON
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
