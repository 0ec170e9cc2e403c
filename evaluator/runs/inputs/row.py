"""One row of an input, and how the names of its columns are understood."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from evaluator.errors import Problem

MAX_CHARACTERS = 1_000_000
"""A longer "answer" is some other file."""

ALIASES = {"question_id": "question", "text": "answer", "answer_id": "id"}
"""Other names for the columns, as used in the JSON of evaluations and in labelled answers."""

FIELDS = ("question", "answer", "id", "candidate")
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class InputRow:
    """A row as it was written; `id` and `candidate` are "" where there is none."""

    file: Path
    line: int
    question: str
    answer: str
    id: str = ""
    candidate: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    def problem(self, column: str, found: str, expected: str) -> Problem:
        """A problem with one value of this row."""
        return Problem(self.file, self.line, column, found, expected)


@dataclass(frozen=True, slots=True, order=True)
class LastProblem(Problem):
    """A problem behind which nothing of the file could be read, so that nobody may go on as if that were all."""


def column_name(written: str) -> str:
    """The field that a column stands for: case, spaces around it and other names do not matter; else as written."""
    bare = written.strip()
    lower = bare.casefold().replace(" ", "_")
    lower = ALIASES.get(lower, lower)
    return lower if lower in FIELDS else bare


def row_of(values: Mapping[str, str], file: Path, line: int) -> InputRow:
    """A row from its values by field or column; unknown columns are carried through."""
    return InputRow(
        file=file,
        line=line,
        question=values.get("question", "").strip(),
        answer=clean_lines(values.get("answer", "")),
        id=values.get("id", "").strip(),
        candidate=values.get("candidate", "").strip(),
        extra={name: value for name, value in values.items() if name not in FIELDS},
    )


def clean_lines(text: str) -> str:
    """The text with every line end as one character."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def shown(value: object) -> str:
    """A value for a message: quoted, on one line, at most 60 characters."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = " ".join(text.split())
    text = text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
    return f'"{text}"' if isinstance(value, str) else text
