"""What an import would write: questions as a bank has them, beside what the bank holds already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from evaluator.authoring.article.blocks import Document
from evaluator.authoring.article.finder import Entry, Found
from evaluator.authoring.article.ids import question_id
from evaluator.authoring.article.language import is_english
from evaluator.authoring.article.styles import folded
from evaluator.authoring.article.themes import GENERAL, guess_themes, known_themes
from evaluator.bank import Bank, load_bank
from evaluator.domain import Level, Question
from evaluator.errors import InputError
from evaluator.wording import many, some

DEFAULT_LEVEL: Level = "intermediate"
LONG_ANSWER = 600
"""Words. A longer answer may hold something that is no part of it."""

_LISTED = 5


@dataclass(frozen=True, slots=True)
class Planned:
    """A question and how it stands to the bank: not there yet, there as it is, or there with other words."""

    question: Question
    status: Literal["new", "unchanged", "differs"]


@dataclass(frozen=True, slots=True)
class Plan:
    """All questions of an import in the order of the article, and remarks for the person who asked."""

    root: Path | None
    questions: tuple[Planned, ...]
    remarks: tuple[str, ...]

    def with_status(self, *wanted: str) -> list[Question]:
        """The questions that have one of these states."""
        return [planned.question for planned in self.questions if planned.status in wanted]


def plan_import(document: Document, found: Found, root: Path | None, level: Level | None = None) -> Plan:
    """Plan the import of what was found into the bank at `root` (None: a new one).

    Args:
        document: The article, for messages.
        found: Its questions.
        root: The folder of the bank; it need not exist.
        level: The level of every question; None takes it from the article's sections.

    Raises:
        InputError: Nothing was found, or a question fits no theme of a bank that lists its themes.
        BankError: The bank that is there has problems.
    """
    if not found.entries:
        raise InputError(
            f"{document.name}: no questions found in its {many(len(document.blocks), 'paragraph')}.",
            'Questions are numbered ("1. How do you ...?"), headings that ask, "Q:" with "A:", rows of a table '
            "(question | answer), or list items that ask.",
        )
    bank = _bank(root)
    questions = tuple(_planned(found.entries, bank, level))
    _check_themes(questions, bank)
    return Plan(root, questions, (*document.remarks, *_remarks(found.entries, questions, level)))


def _bank(root: Path | None) -> Bank | None:
    if root is None:
        return None
    if root.exists() and not root.is_dir():
        raise InputError(f"{root} is a file, not the folder of a bank.", "Name a folder with -o.")
    held = [file for file in (root / "questions").glob("*.yaml") if file.name != "themes.yaml"]
    return load_bank(root) if held else None


def _planned(entries: Sequence[Entry], bank: Bank | None, level: Level | None) -> Iterator[Planned]:
    held = bank.questions if bank else ()
    by_text = {folded(question.text): question for question in held}
    by_id = {question.id: question for question in held}
    themes = known_themes(bank.themes if bank else {})
    ids: set[str] = set()
    matched: list[tuple[Entry, str, Question | None]] = []
    for entry in entries:
        same = by_text.get(folded(entry.question))
        name = same.id if same and same.id not in ids else question_id(entry.question, ids)
        ids.add(name)
        matched.append((entry, name, by_id.get(name)))
    numbers = _numbers(matched, {q.number for q in held if q.number is not None})
    for (entry, name, same), number in zip(matched, numbers, strict=True):
        if same and (same.text, same.model_answer) == (entry.question, entry.answer):
            yield Planned(same, "unchanged")
        elif same:
            # Number, level and themes may have been set by hand; the words are what the article says anew.
            words = {"text": entry.question, "model_answer": entry.answer, "model_answer_source": _source(entry)}
            yield Planned(same.model_copy(update=words), "differs")
        else:
            guessed = guess_themes(entry.question, entry.answer, themes)
            question = Question(
                id=name,
                number=number,
                level=level or entry.level or DEFAULT_LEVEL,
                themes=guessed,
                text=entry.question,
                model_answer=entry.answer,
                model_answer_source=_source(entry),
            )
            yield Planned(question, "new")


def _source(entry: Entry) -> Literal["article"] | None:
    return "article" if entry.answer else None


def _numbers(matched: Sequence[tuple[Entry, str, Question | None]], used: set[int]) -> list[int | None]:
    """The article's numbers where it has one for each question and the bank has not; others follow after the last."""
    own = [entry.number for entry, _, _ in matched]
    if None in own or 0 in own or len(set(own)) < len(own):
        own = list(range(1, len(own) + 1))
    following = max([*used, *(number for number in own if number)], default=0)
    numbers: list[int | None] = []
    for number, (_, _, same) in zip(own, matched, strict=True):
        if same:
            numbers.append(same.number)
        elif number in used:
            following += 1
            numbers.append(following)
        else:
            numbers.append(number)
    return numbers


def _check_themes(questions: Sequence[Planned], bank: Bank | None) -> None:
    if not bank or not bank.themes or GENERAL in bank.themes:
        return
    without = [p.question.id for p in questions if p.status == "new" and GENERAL in p.question.themes]
    if without:
        raise InputError(
            f"{bank.root / 'questions' / 'themes.yaml'} has no theme for: {some(without, _LISTED)}.",
            f'Add a line there such as "{GENERAL}: What fits nowhere else.", or the themes that are missing.',
        )


def _remarks(entries: Sequence[Entry], planned: Sequence[Planned], level: Level | None) -> Iterator[str]:
    numbers = sorted({entry.number for entry in entries if entry.number})
    gaps = sorted(set(range(numbers[0], numbers[-1])) - set(numbers)) if numbers else []
    if gaps:
        yield f"Numbers that the article skips, or that were not recognised: {some([str(n) for n in gaps], _LISTED)}."
    fresh = [(entry, p.question) for entry, p in zip(entries, planned, strict=True) if p.status == "new"]
    new = [question for _, question in fresh]
    unlevelled = sum(entry.level is None for entry, _ in fresh)
    if unlevelled and level is None:
        yield (
            f"No section heading gives a level for {many(unlevelled, 'question')}: "
            f"{DEFAULT_LEVEL} was set (--level sets another)."
        )
    moved = [question for entry, question in fresh if entry.number not in {None, question.number}]
    if moved:
        yield f"{many(len(moved), 'question')} got another number: the article's is taken, or stands there twice."
    general = [q.id for q in new if q.themes == (GENERAL,)]
    if new:
        rest = f'; {many(len(general), "question")} fit none and got "{GENERAL}"' if general else ""
        yield f"Themes were guessed from words{rest}. Look them over."
    long = [p.question.id for p in planned if len((p.question.model_answer or "").split()) > LONG_ANSWER]
    if long:
        yield f"Answers of more than {LONG_ANSWER} words, perhaps with something else in them: {some(long, _LISTED)}."
    if not is_english(" ".join(f"{entry.question} {entry.answer or ''}" for entry in entries)):
        yield "The text does not look English. The embedded judge reads English only: use an LLM with --judge."
