"""Read the answer to grade from a file or from standard input."""

from __future__ import annotations

import sys
from pathlib import Path

from evaluator.cli.output import note
from evaluator.domain import Answer
from evaluator.errors import InputError

MAX_BYTES = 5_000_000
_KINDS = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a Word document or another zip file",
    b"\xd0\xcf\x11\xe0": "an old Word document",
    b"{\\rtf": "a rich text file",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
}


def read_answer(source: str | None, question_id: str) -> Answer:
    """The answer in a file, or on standard input where `source` is None or "-".

    Line ends count as one character each, as everywhere in Python.

    Raises:
        InputError: The file is not there, is not text, is not UTF-8, or is too large.
    """
    if source is None or source == "-":
        if sys.stdin.isatty():
            note("Type or paste the answer; end it with Ctrl-D (Ctrl-Z and Enter on Windows).")
        raw, name, answer_id = sys.stdin.buffer.read(MAX_BYTES + 1), "standard input", "stdin"
    else:
        file = Path(source)
        raw, name, answer_id = _read_file(file), str(file), file.stem
    return Answer(id=answer_id, question_id=question_id, text=_decode(raw, name))


def _read_file(file: Path) -> bytes:
    try:
        with file.open("rb") as handle:
            return handle.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise InputError(f"{file} is not there.", "Give a text file, or - to read standard input.") from None
    except IsADirectoryError:
        raise InputError(f"{file} is a folder.", "Give one text file.") from None
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror or error}.") from error


def _decode(raw: bytes, name: str) -> str:
    if len(raw) > MAX_BYTES:
        raise InputError(f"{name} has more than {MAX_BYTES // 1_000_000} MB.", "An answer is a page or two of text.")
    for magic, kind in _KINDS.items():
        if raw.startswith(magic):
            raise InputError(f"{name} is {kind}, not text.", "Save the answer as plain text (.txt or .md) first.")
    encoding = "utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name} is not UTF-8 text: byte 0x{raw[error.start]:02x} at position {error.start}.",
            "Save it as UTF-8 ('Save as', encoding UTF-8).",
        ) from error
    if "\0" in text:
        raise InputError(
            f"{name} is not text: it holds zero bytes.", "Save the answer as plain text (.txt or .md) first."
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")
