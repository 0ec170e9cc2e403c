"""Ids for criteria and red flags: those that the model gave, made to fit; else the telling words of the statement."""

from __future__ import annotations

import re
from collections.abc import Collection

from evaluator.bank import content_terms

_WORDS = 4
_LONGEST = 40
_NOT_ID = re.compile(r"[^a-z0-9]+")


def slug(text: str) -> str:
    """Lower-case words and digits joined by hyphens, at most 40 characters; may be empty."""
    return _NOT_ID.sub("-", text.lower().replace("'", ""))[:_LONGEST].strip("-")


def id_from(text: str) -> str:
    """An id of the first telling words of a sentence."""
    return slug(" ".join(content_terms(text)[:_WORDS])) or "entry"


def unique_id(wanted: str, taken: Collection[str]) -> str:
    """The id itself, or with the first number that makes it new."""
    if wanted not in taken:
        return wanted
    number = 2
    while f"{wanted}-{number}" in taken:
        number += 1
    return f"{wanted}-{number}"
