"""Which encoding a file is in. Spreadsheets write UTF-8 with and without a mark, UTF-16, and old code pages."""

from __future__ import annotations

import codecs
from itertools import pairwise
from pathlib import Path

from charset_normalizer import from_bytes

from evaluator.errors import InputError

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LATIN = ("cp1252", "cp1250", "cp1254", "cp1257", "mac_roman")
_TYPOGRAPHY = "\u2018\u2019\u201a\u201c\u201d\u201e\u2013\u2014\u2026\u00ab\u00bb\u2022\u20ac\u00a0"
_ASCII = 127
_CHUNK = 1 << 20
_SAMPLE = 1 << 18
_MANY_ZEROS = 0.3
_FEW_ZEROS = 0.05
# What spreadsheets save "as CSV" on a machine that is not set to UTF-8, by region. The first is tried first.
_CODE_PAGES = [
    "cp1252",
    "mac_roman",
    "cp1250",
    "cp1251",
    "cp1253",
    "cp1254",
    "cp1255",
    "cp1256",
    "cp1257",
    "cp932",
    "gb18030",
    "big5",
    "cp949",
]
_KINDS = {
    b"PK\x03\x04": "a workbook or another zip file",
    b"\xd0\xcf\x11\xe0": "an old workbook",
    b"%PDF": "a PDF",
    b"SQLite format 3": "a database",
    b"PAR1": "a Parquet file",
}


def encoding_of(file: Path) -> str:
    """The encoding of a text file: by its mark, else UTF-8 if all of it is, else the likeliest code page.

    Raises:
        InputError: It cannot be read, or is no text.
    """
    try:
        with file.open("rb") as handle:
            first = handle.read(_SAMPLE)
            named = _by_first_bytes(first, file)
            if named:
                return named
            decoder = codecs.getincrementaldecoder("utf-8")()
            # Only as far as UTF-8 goes: the rest need not be read when the first part already is not.
            chunk, sample = first, first
            try:
                while chunk:
                    sample = decoder.getstate()[0] + chunk  # with the beginning of a character that the last one cut
                    decoder.decode(chunk)
                    chunk = handle.read(_CHUNK)
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                return likeliest(sample, file)
    except OSError as error:
        raise unreadable(file, error) from error
    return "utf-8"


def unreadable(file: Path, error: OSError) -> InputError:
    """The error for a file that cannot be read."""
    if isinstance(error, FileNotFoundError):
        return InputError(f"{file} is not there.", "Give a CSV or JSONL file, or a folder of answers.")
    return InputError(f"{file} cannot be read: {error.strerror or error}.")


def _by_first_bytes(first: bytes, file: Path) -> str:
    for magic, kind in _KINDS.items():
        if first.startswith(magic):
            raise InputError(f"{file} is {kind}, not text.", "Save the table as CSV (UTF-8) first.")
    for mark, encoding in _MARKS:
        if first.startswith(mark):
            return encoding
    zeros = first.count(0)
    if not zeros:
        return ""
    half = max(len(first) // 2, 1)
    even, odd = first[::2].count(0) / half, first[1::2].count(0) / half
    if odd > _MANY_ZEROS and even < _FEW_ZEROS:
        return "utf-16-le"
    if even > _MANY_ZEROS and odd < _FEW_ZEROS:
        return "utf-16-be"
    raise InputError(f"{file} is not text: it holds zero bytes.", "Save the table as CSV (UTF-8) first.")


def likeliest(sample: bytes, file: Path | str) -> str:
    """The code page that a text which is not UTF-8 is likeliest in; `file` is for the message.

    Raises:
        InputError: No code page fits.
    """
    # Lines in ASCII say nothing, and a few others among thousands of them are not looked at.
    sample = b"\n".join(line for line in sample.split(b"\n") if not line.isascii())
    best = from_bytes(sample, cp_isolation=_CODE_PAGES).best()
    if best is None:
        raise InputError(f"The encoding of {file} is not known.", "Save it as UTF-8, or name it with --encoding.")
    if best.encoding in _LATIN:
        return max(_LATIN, key=lambda encoding: _likely(sample, encoding))  # the first of equals
    return str(best.encoding)


def _likely(sample: bytes, encoding: str) -> int:
    """How many characters beyond ASCII look as in prose: letters in the case of their neighbours, quotes, dashes.

    The Latin code pages differ in a few letters, too few for statistics on a short table.
    """
    try:
        text = sample.decode(encoding)
    except UnicodeDecodeError:
        return -1
    good = 0
    for before, character in pairwise(f" {text}"):
        if ord(character) > _ASCII:
            begins = not before.isalpha() or before.isupper()
            good += character.islower() or (character.isupper() and begins) or character in _TYPOGRAPHY
    return good
