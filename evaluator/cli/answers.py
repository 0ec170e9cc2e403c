"""Read the answer to grade from a file or from standard input."""

from __future__ import annotations

import sys
from pathlib import Path

from evaluator.cli.output import note
from evaluator.domain import Answer
from evaluator.errors import InputError
from evaluator.wording import many

MAX_BYTES = 5_000_000
_SAVE = "Save the answer as plain text (.txt or .md), as a Word document (.docx) or as a PDF first."
_KINDS = {
    b"\xd0\xcf\x11\xe0": "an old Word document",
    b"{\\rtf": "a rich text file",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
}
_ZIP = b"PK\x03\x04"
_MOST_CONTROLS = 0.01
"""Bytes of a program or a picture decode as some code page; what comes out is full of control characters."""


def read_answer(source: str | None, question_id: str) -> Answer:
    """The answer in a file, or on standard input where `source` is None or "-".

    Text, Word documents (DOCX) and PDF are told by their content. What was not plain UTF-8 is said on standard error.
    Line ends count as one character each, as everywhere in Python.

    Raises:
        InputError: The file is not there, holds no text, or is too large.
    """
    if source is None or source == "-":
        if sys.stdin.isatty():
            note("Type or paste the answer; end it with Ctrl-D (Ctrl-Z and Enter on Windows).")
        raw, name, answer_id = sys.stdin.buffer.read(MAX_BYTES + 1), "standard input", "stdin"
    else:
        file = Path(source)
        raw, name, answer_id = _read_file(file), str(file), file.stem
    return Answer(id=answer_id, question_id=question_id, text=_text(raw, name))


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


def _text(raw: bytes, name: str) -> str:
    if len(raw) > MAX_BYTES:
        raise InputError(f"{name} has more than {MAX_BYTES // 1_000_000} MB.", "An answer is a page or two of text.")
    if b"%PDF-" in raw[:1024]:
        return _document(raw, name, "a PDF")
    if raw.startswith(_ZIP):
        if b"word/" not in raw:
            raise InputError(f"{name} is a zip file, and not a Word document.", _SAVE)
        return _document(raw, name, "a Word document")
    for magic, kind in _KINDS.items():
        if raw.startswith(magic):
            raise InputError(f"{name} is {kind}, not text.", _SAVE)
    text = _decode(raw, name)
    if "\0" in text:
        raise InputError(f"{name} is not text: it holds zero bytes.", _SAVE)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _document(raw: bytes, name: str, kind: str) -> str:
    """The paragraphs of a document, as `evaluator import` reads them, with an empty line between."""
    from evaluator.authoring.article import read_article

    said = [
        f"- {block.text.strip()}" if block.kind == "item" else block.text.strip()
        for block in read_article(raw, name).blocks
        if not block.skip
    ]
    text = "\n\n".join(filter(None, said))
    note(f"{name} is {kind}; its text was read: {many(len(text.split()), 'word')}.")
    return text


def _decode(raw: bytes, name: str) -> str:
    try:
        return raw.decode("utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError:
        from evaluator.runs.inputs.encoding import likeliest

        try:
            encoding = likeliest(raw, name)
            text = raw.decode(encoding)
        except (InputError, UnicodeDecodeError) as error:
            raise InputError(f"{name} is in no encoding that is known.", "Save it as UTF-8.") from error
    if sum(not (c.isprintable() or c.isspace()) for c in text) > _MOST_CONTROLS * len(text):
        raise InputError(f"{name} is not text.", _SAVE) from None
    note(f"{name} is not UTF-8; it was read as {encoding}. Look at its quotes and accents.")
    return text
