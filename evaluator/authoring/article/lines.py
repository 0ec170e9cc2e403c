"""Blocks to lines: numbers and labels are read off, tables understood, question and answer on one line split."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from evaluator.authoring.article.blocks import BOLD_LEVEL, Block, Kind, clean
from evaluator.authoring.article.patterns import (
    ANSWER_LABEL,
    NUMBERED,
    QUESTION_LABEL,
    SENTENCE_END,
    has_heading_word,
    is_asking_heading,
    is_closing,
    is_question,
    is_related,
    level_in,
    question_end,
    skip_reason,
)
from evaluator.domain import Level

Label = Literal["", "question", "answer"]

_INLINE_ANSWER = re.compile(r"\s(?=(?:A|Ans|Answer)\s?:\s)")
_REST = 5
"""Words. Fewer than these behind a question mark still belong to the question."""
_LONG = 40


@dataclass(frozen=True, slots=True)
class Line:
    """A piece of the article that is a question, a part of an answer, a heading, or none of them as a whole.

    `text` is as the reader gave it; `body` is without number and label. `skip` says why it is left out whatever
    stands around it. `difficulty` is the level that a table states.
    """

    text: str
    body: str
    where: int
    kind: Kind
    depth: int
    number: int | None = None
    label: Label = ""
    skip: str = ""
    difficulty: Level | None = None


def to_lines(blocks: Iterable[Block]) -> tuple[Line, ...]:
    """Every block that holds text, in order, as one line or as two."""
    given = [replace(block, text=clean(block.text)) for block in blocks]
    given = [block for block in given if block.text]
    # "A." and "A)" also letter the sections of an article. They label an answer only where "Q." labels a question.
    lettered = any(QUESTION_LABEL.match(block.text) for block in given)
    lines: list[Line] = []
    for table, group in groupby(given, key=lambda block: block.table if block.kind == "cell" else 0):
        if table:
            lines += _table_lines(list(group))
        else:
            for block in group:
                lines += _split(_line(block, lettered=lettered))
    return tuple(lines)


def _line(block: Block, *, lettered: bool) -> Line:
    line = Line(block.text, block.text, block.where, block.kind, block.level, block.number, block.label, block.skip)
    if line.skip:
        return line
    question = QUESTION_LABEL.match(block.text)
    answer = None if question else ANSWER_LABEL.match(block.text)
    numbered = None if question or answer else NUMBERED.match(block.text)
    if question:
        number = int(question[1]) if question[1] else block.number
        line = replace(line, body=block.text[question.end() :], label="question", number=number)
    elif answer and (lettered or not re.match(r"^A\s?\d{0,3}[.:)]", block.text)):
        line = replace(line, body=block.text[answer.end() :], label="answer", kind="text")
    elif numbered and block.number is None:
        number = int(next(group for group in numbered.groups() if group))
        line = replace(line, body=block.text[numbered.end() :], number=number)
    # Bold alone makes no heading: writers stress whole sentences too.
    if line.kind == "heading" and line.depth >= BOLD_LEVEL and not _may_head(line):
        line = replace(line, kind="text")
    return replace(line, skip="" if line.kind == "heading" else skip_reason(block.text))


def _may_head(line: Line) -> bool:
    if is_asking_heading(line.body) or line.number is not None or line.label == "question":
        return True
    if SENTENCE_END.search(line.body):
        return False
    return has_heading_word(line.body) or is_closing(line.body) or is_related(line.body)


def _split(line: Line) -> Iterator[Line]:
    """The line, or its question and what stands behind it."""
    asked = line.label == "question" or line.number is not None or line.kind == "item"
    if line.skip or not asked or line.kind == "heading":
        yield line
        return
    labelled = _INLINE_ANSWER.search(line.body) if line.label == "question" else None
    end = labelled.start() if labelled else question_end(line.body)
    rest = line.body[end:].strip()
    first = rest[: question_end(rest)]
    goes_on = len(rest.split()) < _REST or (is_question(first) and len(rest.split()) < _LONG)
    if not rest or (goes_on and not labelled):
        yield line
        return
    head = line.text[: len(line.text) - len(line.body)] + line.body[:end]
    yield replace(line, text=head.strip(), body=line.body[:end].strip())
    answer = ANSWER_LABEL.match(rest) if labelled else None
    label: Label = "answer" if answer else ""
    yield Line(rest, rest[answer.end() :] if answer else rest, line.where, "text", 0, label=label)


def _table_lines(cells: list[Block]) -> list[Line]:
    """The cells of one table: questions and answers where it has such columns, text where it has not."""
    columns = _columns(cells)
    if "question" not in columns.values():
        return [replace(_line(cell, lettered=False), kind="text") for cell in cells]
    first = min(cell.row for cell in cells)
    # A first row that asks nothing is the head of the table, whatever its words are.
    header = -1 if any(is_question(cell.text) for cell in cells if cell.row == first) else first
    lines: list[Line] = []
    for row, group in groupby(cells, key=lambda cell: cell.row):
        lines += _row_lines(list(group), columns, is_header=row == header)
    return lines


def _row_lines(row: list[Block], columns: dict[int, str], *, is_header: bool) -> list[Line]:
    if is_header:
        return [Line(c.text, c.text, c.where, "cell", 0, skip="head of a table") for c in row]
    number: int | None = None
    difficulty: Level | None = None
    for cell in row:
        use = columns.get(cell.column, "")
        digits = re.sub(r"\D", "", cell.text)
        if use == "number" and digits and len(digits) <= 3:  # noqa: PLR2004 - more digits are no question's number
            number = int(digits)
        if use == "level":
            difficulty = level_in(cell.text)
    lines = []
    for cell in row:
        use = columns.get(cell.column, "")
        line = replace(_line(replace(cell, label=""), lettered=True), kind="cell")
        if use == "question":
            own = line.number if line.number is not None else number
            line = replace(line, label="question", number=own, difficulty=difficulty)
        elif use == "answer":
            line = replace(line, label="answer", number=None)
        else:
            line = replace(line, label="", skip=line.skip or "other column of a table")
        lines.append(line)
    # The answer may stand in a column on the left.
    return sorted(lines, key=lambda line: line.label != "question")


_COLUMN_NAMES = (
    ("number", re.compile(r"^(?:#|no\.?|nr\.?|num\w*|id|s\.? ?no\.?)$", re.IGNORECASE)),
    ("level", re.compile(r"^(?:level|difficulty|section)$", re.IGNORECASE)),
    ("answer", re.compile(r"\b(?:answers?|responses?|antwort|respuesta|r\u00e9ponse)\b", re.IGNORECASE)),
    ("question", re.compile(r"\b(?:questions?|prompt|frage|pregunta)\b", re.IGNORECASE)),
)


def _head_use(text: str) -> str:
    return next((use for use, name in _COLUMN_NAMES if name.search(text)), "")


def _has_header(cells: list[Block]) -> bool:
    first = min(cell.row for cell in cells)
    heads = [cell for cell in cells if cell.row == first]
    return any(_head_use(cell.text) and not is_question(cell.text) for cell in heads)


def _columns(cells: list[Block]) -> dict[int, str]:
    """What each column holds, from its head, or from its cells where there is no head."""
    first = min(cell.row for cell in cells)
    uses: dict[int, str] = {}
    if _has_header(cells):
        for cell in (c for c in cells if c.row == first):
            use = _head_use(cell.text)
            if use not in uses.values():
                uses[cell.column] = use
        if "question" in uses.values():
            return uses
    columns = sorted({cell.column for cell in cells})
    for column in columns:
        texts = [cell.text for cell in cells if cell.column == column]
        asked = sum(is_question(text) for text in texts)
        if len(columns) > 1 and asked * 2 > len(texts):
            uses[column] = "question"
            following = [c for c in columns if c > column]
            if following and "answer" not in uses.values():
                uses[following[0]] = "answer"
            break
    return uses
