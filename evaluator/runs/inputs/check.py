"""Rows to answers: the question found, the id settled and used once, the text fit to be judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from evaluator.bank import Bank
from evaluator.domain import Answer
from evaluator.errors import AmbiguousQuestionError, BankError, InputError, Problem, UsageError
from evaluator.runs.fingerprint import text_digest
from evaluator.runs.inputs.row import MAX_CHARACTERS, InputRow, shown

_SHORT = 12


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """An answer of the input; `position` counts answers from 1."""

    position: int
    answer: Answer
    extra: Mapping[str, str]


def check_rows(rows: Iterable[InputRow | Problem], bank: Bank) -> Iterator[CheckedRow | Problem]:
    """Turn rows into answers to questions of the bank; problems pass through, and new ones join them.

    A row without an id gets "candidate/question", or "question/<digest of the text>" where no candidate is named; that
    does not depend on the rows around it. The second such row of the input gets "/2", and so on.
    """
    check = _Check(bank)
    position = 0
    for row in rows:
        checked = row if isinstance(row, Problem) else check.row(row)
        if isinstance(checked, Problem):
            yield checked
            continue
        position += 1
        yield CheckedRow(position, checked, row.extra)  # type: ignore[union-attr]


class _Check:
    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self._found: dict[str, str | tuple[str, str]] = {}
        self._lines: dict[str, int] = {}
        self._made: dict[str, int] = {}

    def row(self, row: InputRow) -> Answer | Problem:
        if not row.question:
            return row.problem("question", "nothing", "the id or number of a question")
        question = self._question(row.question)
        if isinstance(question, tuple):
            return row.problem("question", *question)
        wrong = _wrong_text(row)
        if wrong:
            return wrong
        answer_id = row.id or self._make_id(row, question)
        if answer_id in self._lines:
            where = f"line {self._lines[answer_id]}" if self._lines[answer_id] else "another file"
            return row.problem("id", f"{shown(answer_id)}, which {where} has too", "an id of its own")
        self._lines[answer_id] = row.line
        return Answer(id=answer_id, question_id=question, text=row.answer, candidate=row.candidate or None)

    def _question(self, written: str) -> str | tuple[str, str]:
        """The id of a question; or what was found and expected."""
        if written not in self._found:
            try:
                question = self._bank.find(written)
                self._bank.rubric(question.id)
            except BankError:  # a rubric is broken: that is no fault of the row
                raise
            except (UsageError, InputError) as error:
                several = isinstance(error, AmbiguousQuestionError)
                text = f"{error.message} {error.hint}".strip() if several else error.hint
                expected = (text or error.message).rstrip(".")
                self._found[written] = shown(written), f"a question of the bank with a rubric. {expected}"
            else:
                self._found[written] = question.id
        return self._found[written]

    def _make_id(self, row: InputRow, question: str) -> str:
        base = f"{row.candidate}/{question}" if row.candidate else f"{question}/{text_digest(row.answer)[:_SHORT]}"
        self._made[base] = self._made.get(base, 0) + 1
        return base if self._made[base] == 1 else f"{base}/{self._made[base]}"


def _wrong_text(row: InputRow) -> Problem | None:
    """What cannot be stored or judged; an empty answer can: it is ungraded."""
    if len(row.answer) > MAX_CHARACTERS:
        return row.problem("answer", f"{len(row.answer):,} characters", f"at most {MAX_CHARACTERS:,}")
    fields = {"answer": row.answer, "id": row.id, "candidate": row.candidate, **row.extra}
    for name, value in fields.items():
        if "\0" in value:
            return row.problem(name, "a zero byte", "text")
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            return row.problem(name, "half a surrogate pair", "text in valid Unicode")
    return None
