"""PDF to blocks."""

from __future__ import annotations

import io
import logging
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from pypdf import PageObject, PdfReader
from pypdf.errors import DependencyError

from evaluator.authoring.article.blocks import Block, clean
from evaluator.authoring.article.wrapping import Numbered, to_blocks
from evaluator.errors import InputError

MAX_PAGES = 1000

_EDGE = 2
"""Lines at the top and at the bottom of a page among which running heads are looked for."""

_LEAST_PAGES = 3
_SLACK = 0.22
"""Letters differ in width, so a full line may hold this much less than the longest."""


_COLUMN_GAP = re.compile(r"\S {6,}\S")
_COLUMN_SHARE = 0.25


def read_pdf(raw: bytes, name: str) -> list[Block]:
    """One block for each paragraph, as far as the lines of a page show where one ends; `where` is the page.

    Raises:
        InputError: The file is damaged, encrypted, without text, or has more than `MAX_PAGES` pages.
    """
    pages = _pages(raw, name)
    if not any(line.strip() for page in pages for line in page):
        raise InputError(
            f"{name} has {len(pages)} {'page' if len(pages) == 1 else 'pages'} and no text: it is probably scanned.",
            "Run text recognition (OCR) on it first, or save its text as .txt.",
        )
    running = _running(pages)
    lines: list[Numbered] = []
    skipped: list[Block] = []
    for number, page in enumerate(pages, 1):
        for line in page:
            if _key(line) in running:
                skipped.append(Block(clean(line), number, skip="running head of a page"))
            else:
                lines.append((number, line))
    blocks = [replace(block, text=block.text.strip()) for block in to_blocks(lines, slack=_SLACK)]
    # What was left out stands in front of its page; the order of the text itself does not change.
    return sorted([*skipped, *blocks], key=lambda block: block.where)


def _pages(raw: bytes, name: str) -> list[list[str]]:
    pages: list[list[str]] = []
    count = 0
    try:
        with _quiet():
            reader = PdfReader(io.BytesIO(raw))
            locked = reader.is_encrypted and not reader.decrypt("")
            count = 0 if locked else len(reader.pages)
            if count <= MAX_PAGES:
                pages = [_page_lines(reader.pages[i]) for i in range(count)]
    except DependencyError as error:  # AES needs a library that is not here
        raise _encrypted(name) from error
    except Exception as error:  # a damaged file makes pypdf raise anything
        raise InputError(
            f"{name} is damaged: it cannot be read as a PDF ({type(error).__name__}).",
            "Print it to a new PDF, or save its text as .txt.",
        ) from error
    if locked:
        raise _encrypted(name)
    if count > MAX_PAGES:
        raise InputError(f"{name} has {count:,} pages; at most {MAX_PAGES:,} are read.", "Split it.")
    return pages


def _encrypted(name: str) -> InputError:
    return InputError(f"{name} is encrypted.", "Save it without a password, or save its text as .txt.")


def _page_lines(page: PageObject) -> list[str]:
    """The lines of a page; an empty one where a paragraph ends, as far as the layout shows it."""
    try:
        text = page.extract_text(extraction_mode="layout")
    except Exception:  # noqa: BLE001 - laying out is more than reading: it fails on fonts that plain extraction can read
        text = ""
    lines = [line.rstrip() for line in text.strip("\n").splitlines()]
    full = [line for line in lines if line]
    wide = sum(_COLUMN_GAP.search(line.strip()) is not None for line in full)
    if not full or wide > _COLUMN_SHARE * len(full):
        # Columns side by side: plain extraction follows the order in which the text was set.
        return page.extract_text().splitlines()
    return _single_spaced(lines)


def _single_spaced(lines: list[str]) -> list[str]:
    """Without the empty lines that stand between all lines of a page set with wide spacing."""
    gaps: Counter[int] = Counter()
    gap = 0
    spaced: list[tuple[int, str]] = []
    for line in lines:
        if line:
            spaced.append((gap, line))
            gaps[gap] += 1
        gap = 0 if line else gap + 1
    usual = gaps.most_common(1)[0][0] if spaced else 0
    result: list[str] = []
    for before, line in spaced:
        result += [""] * (result != [] and before > usual)
        result.append(line)
    return result


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep pypdf's remarks on sloppy files off the terminal."""
    logger = logging.getLogger("pypdf")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


def _key(line: str) -> str:
    return re.sub(r"\d+", "0", clean(line))


def _running(pages: list[list[str]]) -> set[str]:
    """Lines that stand at the edge of at least half of the pages, page numbers aside."""
    full = [[line for line in page if line.strip()] for page in pages]
    full = [page for page in full if page]
    if len(full) < _LEAST_PAGES:
        return set()
    seen: Counter[str] = Counter()
    for page in full:
        seen.update({_key(line) for line in page[:_EDGE] + page[-_EDGE:]})
    return {key for key, count in seen.items() if count >= max(_LEAST_PAGES, len(full) / 2)}
