"""Counts and lists in words."""

from __future__ import annotations

from evaluator.wording import cut, either, many, some


def test_many() -> None:
    """One is singular, all else plural; a plural of its own is given; thousands have commas."""
    assert [many(n, "row") for n in (0, 1, 2, 1000)] == ["0 rows", "1 row", "2 rows", "1,000 rows"]
    assert [many(n, "reply", "replies") for n in (1, 2)] == ["1 reply", "2 replies"]


def test_some() -> None:
    """The first names, and how many are left out."""
    assert [some(["a", "b", "c"][:n], 2) for n in range(4)] == ["", "a", "a, b", "a, b and 1 more"]


def test_cut() -> None:
    """A text that fits is as it is; a longer one ends in dots and has no blank before them."""
    assert [cut("ab cdefg", n) for n in (8, 7, 6)] == ["ab cdefg", "ab c...", "ab..."]


def test_either() -> None:
    """Alternatives with commas and one "or"."""
    assert [either(["a", "b", "c"][:n]) for n in range(4)] == ["", "a", "a or b", "a, b or c"]
