"""Lines of plain text to blocks: joins what was wrapped, knows list items, keeps everything else apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from evaluator.authoring.article.blocks import Block, clean
from evaluator.authoring.article.patterns import (
    ANSWER_LABEL,
    FULL_STOP,
    NUMBERED,
    QUESTION_LABEL,
    has_heading_word,
    skip_reason,
)

MAX_WIDTH = 130
"""A file with a longer line than this is not wrapped: each of its lines is a paragraph."""

_BULLET = re.compile(r"^(\s*)[-*+\u2022\u2023\u2043\u25aa\u25cf\u25e6\u00b7\u2013\uf0b7]\s+(?=\S)")
_HYPHEN = re.compile(r"[^\W\d_]-$")
_WORD = re.compile(r"[^\W\d_]+")

_HEADING_WORDS = 8

Numbered = tuple[int, str]
"""Where a line stands (its line or page, from 1), and the line."""


def to_blocks(
    lines: Sequence[Numbered], *, slack: float = 0.0, width: int | None = None, item: bool = False
) -> list[Block]:
    """Blocks of lines that may have been wrapped.

    Args:
        lines: All lines in order; an empty one ends a paragraph.
        slack: The share of the width by which a full line may fall short (0 for text of fixed width). With slack a
            line that starts in lower case always goes on with the one above.
        width: Columns at which the text is wrapped; None for the longest of the lines.
        item: The first line is that of a list item, whose mark was read off.
    """
    width = max((len(line.rstrip()) for _, line in lines), default=0) if width is None else width
    wrapped = width <= MAX_WIDTH
    words = {word.lower() for _, line in lines for word in _WORD.findall(line)} if slack else set()
    blocks: list[Block] = []
    parts: list[str] = []
    last = ""
    for where, line in lines:
        text = clean(line)
        bullet = _BULLET.match(line)
        if not text:
            last = ""
        elif item and len(blocks) == 1 and not parts and FULL_STOP.search(blocks[0].text):
            blocks.append(Block(text, where))
            last = line
        elif last and wrapped and not bullet and not _opens(text) and _goes_on(last, line, width, slack):
            parts.append(text)
            last = line
        else:
            _close(blocks, parts, words)
            blocks.append(_item(bullet, line, where) if bullet else Block(text, where))
            last = "" if skip_reason(text) else line
    _close(blocks, parts, words)
    return blocks


def _opens(text: str) -> bool:
    """Whether a line begins something new whatever stands above it."""
    marked = NUMBERED.match(text) or QUESTION_LABEL.match(text) or ANSWER_LABEL.match(text)
    return marked is not None or skip_reason(text) != ""


def _close(blocks: list[Block], parts: list[str], words: set[str]) -> None:
    """Add the lines that go on with the last block to it."""
    if parts:
        text = [blocks[-1].text]
        for part in parts:
            _join(text, part, words)
        blocks[-1] = replace(blocks[-1], text="".join(text))
        parts.clear()


def _item(bullet: re.Match[str], line: str, where: int) -> Block:
    depth = len(bullet[1].expandtabs(4)) // 2
    return Block(clean(line[bullet.end() :]), where, kind="item", level=depth)


def _goes_on(last: str, line: str, width: int, slack: float) -> bool:
    """Whether `line` is the rest of a paragraph that was broken after `last`."""
    ended = FULL_STOP.search(last.rstrip()) is not None
    if ended and _heads(line):
        return False
    marked = NUMBERED.match(clean(last)) is not None or _BULLET.match(last) is not None
    if marked and ended:
        return False
    indented = len(line) - len(line.lstrip()) > len(last) - len(last.lstrip())
    if marked and indented:
        return True
    if slack and line.lstrip()[:1].islower() and not ended:
        return True
    first = len(line.split(maxsplit=1)[0])
    # A break where the next word would still have fitted was made by the writer.
    return len(last.rstrip()) + 1 + first > width * (1 - slack)


def _heads(line: str) -> bool:
    """Whether a line below a full stop is the heading of a section, and no rest of a paragraph."""
    words = line.split()
    short = len(words) <= _HEADING_WORDS and line.strip()[:1].isupper() and not FULL_STOP.search(line.strip())
    return short and has_heading_word(line)


def _join(text: list[str], part: str, words: set[str]) -> None:
    above = text[-1]
    if not _HYPHEN.search(above) or not part[:1].islower():
        text.append(f" {part}")
        return
    head, tail = _WORD.findall(above)[-1], _WORD.findall(part)[0]
    # A word that also stands unbroken in the document was broken by the typesetter, not written with a hyphen.
    if (head + tail).lower() in words:
        text[-1] = above[:-1]
    text.append(part)
