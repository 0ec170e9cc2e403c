"""Every error that the package raises on purpose.

    EvaluatorError
    +-- UsageError               the caller asked for something that cannot be done
    |   +-- UnknownQuestionError    no question of the bank answers to that name
    |   +-- AmbiguousQuestionError  several questions do
    |   +-- ConfigurationError      a setting, a judge or an environment variable is wrong or missing
    +-- InputError               a file or a text that was handed over cannot be used
    |   +-- BankError               problems in questions or rubrics, all of them at once
    |   +-- AnswersError            rows of a batch that cannot be used, all of them at once
    |   +-- PromptError             a prompt is missing, broken or uses an unknown variable
    +-- JudgeError               the judge gave no assessment of one answer
        +-- UnreachableError        the judge was never reached (network, key, model name)
        +-- RejectedError           the judge was reached and would not serve the request
        +-- ReplyError              the judge replied, and the reply could not be used

The command line turns `UsageError` and `InputError` into exit status 2, `UnreachableError` into 3, and any
other `JudgeError` into an evaluation whose status is "ungraded".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluator.domain import Usage


class EvaluatorError(Exception):
    """Base of all errors of this package.

    Args:
        message: What is wrong and where, one sentence.
        hint: What to do about it, one sentence, or "".
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class UsageError(EvaluatorError):
    """The caller asked for something that cannot be done."""


class UnknownQuestionError(UsageError):
    """No question of the bank has that id, number or prefix."""


class AmbiguousQuestionError(UsageError):
    """A prefix fits several questions."""


class ConfigurationError(UsageError):
    """A setting is wrong or missing."""


class InputError(EvaluatorError):
    """A file or text that was handed over cannot be used."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong in a file: where it is, what was found, what was expected."""

    file: Path
    line: int
    field: str
    found: str
    expected: str

    def __str__(self) -> str:
        file = _printable(str(self.file))
        where = f"{file}:{self.line}" if self.line else file
        field = f"{self.field}: " if self.field else ""
        return f"{where}: {_plain(f'{field}found {self.found}; expected {self.expected}')}"


def _plain(text: str) -> str:
    """A text on one line, with what would act on a terminal spelt out: files hold anything, also in their keys."""
    return _printable(" ".join(text.split()))


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def problem_lines(problems: Sequence[Problem], most: int, count: int | None = None) -> list[str]:
    """The first problems, a line each, and how many more there are; `count` says how many where not all are given."""
    more = (len(problems) if count is None else count) - most
    return [*(f"  {problem}" for problem in problems[:most]), *([f"  and {more:,} more"] if more > 0 else [])]


class BankError(InputError):
    """Problems in a bank, all of them at once; `problems` lists them in file order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        count = len(self.problems)
        head = "1 problem in the bank:" if count == 1 else f"{count} problems in the bank:"
        super().__init__("\n".join([head, *(f"  {problem}" for problem in self.problems)]))


class AnswersError(InputError):
    """Rows of a batch that cannot be used; `problems` lists them in file order, and the message the first of them.

    `count` says how many there are where `problems` does not list all.
    """

    shown = 50

    def __init__(self, problems: Sequence[Problem], hint: str = "", *, count: int | None = None) -> None:
        self.problems = tuple(problems)
        count = len(self.problems) if count is None else count
        head = "1 row cannot be used:" if count == 1 else f"{count:,} rows cannot be used:"
        super().__init__("\n".join([head, *problem_lines(self.problems, self.shown, count)]), hint)


class PromptError(InputError):
    """A prompt is missing, broken or uses an unknown variable."""


class JudgeError(EvaluatorError):
    """The judge gave no assessment of one answer.

    Args:
        reason: A short machine-readable word, for instance "truncated" or "rate_limited".
        message: What happened, one sentence.
        hint: What to do about it, or "".
        attempts: How many requests were sent before giving up.

    `usage` is what those requests used all the same, or None where nobody counted.
    """

    def __init__(self, reason: str, message: str, hint: str = "", *, attempts: int = 0) -> None:
        super().__init__(message, hint)
        self.reason = reason
        self.attempts = attempts
        self.usage: Usage | None = None


class UnreachableError(JudgeError):
    """The judge was never reached: no network, wrong key, unknown model."""


class RejectedError(JudgeError):
    """The judge was reached and would not serve the request: rate limit, refusal, content filter."""


class ReplyError(JudgeError):
    """The judge replied, and the reply could not be used even after asking again."""
