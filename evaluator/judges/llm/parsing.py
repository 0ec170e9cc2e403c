"""From the text of a reply to an object of our shape, as far as the text is readable.

Readable are: one JSON object, in a code fence or not, with prose around it, or cut off at the end. Not readable is a
text with two different objects of our shape: one of them may be an echo of something in the answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pydantic_core

from evaluator.judges.llm.reply import CRITERION_KEYS, RED_FLAG_KEYS

Fault = Literal["", "empty", "malformed", "ambiguous", "truncated"]

_MAX_CHARACTERS = 4_000_000
_MAX_TRIES = 64  # of reading an object; a reply holds one, prose with braces in it a few more
_THOUGHT_START, _THOUGHT_END = "<think>", "</think>"
_DECODER = json.JSONDecoder(strict=False)  # weak models write line breaks into strings
_HALF_ESCAPED = re.compile(r"\\u[dD][89a-fA-F]")

Lists = Mapping[str, tuple[str, ...]]
"""The lists of a reply by name, one of which it must have; the keys of their items, none where items are text."""

GRADING: Lists = {"criteria": CRITERION_KEYS, "red_flags": RED_FLAG_KEYS}


@dataclass(frozen=True, slots=True)
class Reading:
    """What could be read: an object of our shape or None, and what is wrong with the text ("" for nothing).

    A truncated reading may have an object: what was complete before the cut.
    """

    reply: dict[str, object] | None
    fault: Fault


def read_reply(text: str, *, cut_off: bool = False, lists: Lists = GRADING) -> Reading:
    """Find the reply in a text.

    Args:
        text: What the model wrote.
        cut_off: Whether the server says that it ended at the token limit.
        lists: What makes an object a reply.
    """
    text = _without_thoughts(_storable(text).strip().removeprefix("\ufeff"))
    if not text:
        return Reading(None, "truncated" if cut_off else "empty")
    if len(text) > _MAX_CHARACTERS:
        return Reading(None, "malformed")
    found, begun = _scan(text, lists)
    if len(found) + len(begun) > 1:
        return Reading(None, "ambiguous")
    if found:
        return _whole(found[0], text)
    if begun and (reply := _partial(text[begun[0] :], lists)) is not None:
        return Reading(_complete_items(reply, lists), "truncated")
    return Reading(None, "truncated" if cut_off else "malformed")


def _storable(text: str) -> str:
    """With "?" for halves of surrogate pairs: JSON may hold them, and nothing that is stored or printed can."""
    return text.encode("utf-8", "replace").decode()


def _whole(reply: dict[str, object], text: str) -> Reading:
    if not _HALF_ESCAPED.search(text):
        return Reading(reply, "")
    try:
        return Reading(json.loads(_storable(json.dumps(reply, ensure_ascii=False))), "")
    except RecursionError:
        return Reading(None, "malformed")


def _without_thoughts(text: str) -> str:
    """Without the thoughts that a model put in front. Only the first end counts: what follows may quote the tag."""
    if not text.startswith(_THOUGHT_START):
        return text
    return text.partition(_THOUGHT_END)[2].strip()


def _scan(text: str, lists: Lists) -> tuple[list[dict[str, object]], list[int]]:
    """The different whole objects of our shape, and where others of our shape begin that cannot be read to the end."""
    found: list[dict[str, object]] = []
    names = "|".join(re.escape(name) for name in lists)
    begun = [match.start() for match in re.finditer(rf'\{{\s*"(?:{names})"\s*:', text)]
    position = 0
    for _ in range(_MAX_TRIES):
        start = text.find("{", position)
        if start < 0:
            break
        try:
            value, position = _DECODER.raw_decode(text, start)
        except (ValueError, RecursionError):
            position = start + 1
            continue
        begun = [begin for begin in begun if not start <= begin < position]
        reply = _of_our_shape(value, lists)
        if reply is not None and reply not in found:
            found.append(reply)
    return found, begun


def _partial(text: str, lists: Lists) -> dict[str, object] | None:
    try:
        return _of_our_shape(pydantic_core.from_json(text, allow_partial=True), lists)
    except ValueError:
        return None


def _of_our_shape(value: object, lists: Lists) -> dict[str, object] | None:
    """The value if it is a reply, or the reply that is its only content."""
    for _ in range(2):
        if not isinstance(value, dict):
            return None
        if any(isinstance(value.get(name), list) for name in lists):
            return value
        if len(value) != 1:
            return None
        value = next(iter(value.values()))
    return None


def _complete_items(reply: dict[str, object], lists: Lists) -> dict[str, object]:
    """Of a reply that was cut off: only the items that have all of their keys. The last key is written last."""
    kept: dict[str, object] = {}
    for key, needed in lists.items():
        items = reply.get(key)
        if isinstance(items, list):
            kept[key] = [item for item in items if _is_complete(item, needed)]
    return kept


def _is_complete(item: object, needed: tuple[str, ...]) -> bool:
    if not needed:
        return isinstance(item, str)
    return isinstance(item, dict) and all(name in item for name in needed)
