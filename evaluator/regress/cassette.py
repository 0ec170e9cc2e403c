"""Recorded exchanges with a judge: what is kept of them, how they are matched, and what a miss says.

A cassette is a YAML file that a person can review: JSON bodies are stored as data, prompts as blocks of text. Of the
headers only those on an allow-list are kept, so that no key, cookie or organisation id can end up in a repository. An
exchange is found by method, path and body: the host does not count, the prompt, schema, model and settings do.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from typing import Any

import yaml

KEPT_HEADERS = frozenset({"content-type", "retry-after"})
"""Everything else that was sent or received is left out of a recording."""

_CONTEXT = 1
_WORDS_AROUND = 2
_ALIKE = 0.3
"""Below this likeness two lines are shown whole; marking words would only hide what changed."""

SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def allowed_headers(headers: dict[str, Any]) -> dict[str, Any]:
    """The headers that a recording may keep."""
    return {name: value for name, value in headers.items() if name.lower() in KEPT_HEADERS}


def body_of(raw: bytes | str | None) -> Any:  # noqa: ANN401 - JSON
    """A body as data where it is JSON, else as text."""
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw or ""
    try:
        return json.loads(text)
    except ValueError:
        return text


def difference(recorded: Any, sent: Any) -> list[str]:  # noqa: ANN401 - JSON
    """What the request of today has otherwise than the recorded one: model and settings, messages, reply schema.

    Returns:
        Lines as in a unified diff ("-" recorded, "+" sent today); under a line that changed in part, "?" shows the
        words: [-recorded-] {+sent today+}. Empty where the two are the same.
    """
    if not (isinstance(recorded, dict) and isinstance(sent, dict)):
        return [] if recorded == sent else [f"-{recorded}", f"+{sent}"]
    lines: list[str] = []
    for key in sorted((set(recorded) | set(sent)) - {"messages", "response_format"}):
        if recorded.get(key) != sent.get(key):
            lines += [f"@@ {key} @@", f"-{_pretty(recorded.get(key))}", f"+{_pretty(sent.get(key))}"]
    for role, old, new in _messages(recorded, sent):
        lines += _text_difference(f"the {role} message", old, new)
    old_form, new_form = recorded.get("response_format"), sent.get("response_format")
    return lines + _text_difference("the reply schema", _pretty(old_form), _pretty(new_form))


def _messages(recorded: dict[str, Any], sent: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    old, new = recorded.get("messages") or [], sent.get("messages") or []
    for index in range(max(len(old), len(new))):
        before = old[index] if index < len(old) else {}
        after = new[index] if index < len(new) else {}
        yield str((after or before).get("role")), str(before.get("content", "")), str(after.get("content", ""))


def _text_difference(name: str, before: str, after: str) -> list[str]:
    if before == after:
        return []
    old, new = before.splitlines(), after.splitlines()
    lines: list[str] = []
    for group in difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(_CONTEXT):
        lines.append(f"@@ {name}, line {group[0][3] + 1} @@")
        for kind, i1, i2, j1, j2 in group:
            if kind == "equal":
                lines += [f" {line}" for line in old[i1:i2]]
            elif i2 - i1 == j2 - j1:
                for one, other in zip(old[i1:i2], new[j1:j2], strict=True):
                    lines += [f"-{one}", f"+{other}", *_words(one, other)]
            else:
                lines += [f"-{line}" for line in old[i1:i2]] + [f"+{line}" for line in new[j1:j2]]
    return lines


def _words(old: str, new: str) -> list[str]:
    """One line with the words that changed, and a word or two around them; none where all changed."""
    before, after = old.split(), new.split()
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return []
    parts: list[str] = []
    for group in matcher.get_grouped_opcodes(_WORDS_AROUND):
        shown = []
        for kind, i1, i2, j1, j2 in group:
            if kind == "equal":
                shown += before[i1:i2]
                continue
            shown += [f"[-{' '.join(before[i1:i2])}-]"] if i2 > i1 else []
            shown += [f"{{+{' '.join(after[j1:j2])}+}}"] if j2 > j1 else []
        parts.append(" ".join(shown))
    return [f"?  ... {' ... '.join(parts)} ..."] if parts else []


def _pretty(value: object) -> str:
    if value is None:
        return "(none)"
    return value if isinstance(value, str) else json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True)


class Block(yaml.SafeDumper):
    """Writes text of several lines as a block, so that a prompt can be read and reviewed line by line."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    lines = value.splitlines()
    block = len(lines) > 1 and not any(line != line.rstrip() for line in lines)
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if block else None)


Block.add_representer(str, _text)
