"""A model's words as one line of plain text."""

from __future__ import annotations

from evaluator.wording import cut

_JOINERS = "\u200c\u200d"  # Persian words and some pictures need them, and they act on nothing else


def one_line(text: str, longest: int) -> str:
    """`text` on one line of at most `longest` characters, without any that act on a terminal or turn lines round."""
    line = " ".join(text[: 4 * longest].split())
    if not line.isprintable():
        line = "".join(c for c in line if c.isprintable() or c in _JOINERS)
    return cut(line, longest)
