"""Names and companies that somebody wrote into a list."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from evaluator.errors import InputError, Problem, problem_lines
from evaluator.evidence import fold, in_word
from evaluator.redaction.spans import Kind, Span

_KINDS: dict[str, Kind] = {"name": "name", "company": "company"}
_COLON = re.compile("[:\uff1a]")  # also the wide one of Chinese and Japanese keyboards
_SHOWN_PROBLEMS = 20
_SHOWN_CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class Listed:
    """What is hidden wherever it stands as whole words: pairs of kind and text.

    Case, accents, invisible characters and the forms of quotation marks, dashes and spaces do not count.
    """

    entries: tuple[tuple[Kind, str], ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the entries; their order does not count."""
        return hashlib.sha256("\n".join(sorted(f"{k}:{t}" for k, t in self.entries)).encode()).hexdigest()

    def find(self, text: str) -> Iterator[Span]:
        """Where the entries stand in a text, the longest of them first."""
        folded = fold(text)
        for kind, entry in _folded(self.entries):
            at = folded.text.find(entry)
            while at >= 0:
                end = at + len(entry)
                if not in_word(folded, at) and not in_word(folded, end):
                    yield Span(folded.starts[at], folded.ends[end - 1], kind)
                at = folded.text.find(entry, at + 1)


@lru_cache(maxsize=4)
def _folded(entries: tuple[tuple[Kind, str], ...]) -> tuple[tuple[Kind, str], ...]:
    """The entries as they stand in a folded text, the longest first."""
    pairs = [(kind, fold(entry).text.strip()) for kind, entry in entries]
    return tuple(sorted((pair for pair in pairs if pair[1]), key=lambda pair: -len(pair[1])))


def read_list(file: Path) -> Listed:
    """Read a list: one entry a line, "name: Jane Doe" or "company: Acme"; without a colon, a company.

    Empty lines and lines that start with # do not count. Of several colons the first one counts, so that a company
    whose name holds one stands behind "company:".

    Raises:
        InputError: the file cannot be read, is not UTF-8, or a line has another word before its first colon: what was
            meant to be hidden would else be looked for with that word, not be found, and be sent.
    """
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise InputError(f"The list {file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"The list {file} is not UTF-8 (byte {error.start}).") from error
    entries: list[tuple[Kind, str]] = []
    problems: list[Problem] = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        *before, text = _COLON.split(line, maxsplit=1)
        word = before[0].strip() if before else "company"
        kind = _KINDS.get(word.lower())
        entry = " ".join(text.split())
        if kind is None:
            found = f'"{word[:_SHOWN_CHARACTERS]}" before the colon'
            problems.append(Problem(file, number, "", found, " or ".join(f'"{known}"' for known in _KINDS)))
        elif entry:
            entries.append((kind, entry))
    if problems:
        raise _unusable(file, problems)
    return Listed(tuple(dict.fromkeys(entries)))


def _unusable(file: Path, problems: list[Problem]) -> InputError:
    lines = [f"The list {file} cannot be used:", *problem_lines(problems, _SHOWN_PROBLEMS)]
    return InputError("\n".join(lines), 'If the colon is part of a company, write "company:" before its whole name.')
