"""What every reader makes of a file: its text in reading order, cut into blocks."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "heading", "item", "cell"]

_DROPPED = re.compile("[\u200b\u2060\ufeff\u00ad]")
"""Characters without width: they hide in copied text and would make two equal words differ."""

_BLANKED = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff\ufffe\uffff]")
"""Control characters, halves of characters, and the private range where fonts keep their bullets."""

BOLD_LEVEL = 7
"""The heading level of a paragraph that is bold as a whole: below the six that documents have."""


@dataclass(frozen=True, slots=True)
class Block:
    """One line, paragraph, heading, list item or table cell.

    `where` counts lines (text, Markdown, HTML), pages (PDF) or paragraphs (DOCX) from 1. `level` is the rank of a
    heading (1 is the highest) or the depth of a list item (from 0). `number` is what an ordered list shows in front.
    `table`, `row` and `column` place a cell. `skip` says why the block is no part of the article ("" where it is).
    """

    text: str
    where: int
    kind: Kind = "text"
    level: int = 0
    number: int | None = None
    label: Literal["", "question", "answer"] = ""
    table: int = 0
    row: int = 0
    column: int = 0
    skip: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was read: its blocks in reading order, and remarks on the reading for the person who asked."""

    name: str
    blocks: tuple[Block, ...]
    remarks: tuple[str, ...] = ()


def clean(text: str) -> str:
    """Text on one line, composed (NFC), without characters that cannot be seen."""
    text = _DROPPED.sub("", unicodedata.normalize("NFC", text))
    return " ".join(_BLANKED.sub(" ", text).split())
