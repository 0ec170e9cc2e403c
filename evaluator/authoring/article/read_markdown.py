"""Markdown to blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from markdown_it import MarkdownIt
from markdown_it.token import Token

from evaluator.authoring.article.blocks import BOLD_LEVEL, Block
from evaluator.authoring.article.wrapping import to_blocks

_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_MAX_COLUMNS = 1000
_TAG = re.compile(r"<!--.*?-->|<[^>]*>", re.DOTALL)


def read_markdown(text: str) -> list[Block]:
    """One block for each heading, paragraph, list item and table cell; `where` is its first line."""
    # Front matter becomes blank lines, so that the lines below keep their numbers.
    body = _FRONT_MATTER.sub(lambda found: "\n" * found[0].count("\n"), text)
    parser = MarkdownIt("commonmark")
    if all(line.count("|") <= _MAX_COLUMNS for line in body.splitlines()):
        parser.enable("table")  # it takes time in proportion to the square of the columns
    width = max((len(line) for line in body.splitlines()), default=0)
    return list(_Reader(width).read(parser.parse(body)))


@dataclass
class _List:
    ordered: bool
    number: int


@dataclass
class _Reader:
    """Follows the tokens: in which lists and in which cell of which table they stand."""

    width: int
    lists: list[_List] = field(default_factory=list)
    fresh: bool = False
    tables: int = 0
    row: int = -1
    column: int = -1

    def read(self, tokens: Sequence[Token]) -> Iterator[Block]:
        for i, token in enumerate(tokens):
            where = token.map[0] + 1 if token.map else 1
            if token.type == "inline":
                yield from self._inline(tokens[i - 1], token, where)
            elif token.type in {"fence", "code_block"}:
                yield from to_blocks([(where + n, line) for n, line in enumerate(token.content.splitlines())])
            elif token.type == "html_block":
                bare = _TAG.sub(lambda found: "\n" * found[0].count("\n") or " ", token.content)
                yield from to_blocks([(where + n, line) for n, line in enumerate(bare.splitlines())])
            else:
                self._follow(token)

    def _follow(self, token: Token) -> None:
        match token.type:
            case "ordered_list_open":
                self.lists.append(_List(ordered=True, number=int(token.attrGet("start") or 1) - 1))
            case "bullet_list_open":
                self.lists.append(_List(ordered=False, number=0))
            case "ordered_list_close" | "bullet_list_close":
                self.lists.pop()
                self.fresh = False
            case "list_item_open":
                self.lists[-1].number += 1
                self.fresh = True
            case "list_item_close":
                self.fresh = False
            case "table_open":
                self.tables, self.row = self.tables + 1, -1
            case "tr_open":
                self.row, self.column = self.row + 1, -1
            case "th_open" | "td_open":
                self.column += 1

    def _inline(self, opened: Token, token: Token, where: int) -> Iterator[Block]:
        text = _plain(token.children or [])
        if opened.type in {"th_open", "td_open"}:
            cell = Block(" ".join(text.split()), where, "cell", table=self.tables, row=self.row, column=self.column)
            yield cell
            return
        if opened.type == "heading_open":
            yield Block(" ".join(text.split()), where, "heading", level=int(opened.tag[1:]))
            return
        lines = [(where + n, line) for n, line in enumerate(text.split("\n"))]
        blocks = to_blocks(lines, width=self.width, item=self.fresh)
        if blocks and self.fresh and self.lists:
            own = self.lists[-1]
            depth = len(self.lists) - 1
            blocks[0] = replace(blocks[0], kind="item", level=depth, number=own.number if own.ordered else None)
            self.fresh = False
        elif len(blocks) == 1 and _is_bold(token.children or []):
            blocks[0] = replace(blocks[0], kind="heading", level=BOLD_LEVEL)
        yield from blocks


def _plain(children: Sequence[Token]) -> str:
    parts = []
    for child in children:
        if child.type in {"softbreak", "hardbreak"} or (child.type == "html_inline" and "<br" in child.content.lower()):
            parts.append("\n")
        elif child.type in {"text", "code_inline", "text_special"}:
            parts.append(child.content)
    return "".join(parts)


def _is_bold(children: Sequence[Token]) -> bool:
    """Whether a paragraph is bold as a whole."""
    depth, outside = 0, ""
    for child in children:
        depth += (child.type == "strong_open") - (child.type == "strong_close")
        if depth == 0 and child.type in {"text", "code_inline"}:
            outside += child.content
    return not outside.strip(" :") and any(child.type == "strong_open" for child in children)
