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
