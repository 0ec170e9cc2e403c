"""An article's file to a document: finds out what it is, within limits, and hands it to the reader of that format."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import Literal

from evaluator.authoring.article.blocks import Document
from evaluator.authoring.article.read_docx import read_docx
from evaluator.authoring.article.read_html import read_html
from evaluator.authoring.article.read_markdown import read_markdown
from evaluator.authoring.article.read_pdf import read_pdf
from evaluator.authoring.article.read_text import read_text
from evaluator.errors import InputError

MAX_BYTES = 20_000_000
MAX_CHARACTERS = 5_000_000
"""About ten novels."""

Format = Literal["text", "markdown", "html"]

_READ = "Text, Markdown, HTML, PDF and DOCX can be read: save it as one of these."
_MAGIC = (
    (b"\xd0\xcf\x11\xe0", "an old Word document (.doc), or one with a password"),
    (b"{\\rtf", "a rich text file"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"\x1f\x8b", "a compressed file"),
    (b"7z\xbc\xaf", "a compressed file"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
)
_ENDINGS: dict[str, Format] = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".mkd": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
}
_LOOKS_HTML = re.compile(
    r"\A\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|body|article|div|h1|p)\b",
    re.IGNORECASE | re.DOTALL,
)
_LOOKS_MARKDOWN = re.compile(r"^#{1,6} \S|^\|[ :|-]*-{3,}[ :|-]*\|\s*$|^\*\*[^*\n]+\*\*\s*$", re.MULTILINE)
_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)


def open_article(file: Path) -> Document:
    """Read an article from a file.

    Raises:
        InputError: The file is not there, is too large, is none of the formats that can be read, or is damaged.
    """
    if re.match(r"https?:/", str(file)):
        raise InputError(f"{file} is an address, and nothing is fetched.", "Save the page and give the file.")
    try:
        size = file.stat().st_size
        if size > MAX_BYTES:
            raise _too_large(file.name, size)
        # A pipe has no size beforehand.
        with file.open("rb") as handle:
            raw = handle.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise InputError(f"{file} is not there.", "Give the file of an article.") from None
    except IsADirectoryError:
        raise InputError(f"{file} is a folder.", "Give one file.") from None
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror or error}.") from error
    return read_article(raw, file.name)


def read_article(raw: bytes, name: str) -> Document:
    """Read an article from its bytes; `name` is for messages, and its ending decides between text, Markdown and HTML.

    Raises:
        InputError: As `open_article`.
    """
    if len(raw) > MAX_BYTES:
        raise _too_large(name, len(raw))
    if not raw.strip():
        raise InputError(f"{name} is empty.", "Give the file of an article.")
    if b"%PDF-" in raw[:1024]:
        return Document(name, tuple(read_pdf(raw, name)))
    if raw.startswith(b"PK\x03\x04"):
        if b"word/" not in raw:
            raise InputError(f"{name} is a zip file, and not a Word document.", _READ)
        return Document(name, tuple(read_docx(raw, name)))
    for magic, kind in _MAGIC:
        if raw.startswith(magic):
            raise InputError(f"{name} is {kind}.", _READ)
    text, remarks = _decode(raw, name)
    if len(text) > MAX_CHARACTERS:
        raise _too_large(name, len(raw))
    readers = {"text": read_text, "markdown": read_markdown, "html": read_html}
    return Document(name, tuple(readers[_format(text, name)](text)), remarks)


def _too_large(name: str, size: int) -> InputError:
    return InputError(
        f"{name} has {size / 1_000_000:,.0f} MB; an article has at most {MAX_BYTES // 1_000_000}, "
        f"and {MAX_CHARACTERS // 1_000_000} million characters of text.",
        "Give one article, without its pictures.",
    )


def _format(text: str, name: str) -> Format:
    ending = _ENDINGS.get(Path(name).suffix.lower(), "text")
    if ending == "html" or (ending == "text" and _LOOKS_HTML.match(text)):
        return "html"
    if ending == "markdown":
        return ending
    return "markdown" if _LOOKS_MARKDOWN.search(text) else "text"


def _decode(raw: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """The text of a file, and a remark where its encoding had to be guessed."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif b"\0" in raw:
        raise InputError(f"{name} is a binary file, not an article.", _READ)
    else:
        declared = _CHARSET.search(raw[:2048])
        encoding = "utf-8-sig" if declared is None else declared[1].decode("ascii")
    for attempt in (encoding, "utf-8-sig", "cp1252"):
        try:
            text = raw.decode(attempt)
        except (UnicodeDecodeError, LookupError):
            continue
        # Bytes of a program or a picture decode as some old encoding; what comes out is full of control characters.
        controls = sum(not (c.isprintable() or c.isspace()) for c in text[:100_000])
        if controls > len(text[:100_000]) / 100:
            break
        guessed = attempt == "cp1252" and encoding != "cp1252"
        return text, ("It is not UTF-8; it was read as Windows-1252. Look at quotes and accents.",) if guessed else ()
    raise InputError(f"{name} is no text that can be read, or a binary file.", _READ)
