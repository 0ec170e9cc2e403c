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
from urllib.parse import urlsplit

import yaml

KEPT_HEADERS = frozenset({"content-type", "retry-after"})
"""Everything else that was sent or received is left out of a recording."""

_CONTEXT = 1


def allowed_headers(headers: dict[str, Any]) -> dict[str, Any]:
    """The headers that a recording may keep."""
    return {name: value for name, value in headers.items() if name.lower() in KEPT_HEADERS}


class ReadableYaml:
    """Serialises cassettes for vcrpy; give it to `VCR.register_serializer`."""

    @staticmethod
    def serialize(cassette: dict[str, Any]) -> str:
        """A cassette as YAML, JSON bodies as data."""
        for exchange in cassette["interactions"]:
            _unpack(exchange["request"], "body")
            _unpack(exchange["response"].get("body") or {}, "string")
        return yaml.dump(cassette, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)

    @staticmethod
    def deserialize(text: str) -> dict[str, Any]:
        """The cassette that vcrpy expects.

        Raises:
            ValueError: The text is no cassette.
        """
        try:
            cassette = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - safe loaders both
            for exchange in cassette["interactions"]:
                _pack(exchange["request"], "body")
                _pack(exchange["response"]["body"], "string")
        except (yaml.YAMLError, TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"this is no cassette: {' '.join(str(error).split())[:200]}") from error
        return dict(cassette)


def same_request(recorded: Any, sent: Any) -> None:  # noqa: ANN401 - vcrpy's own request objects
    """Matcher for vcrpy: method, path and JSON body are the same.

    Raises:
        AssertionError: They are not.
    """
    if recorded.method != sent.method or urlsplit(recorded.uri).path != urlsplit(sent.uri).path:
        raise AssertionError(f"{recorded.method} {recorded.uri} is not {sent.method} {sent.uri}")
    if body_of(recorded.body) != body_of(sent.body):
        raise AssertionError("\n".join(difference(body_of(recorded.body), body_of(sent.body))))


def body_of(raw: bytes | str | None) -> Any:  # noqa: ANN401 - JSON
    """A body as data where it is JSON, else as text."""
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw or ""
    try:
        return json.loads(text)
    except ValueError:
        return text


def difference(recorded: Any, sent: Any) -> list[str]:  # noqa: ANN401 - JSON
    """What the request of today has otherwise than the recorded one: message by message, then the settings.

    Returns:
        Lines as in a unified diff ("-" recorded, "+" sent today); empty where they are the same.
    """
    if not (isinstance(recorded, dict) and isinstance(sent, dict)):
        return [] if recorded == sent else [f"-{recorded}", f"+{sent}"]
    lines: list[str] = []
    for role, old, new in _messages(recorded, sent):
        lines += _text_difference(f"the {role} message", old, new)
    for key in sorted((set(recorded) | set(sent)) - {"messages"}):
        if recorded.get(key) != sent.get(key):
            lines += _text_difference(f'"{key}"', _pretty(recorded.get(key)), _pretty(sent.get(key)))
    return lines


def _messages(recorded: dict[str, Any], sent: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    old, new = recorded.get("messages") or [], sent.get("messages") or []
    for index in range(max(len(old), len(new))):
        before = old[index] if index < len(old) else {}
        after = new[index] if index < len(new) else {}
        yield str((after or before).get("role")), str(before.get("content", "")), str(after.get("content", ""))


def _text_difference(name: str, old: str, new: str) -> list[str]:
    if old == new:
        return []
    lines = difflib.unified_diff(
        old.splitlines(), new.splitlines(), f"{name}, recorded", f"{name}, today", lineterm="", n=_CONTEXT
    )
    return list(lines)


def _pretty(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True)


def _unpack(holder: dict[str, Any], key: str) -> None:
    data = body_of(holder.get(key))
    if isinstance(data, dict | list):
        del holder[key]
        holder["json"] = data


def _pack(holder: dict[str, Any], key: str) -> None:
    if "json" in holder:
        holder[key] = json.dumps(holder.pop("json"), ensure_ascii=False)


class _Dumper(yaml.SafeDumper):
    """Writes text of several lines as a block, so that a prompt can be read and reviewed line by line."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    lines = value.splitlines()
    block = len(lines) > 1 and not any(line != line.rstrip() for line in lines)
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if block else None)


_Dumper.add_representer(str, _text)
