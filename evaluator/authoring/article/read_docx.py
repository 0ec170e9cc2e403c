"""Word documents (DOCX) to blocks."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import docx
from docx.document import Document
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph

from evaluator.authoring.article.blocks import BOLD_LEVEL, Block, clean
from evaluator.errors import InputError

MAX_UNPACKED = 200_000_000
"""Bytes. A long book with pictures is smaller; a crafted zip file unpacks to anything."""

_HEADING = re.compile(r"^heading (\d)$", re.IGNORECASE)
_MAX_BASES = 20
"""Styles that build on each other; a damaged file may have them in a circle."""
_DEEPEST = 5
"""Tables inside tables."""


def read_docx(raw: bytes, name: str) -> list[Block]:
    """One block for each line of a paragraph and each table cell; `where` counts paragraphs.

    Raises:
        InputError: The file is damaged, or unpacks to more than `MAX_UNPACKED` bytes.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            unpacked = sum(part.file_size for part in packed.infolist())
        blocks = list(_Reader(docx.Document(io.BytesIO(raw))).read()) if unpacked <= MAX_UNPACKED else []
    except Exception as error:  # a damaged file makes zipfile, lxml and docx raise anything
        raise InputError(
            f"{name} is damaged: it cannot be read as a Word document ({type(error).__name__}).",
            "Open it in a word processor and save it again as .docx.",
        ) from error
    if unpacked > MAX_UNPACKED:
        raise InputError(f"{name} unpacks to {unpacked // 1_000_000:,} MB.", "Save its text as .txt or .md.")
    return blocks


@dataclass
class _Reader:
    """Counts paragraphs and tables, and the numbers that Word shows and does not store."""

    document: Document
    paragraphs: int = 0
    tables: int = 0
    counts: dict[tuple[str, int], int] = field(default_factory=dict)

    def read(self) -> Iterator[Block]:
        for content in self.document.iter_inner_content():
            if isinstance(content, Table):
                yield from self._table(content, 0)
            else:
                yield from self._paragraph(content)

    def _table(self, table: Table, depth: int) -> Iterator[Block]:
        self.tables += 1
        number = self.tables
        for y, row in enumerate(table.rows):
            for x, cell in enumerate(row.cells):
                if x and cell._tc is row.cells[x - 1]._tc:  # noqa: SLF001 - a merged cell comes once for each column
                    continue
                self.paragraphs += 1
                text = " ".join(paragraph.text for paragraph in cell.paragraphs)
                yield Block(text, self.paragraphs, "cell", table=number, row=y, column=x)
                if depth < _DEEPEST:
                    for inner in cell.tables:
                        yield from self._table(inner, depth + 1)

    def _paragraph(self, paragraph: Paragraph) -> Iterator[Block]:
        self.paragraphs += 1
        lines = [line for line in paragraph.text.split("\n") if clean(line)]
        listed = self._listed(paragraph)
        if not lines:
            return
        first = Block(lines[0], self.paragraphs)
        rank = self._rank(paragraph)
        if rank:
            number = listed[1] if listed else None
            yield replace(first, text=" ".join(lines), kind="heading", level=rank, number=number)
            return
        if listed:
            first = replace(first, kind="item", level=listed[0], number=listed[1])
        elif len(lines) == 1 and _is_bold(paragraph):
            first = replace(first, kind="heading", level=BOLD_LEVEL)
        yield first
        for line in lines[1:]:
            yield Block(line, self.paragraphs)

    def _rank(self, paragraph: Paragraph) -> int:
        style = paragraph.style.name if paragraph.style is not None else None
        if not style:
            return 0
        found = _HEADING.match(style)
        return int(found[1]) if found else 1 if style.lower() in {"title", "subtitle"} else 0

    def _listed(self, paragraph: Paragraph) -> tuple[int, int | None] | None:
        """Depth and number (None for a bullet) of a paragraph in a list; None for one in no list."""
        own = _numbering(paragraph)
        if own is None:
            style = (paragraph.style.name or "") if paragraph.style is not None else ""
            return (0, None) if style.startswith("List Bullet") else None
        number_id, depth = own
        form, start = self._form(number_id, depth)
        if form in {"bullet", "none"}:
            return depth, None
        self.counts[number_id, depth] = self.counts.get((number_id, depth), start - 1) + 1
        for key in [key for key in self.counts if key[0] == number_id and key[1] > depth]:
            del self.counts[key]
        return depth, self.counts[number_id, depth]

    def _form(self, number_id: str, depth: int) -> tuple[str, int]:
        """What numbers look like ("decimal", "bullet", ...) and where they start, as the numbering part says."""
        try:
            root = self.document.part.numbering_part.element
        except (KeyError, NotImplementedError):
            return "bullet", 1
        for number in root.findall(qn("w:num")):
            if number.get(qn("w:numId")) == number_id:
                link = number.find(qn("w:abstractNumId"))
                wanted = None if link is None else link.get(qn("w:val"))
                for abstract in root.findall(qn("w:abstractNum")):
                    if abstract.get(qn("w:abstractNumId")) == wanted:
                        return _level_form(abstract, depth)
        return "bullet", 1


def _level_form(abstract: Any, depth: int) -> tuple[str, int]:  # noqa: ANN401 - lxml comes without types
    for level in abstract.findall(qn("w:lvl")):
        if level.get(qn("w:ilvl")) == str(depth):
            form, start = level.find(qn("w:numFmt")), level.find(qn("w:start"))
            value = "1" if start is None else start.get(qn("w:val")) or "1"
            return ("decimal" if form is None else form.get(qn("w:val"))), int(value)
    return "bullet", 1


def _numbering(paragraph: Paragraph) -> tuple[str, int] | None:
    """The list that a paragraph, or its style, is in, and the depth there."""
    places = [paragraph._p.pPr]  # noqa: SLF001 - python-docx offers no list properties of its own
    style: Any = paragraph.style
    for _ in range(_MAX_BASES):
        if style is None:
            break
        places.append(style.element.pPr)
        style = style.base_style
    for place in places:
        found = None if place is None else place.find(qn("w:numPr"))
        if found is None:
            continue
        number, depth = found.find(qn("w:numId")), found.find(qn("w:ilvl"))
        if number is None:
            continue
        value = number.get(qn("w:val")) or "0"
        if value == "0":  # this is how Word takes a paragraph out of its style's list
            return None
        return value, int((None if depth is None else depth.get(qn("w:val"))) or 0)
    return None


def _is_bold(paragraph: Paragraph) -> bool:
    runs = [run for run in paragraph.runs if run.text.strip()]
    return bool(runs) and all(run.bold for run in runs)
