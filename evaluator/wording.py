"""Counts and lists as messages and reports say them."""

from __future__ import annotations

from collections.abc import Sequence


def many(count: int, noun: str, nouns: str = "") -> str:
    """A count with its noun: "1 row", "2,000 rows", with `nouns` "2 replies"."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"


def some(names: Sequence[str], most: int) -> str:
    """The first names, at most `most`, and how many more: "a, b and 3 more"."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def either(names: Sequence[str]) -> str:
    """Alternatives: "a", "a or b", "a, b or c"."""
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def cut(text: str, most: int) -> str:
    """A text of at most `most` characters, the last three of which are dots where it is longer."""
    return text if len(text) <= most else text[: max(most - 3, 0)].rstrip() + "..."
