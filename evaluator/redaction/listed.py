"""Names and companies that somebody wrote into a list."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from evaluator.errors import InputError
from evaluator.redaction.spans import Kind, Span

_KINDS: dict[str, Kind] = {"name": "name", "company": "company"}


@dataclass(frozen=True, slots=True)
class Listed:
    """What is hidden wherever it stands as whole words, whatever its case: pairs of kind and text."""

    entries: tuple[tuple[Kind, str], ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the entries; their order does not count."""
        return hashlib.sha256("\n".join(sorted(f"{k}:{t}" for k, t in self.entries)).encode()).hexdigest()

    def find(self, text: str) -> Iterator[Span]:
        """Where the entries stand in a text, the longest of them first."""
        for kind, entry in sorted(self.entries, key=lambda pair: -len(pair[1])):
            words = r"\s+".join(re.escape(word) for word in entry.split())
            for match in re.finditer(rf"(?<!\w){words}(?!\w)", text, re.IGNORECASE):
                yield Span(match.start(), match.end(), kind)


def read_list(file: Path) -> Listed:
    """Read a list: one entry a line, "name: Jane Doe" or "company: Acme"; without a word before it, a company.

    Empty lines and lines that start with # do not count.

    Raises:
        InputError: the file cannot be read, or is not UTF-8.
    """
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise InputError(f"The list {file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"The list {file} is not UTF-8 (byte {error.start}).") from error
    entries: list[tuple[Kind, str]] = []
    for line in lines:
        head, colon, rest = line.partition(":")
        kind = _KINDS.get(head.strip().lower()) if colon else None
        entry = " ".join((rest if kind else line).split())
        if entry and not entry.startswith("#"):
            entries.append((kind or "company", entry))
    return Listed(tuple(dict.fromkeys(entries)))
