"""Text as a run can hold it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from evaluator.errors import Problem


def storable(text: object) -> str:
    """The text of something, for instance of a path, with what is no Unicode spelt out.

    File names are bytes, and need not be UTF-8; JSON may hold half a surrogate pair. Neither can be written to UTF-8.
    """
    return str(text).encode("utf-8", "backslashreplace").decode("utf-8")


def storable_fields(problem: Problem) -> dict[str, Any]:
    """The fields of a problem by name: the line as a number, all others as such text."""
    return {name: value if isinstance(value, int) else storable(value) for name, value in asdict(problem).items()}
