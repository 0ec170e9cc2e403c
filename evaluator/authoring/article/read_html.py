"""HTML to blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TypeGuard

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, PreformattedString, Tag
from bs4.exceptions import ParserRejectedMarkup

from evaluator.authoring.article.blocks import BOLD_LEVEL, Block, Kind, clean
from evaluator.authoring.article.lines import Label
from evaluator.authoring.article.patterns import is_question

_SILENT = frozenset("script style template noscript svg math canvas iframe object head select button textarea".split())
_FURNITURE = frozenset("nav aside footer form menu dialog ins".split())
_BREAKS = _FURNITURE | frozenset(
    "address article blockquote body br caption center dd details div dl dt fieldset figcaption figure h1 h2 h3 h4 h5 "
    "h6 header hr html li main ol p pre section summary table tbody td tfoot th thead tr ul".split()
)
_NAMES = re.compile(
    r"(?:^|[-_ ])(?:ads?|advert\w*|adsbygoogle|sponsor\w*|promo\w*|newsletter|sidebar|breadcrumbs?|cookies?|share|"
    r"sharing|social|related|comments?|toc|table-of-contents|popup|modal)(?:$|[-_ ])",
    re.IGNORECASE,
)
_ROLES = frozenset("navigation complementary banner contentinfo search dialog".split())

_DECLARATION = re.compile(r"<!(?!--)")

_LARGEST_SHARE = 0.5
"""An element with more of the page's text than this is the page, whatever its name says."""

_BUDGET = 2_000_000
"""Nodes visited to measure that share. An honest page needs fewer; what cannot be measured any more is left out."""


def read_html(text: str) -> list[Block]:
    """One block for each heading, line, list item and table cell; `where` is the line of its text."""
    reader = _Reader(_parsed(text))
    reader.read()
    return reader.blocks


def _parsed(text: str) -> BeautifulSoup:
    try:
        return BeautifulSoup(text, "html.parser")
    except ParserRejectedMarkup:  # at a declaration that never was one, such as "<![", which a browser skips
        return BeautifulSoup(_DECLARATION.sub("&lt;!", text), "html.parser")


@dataclass
class _Counter:
    """A list that is being read: the number of its current item."""

    ordered: bool
    number: int


@dataclass
class _Table:
    """A table that is being read: its current row and column."""

    number: int
    row: int = -1
    column: int = -1


@dataclass
class _Item:
    """A list item; only its first line is the item, the others are text below it."""

    told: bool = False


@dataclass(frozen=True)
class _Place:
    """What the elements around a piece of text say about it."""

    kind: Kind = "text"
    level: int = 0
    number: int | None = None
    label: Label = ""
    skip: str = ""
    depth: int = -1
    counter: _Counter | None = None
    item: _Item | None = None
    table: _Table | None = None
    row: int = 0
    column: int = 0


@dataclass
class _Reader:
    """Walks the tree without recursion: a hostile page nests deeper than Python recurses."""

    soup: BeautifulSoup
    blocks: list[Block] = field(default_factory=list)
    _text: list[str] = field(default_factory=list)
    _line: int = 1
    _start: int = 1
    _outside_bold: bool = False
    _tables: int = 0
    _term_asks: bool = False
    _budget: int = _BUDGET
    _half: float = 0.0

    def read(self) -> None:
        """Collect the blocks of the page."""
        self._half = _LARGEST_SHARE * sum(len(part) for part in self.soup.descendants if _is_text(part))
        work: list[tuple[PageElement | None, _Place, bool]] = [(self.soup, _Place(), False)]
        while work:
            element, place, bold = work.pop()
            if element is None:
                self._flush(place)
            elif isinstance(element, Tag):
                self._line = element.sourceline or self._line
                if element.name in _SILENT:
                    continue
                if element.name in _BREAKS:
                    self._flush(place)
                inner = self._inside(element, place)
                if element.name in _BREAKS:
                    work.append((None, inner, bold))
                own = bold or element.name in {"b", "strong"}
                work.extend((child, inner, own) for child in reversed(element.contents))
            elif isinstance(element, NavigableString) and not isinstance(element, PreformattedString):
                self._add(str(element), bold=bold)
        self._flush(_Place())

    def _add(self, text: str, *, bold: bool) -> None:
        if text.strip() and not any(part.strip() for part in self._text):
            self._start, self._outside_bold = self._line, False
        self._text.append(text)
        self._outside_bold = self._outside_bold or (not bold and re.search(r"\w", text) is not None)

    def _flush(self, place: _Place) -> None:
        text = clean("".join(self._text))
        self._text.clear()
        if not text:
            return
        block = Block(
            text, self._start, place.kind, place.level, place.number, self._label(place, text), skip=place.skip
        )
        if place.kind == "cell" and place.table:
            block = replace(block, table=place.table.number, row=place.row, column=place.column)
            last = self.blocks[-1] if self.blocks else None
            if (
                last
                and last.kind == "cell"
                and (last.table, last.row, last.column) == (block.table, block.row, block.column)
            ):
                self.blocks[-1] = replace(last, text=f"{last.text} {text}")
                return
        elif place.item and place.item.told and place.kind == "item":
            block = replace(block, kind="text", level=0, number=None)
        elif place.kind == "text" and not self._outside_bold:
            block = replace(block, kind="heading", level=BOLD_LEVEL)
        if place.item:
            place.item.told = True
        self.blocks.append(block)

    def _label(self, place: _Place, text: str) -> Label:
        """A list of terms is a list of questions only where its terms ask."""
        if place.label == "question":
            self._term_asks = is_question(text)
        return place.label if self._term_asks else ""

    def _inside(self, tag: Tag, outer: _Place) -> _Place:
        """The place of what stands inside a tag."""
        place = outer if outer.skip else replace(outer, skip=self._skip(tag))
        match tag.name:
            case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                return replace(place, kind="heading", level=int(tag.name[1]), number=None, label="", item=None)
            case "summary":
                return replace(place, kind="heading", level=BOLD_LEVEL - 1, number=None, label="", item=None)
            case "ul" | "ol":
                counter = _Counter(tag.name == "ol", (_integer(tag, "start") or 1) - 1)
                return replace(place, depth=place.depth + 1, counter=counter)
            case "li":
                return _item(tag, place)
            case "dt" | "dd":
                return replace(place, kind="text", label="question" if tag.name == "dt" else "answer", item=None)
            case "table":
                self._tables += 1
                return replace(place, kind="text", table=_Table(self._tables), item=None)
            case "tr" if place.table:
                place.table.row, place.table.column = place.table.row + 1, -1
            case "td" | "th" if place.table:
                place.table.column += 1
                return replace(place, kind="cell", row=place.table.row, column=place.table.column)
        return place

    def _skip(self, tag: Tag) -> str:
        """Why what stands inside a tag is no part of the article, or ""."""
        if tag.name in {"html", "body", "main", "article", "[document]"}:
            return ""
        names = " ".join(_values(tag, "class") + _values(tag, "id"))
        style = "".join(_values(tag, "style")).replace(" ", "").lower()
        if "hidden" in tag.attrs or "display:none" in style:
            reason = "hidden text"
        elif tag.name in _FURNITURE or _NAMES.search(names) or set(_values(tag, "role")) & _ROLES:
            reason = "page furniture"
        else:
            return ""
        return "" if self._is_most(tag) else reason

    def _is_most(self, tag: Tag) -> bool:
        """Whether a tag holds most of the page's text."""
        length = 0
        for part in tag.descendants:
            self._budget -= 1
            length += len(part) if _is_text(part) else 0
            if self._budget < 0 or length > self._half:
                break
        return length > self._half


def _item(tag: Tag, place: _Place) -> _Place:
    counter = place.counter or _Counter(ordered=False, number=0)
    counter.number = _integer(tag, "value") or counter.number + 1
    number = counter.number if counter.ordered else None
    return replace(place, kind="item", level=max(place.depth, 0), number=number, label="", item=_Item())


def _values(tag: Tag, name: str) -> list[str]:
    value = tag.get(name)
    return [] if value is None else [value] if isinstance(value, str) else list(value)


def _integer(tag: Tag, name: str) -> int | None:
    value = "".join(_values(tag, name)).strip()
    return int(value) if re.fullmatch(r"\d{1,6}", value, re.ASCII) else None


def _is_text(part: PageElement) -> TypeGuard[NavigableString]:
    return type(part) is NavigableString
