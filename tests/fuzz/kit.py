"""What the targets share: a folder for the file that is read, the small bank, and the list of targets."""

from __future__ import annotations

import atexit
import json
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from evaluator.bank import Bank
from evaluator.domain import Evidence
from evaluator.errors import EvaluatorError, Problem
from tests.factory import QUESTION, RUBRIC, SCALE

CORPUS = Path(__file__).parent / "corpus"
FINDINGS = Path(__file__).parent / "findings"
LONGEST = 4096
"""Bytes of one input; parsers that go wrong go wrong on less."""

Check = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Target:
    """A parser under test: a function that raises when something is wrong, and words that its inputs are made of."""

    check: Check
    words: tuple[bytes, ...]

    @property
    def name(self) -> str:
        """The name of the function, and of its corpus."""
        return self.check.__name__


TARGETS: dict[str, Target] = {}


def target(*words: str | bytes) -> Callable[[Check], Check]:
    """Put a function on the list of targets."""

    def enlist(check: Check) -> Check:
        found = tuple(word.encode() if isinstance(word, str) else word for word in words)
        TARGETS[check.__name__] = Target(check, found)
        return check

    return enlist


_FOLDER = tempfile.TemporaryDirectory(prefix="fuzz-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None)  # noqa: S108
atexit.register(_FOLDER.cleanup)
FOLDER = Path(_FOLDER.name)
SMALL_BANK = Bank(FOLDER, (QUESTION,), SCALE, {})
SMALL_BANK._rubrics[QUESTION.id] = RUBRIC


def file_with(name: str, data: bytes) -> Path:
    """A file to be read."""
    file = FOLDER / name
    file.write_bytes(data)
    return file


def text_of(data: bytes) -> str:
    """Any text, also with halves of surrogate pairs, which JSON may bring along."""
    return data.decode("utf-8", "surrogateescape")


def spans_hold(found: Iterable[Evidence], text: str) -> None:
    """Every quote is what stands at its offsets."""
    for one in found:
        assert 0 <= one.start < one.end <= len(text), one
        assert text[one.start : one.end] == one.quote


def readable(problems: Iterable[Problem], lines: int) -> None:
    """Every problem is one line that names a line of the file and says what was found and expected."""
    for problem in problems:
        assert 0 <= problem.line <= lines + 1, problem  # YAML puts what it misses at the end behind the last line
        assert problem.found
        assert problem.expected
        one_line(str(problem).removeprefix(str(problem.file)))


def names(error: EvaluatorError, what: object) -> None:
    """An error names the file that is to blame, and can be printed and stored."""
    assert str(what) in str(error)
    str(error).encode()


def one_line(text: str) -> None:
    """A text is one line, and nothing in it acts on a terminal."""
    assert text.isprintable(), repr(text)


def kept_inputs(name: str) -> list[bytes]:
    """What was found with a target, and inputs that reach most of its code."""
    return [*_read(FINDINGS / f"{name}.jsonl"), *_read(CORPUS / f"{name}.jsonl")]


def keep_inputs(name: str, inputs: Iterable[bytes]) -> None:
    """Write the corpus of a target, shortest first: one JSON text a line, each character one byte."""
    found = sorted(set(inputs) - set(_read(FINDINGS / f"{name}.jsonl")), key=lambda one: (len(one), one))
    lines = [json.dumps(one.decode("latin-1")) + "\n" for one in found]
    (CORPUS / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")


def _read(file: Path) -> list[bytes]:
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [json.loads(line).encode("latin-1") for line in lines]
