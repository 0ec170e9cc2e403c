"""Text as a run can hold it."""

from __future__ import annotations


def storable(text: object) -> str:
    """The text of something, for instance of a path, with what is no Unicode spelt out.

    File names are bytes, and need not be UTF-8; JSON may hold half a surrogate pair. Neither can be written to UTF-8.
    """
    return str(text).encode("utf-8", "backslashreplace").decode("utf-8")
