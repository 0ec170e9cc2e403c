"""Plain text to blocks."""

from __future__ import annotations

from evaluator.authoring.article.blocks import Block
from evaluator.authoring.article.wrapping import to_blocks


def read_text(text: str) -> list[Block]:
    """One block for each paragraph; `where` is its first line."""
    return to_blocks(list(enumerate(text.splitlines(), 1)))
