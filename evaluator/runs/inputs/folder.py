"""A folder of answers: <candidate>/<question>.md or .txt."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from evaluator.errors import InputError, Problem
from evaluator.runs.inputs.encoding import encoding_of, unreadable
from evaluator.runs.inputs.row import MAX_CHARACTERS, InputRow, clean_lines
from evaluator.runs.storable import storable

_ENDINGS = (".md", ".txt")
_LEFT_BY_SYSTEMS = ("thumbs.db", "desktop.ini")
_MAX_BYTES = 4 * MAX_CHARACTERS


def read_folder(folder: Path, encoding: str | None) -> Iterator[InputRow | Problem]:
    """The answers of a folder, candidate by candidate.

    Raises:
        InputError: It cannot be listed.
    """
    for entry in _entries(folder):
        if not entry.is_dir():
            yield Problem(entry, 0, "", "a file", "a folder for each candidate, named after the candidate")
            continue
        for file in _entries(entry):
            if file.is_dir() or file.suffix.lower() not in _ENDINGS:
                what = "a folder" if file.is_dir() else f'the ending "{file.suffix}"'
                yield Problem(file, 0, "", what, "an answer, named QUESTION.md or QUESTION.txt")
                continue
            yield _answer(file, entry.name, encoding)


def _entries(folder: Path) -> list[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise unreadable(folder, error) from error
    return [e for e in entries if not e.name.startswith((".", "~$")) and e.name.lower() not in _LEFT_BY_SYSTEMS]


def _answer(file: Path, candidate: str, encoding: str | None) -> InputRow | Problem:
    if storable(name := f"{candidate}/{file.name}") != name:
        return Problem(file, 0, "", "a name that is not UTF-8", "another name")
    try:
        if file.stat().st_size > _MAX_BYTES:
            return Problem(file, 0, "", f"{file.stat().st_size:,} bytes", f"at most {_MAX_BYTES:,}")
        encoding = encoding or encoding_of(file)
        text = file.read_text(encoding=encoding)
    except InputError as error:
        return Problem(file, 0, "", error.message.removeprefix(f"{file} is "), "a text file")
    except UnicodeDecodeError as error:
        return Problem(file, 0, "", f"the byte 0x{error.object[error.start]:02x}", f"text in {encoding}")
    except OSError as error:
        return Problem(file, 0, "", f"unreadable ({error.strerror or error})", "a readable file")
    return InputRow(file=file, line=0, question=file.stem, answer=clean_lines(text), candidate=candidate)
