"""Lines to questions with their answers. Every line gets exactly one part to play, and one may ask which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Literal

from evaluator.authoring.article.blocks import Block
from evaluator.authoring.article.lines import Line, to_lines
from evaluator.authoring.article.patterns import (
    SENTENCE_END,
    has_heading_word,
    heads_questions,
    is_aside,
    is_closing,
    is_related,
    level_in,
)
from evaluator.authoring.article.styles import looks_like_heading, question_lines
from evaluator.domain import Level

Part = Literal["question", "answer", "heading", "left out"]

_FEW = 3
_TITLE_WORDS = 8
_TITLE_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Placed:
    """A line and its part: `entry` is the question it belongs to (from 0), `reason` says why it is left out."""

    line: Line
    part: Part
    entry: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One question as the article has it. `number` and `level` are None where the article gives none."""

    question: str
    answer: str | None
    number: int | None
    level: Level | None
    where: int


@dataclass(frozen=True, slots=True)
class Found:
    """The questions in order, and every line of the article with the part it plays."""

    entries: tuple[Entry, ...]
    lines: tuple[Placed, ...]


def find_entries(blocks: Sequence[Block]) -> Found:
    """The questions of an article with their answers; none is an empty result, not an error."""
    lines = to_lines(blocks)
    asked = frozenset(i for i in question_lines(lines) if any(character.isalnum() for character in lines[i].body))
    walk = _Walk(lines, asked)
    placed = _answers_begin(walk.placed(), lines, asked)
    own: list[list[Placed]] = [[] for _ in walk.levels]
    for one in placed:
        if one.entry is not None:
            own[one.entry].append(one)
    entries = tuple(_entry(parts, level) for parts, level in zip(own, walk.levels, strict=True))
    return Found(entries, tuple(placed))


@dataclass
class _Walk:
    """Goes through the lines once and remembers the section and the question it is in."""

    lines: tuple[Line, ...]
    asked: frozenset[int]
    levels: list[Level | None] = field(default_factory=list)
    _reason: str = "introduction"
    _open: bool = False
    _aside: bool = False
    _answered: bool = False
    _rank: int = 0
    _level: Level | None = None
    _level_rank: int = 0

    def placed(self) -> list[Placed]:
        """One part for every line."""
        return [self._place(i, line) for i, line in enumerate(self.lines)]

    def _place(self, i: int, line: Line) -> Placed:
        if i in self.asked:
            self.levels.append(line.difficulty or self._level)
            self._open, self._aside, self._answered = True, False, False
            self._rank = line.depth if line.kind == "heading" else 0
            return Placed(line, "question", len(self.levels) - 1)
        entry = len(self.levels) - 1 if self._open else None
        if line.skip:
            return Placed(line, "left out", None, line.skip)
        if line.kind == "heading" or self._heads(i, line):
            return self._heading(line, entry)
        if entry is None:
            return Placed(line, "left out", None, self._reason)
        if line.label == "answer":
            self._aside = False
        elif is_aside(line.body) and line.body.endswith(":"):
            self._aside = True
        if self._aside:
            return Placed(line, "left out", None, "advice to the reader")
        self._answered = True
        return Placed(line, "answer", entry)

    def _heading(self, line: Line, entry: int | None) -> Placed:
        inner = entry is not None and self._rank and line.kind == "heading" and line.depth > self._rank
        if inner and not is_closing(line.body) and not is_related(line.body):
            self._aside = is_aside(line.body)
            return Placed(line, "heading")
        self._open = False
        level = level_in(line.body)
        if level is not None:
            self._level, self._level_rank = level, line.depth
        elif line.kind == "heading" and line.depth <= self._level_rank:
            self._level = None
        if is_closing(line.body):
            self._reason = "conclusion"
        elif is_related(line.body):
            self._reason = "links and contents"
        elif self.levels or self._reason != "introduction":
            self._reason = "introduction of a section"
        return Placed(line, "heading")

    def _heads(self, i: int, line: Line) -> bool:
        """Whether a line without markup is a heading here."""
        if not looks_like_heading(line):
            return False
        words = line.body.rstrip(":").split()
        title = len(words) <= _TITLE_WORDS and _is_title(words)
        if (is_closing(line.body) or is_related(line.body)) and (title or len(words) <= _FEW):
            return True
        before_question = next(
            (j in self.asked for j in range(i + 1, len(self.lines)) if not self.lines[j].skip), False
        )
        if has_heading_word(line.body) and (_is_title(words) or before_question or heads_questions(line.body)):
            return not line.body.endswith(":") or not self._open
        return title and before_question and self._answered and not line.body.endswith(":")


def _is_title(words: Sequence[str]) -> bool:
    telling = [word for word in words if len(word) > _FEW and word[:1].isalpha()]
    return bool(telling) and sum(word[:1].isupper() for word in telling) >= _TITLE_SHARE * len(telling)


def _answers_begin(placed: list[Placed], lines: Sequence[Line], asked: frozenset[int]) -> list[Placed]:
    """Where an answer has a label, it begins there; what stands above is question ("Q:") or advice (anything else)."""
    labelled = {p.entry for p in placed if p.part == "answer" and p.line.label == "answer"}
    by_label = {p.entry for i, p in enumerate(placed) if i in asked and lines[i].label == "question"}
    begun: set[int | None] = set()
    result = []
    for p in placed:
        if p.part == "answer" and p.entry in labelled and p.entry not in begun:
            if p.line.label == "answer":
                begun.add(p.entry)
            elif p.entry in by_label:
                p = replace(p, part="question")  # noqa: PLW2901 - the same line in another part
            else:
                p = replace(p, part="left out", entry=None, reason="advice to the reader")  # noqa: PLW2901
        result.append(p)
    return result


def _entry(parts: Sequence[Placed], level: Level | None) -> Entry:
    asked = [p.line for p in parts if p.part == "question"]
    answer = _joined([p.line for p in parts if p.part == "answer" and p.line.body])
    question = " ".join(filter(None, (line.body.strip("*_ ") for line in asked)))  # a label alone has no body
    return Entry(question, answer or None, asked[0].number, level, asked[0].where)


def _joined(lines: Sequence[Line]) -> str:
    """The lines of an answer as one paragraph; list items that end without a mark get one, so that they stay apart."""
    text = ""
    for line, after in zip_longest(lines, lines[1:]):
        # What was read off as a number may be the first figure of a sentence: the text is kept as it was.
        own = line.body if line.label == "answer" else line.text
        mark = "" if SENTENCE_END.search(own) or own.endswith(",") else _mark(line, after)
        text += own + mark + " "
    return text.strip()


def _mark(line: Line, after: Line | None) -> str:
    if _in_list(line):
        return ";" if after and _in_list(after) else "."
    return ":" if after and _in_list(after) else ""


def _in_list(line: Line) -> bool:
    return line.kind == "item" or line.number is not None
