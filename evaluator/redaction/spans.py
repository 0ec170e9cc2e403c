"""A piece of text that is to be hidden."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["name", "email", "phone", "url", "company"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Characters `start` to `end` (exclusive) of a text, and what they are."""

    start: int
    end: int
    kind: Kind


def keep_free(found: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """Those of `found`, in order, that overlap neither `taken` nor an earlier one of `found`."""
    kept: list[Span] = []
    edges = list(taken)
    for span in found:
        if all(span.end <= other.start or other.end <= span.start for other in edges):
            kept.append(span)
            edges.append(span)
    return kept


def put_in(found: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """`taken` and `found` together. Those that overlap become one span, of the kind of the widest of them."""
    kept = list(taken)
    for span in found:
        over = [other for other in kept if other.start < span.end and span.start < other.end]
        if not any(other.start <= span.start and span.end <= other.end for other in over):
            widest = max([span, *over], key=lambda one: one.end - one.start)
            start, end = min(one.start for one in [span, *over]), max(one.end for one in [span, *over])
            kept = [*(other for other in kept if other not in over), Span(start, end, widest.kind)]
    return kept
