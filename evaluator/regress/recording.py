"""Files of recorded exchanges: written so that a person can review them, read so that damage is noticed.

The file of one case is a list `interactions` in the form that vcrpy uses. Text that several requests share (the system
message, the schema) is written once and referred to by a YAML anchor. The last line is `version: 1`, so that a file
that was cut off is known by its end.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import yaml

from evaluator.errors import Problem
from evaluator.regress.cassette import Block, SafeLoader
from evaluator.saving import save_text

_END = "version: 1"
_SHARED_FROM = 200
"""Characters from which a text that comes again is written once."""

_WHOLE = "a whole recording; restore the file, or record the case anew"
_Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its reply; `repeat` counts from 0 where a case is recorded several times."""

    method: str
    url: str
    request: Any
    status: int
    reply: Any
    headers: tuple[tuple[str, str], ...] = ()
    repeat: int = 0

    @property
    def key(self) -> _Key:
        """What a request is found by."""
        return request_key(self.method, self.url, self.request)


def request_key(method: str, url: str, body: object) -> _Key:
    """Method, path and body with sorted keys. The host does not count, nor do headers."""
    return method, urlsplit(url).path, json.dumps(body, sort_keys=True, ensure_ascii=True)


def bare_url(url: str) -> str:
    """A URL without user, password, query and fragment, which may hold secrets."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    return urlunsplit((parts.scheme, f"{host}{port}", parts.path, "", ""))


def digest(exchanges: Iterable[Exchange]) -> str:
    """The first 16 digits of the SHA-256 of the replies, in order: other replies, other digest."""
    replies = [[one.repeat, one.status, one.reply] for one in exchanges]
    text = json.dumps(replies, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]


def read_recording(file: Path) -> tuple[Exchange, ...] | Problem:
    """The exchanges of a file; what is wrong with it comes back as a problem."""
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        return Problem(file, 0, "", f"a file that cannot be read ({error.strerror or error})", _WHOLE)
    except UnicodeDecodeError as error:
        return Problem(file, 0, "", f"bytes that are no UTF-8 (at byte {error.start})", _WHOLE)
    if not text.strip():
        return Problem(file, 0, "", "an empty file", _WHOLE)
    lines = text.splitlines()
    if lines[-1].rstrip() != _END or not text.endswith("\n"):
        return Problem(file, len(lines), "", f'a file that was cut off (it does not end with "{_END}")', _WHOLE)
    try:
        data = yaml.load(text, Loader=SafeLoader)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        why = getattr(error, "problem", None) or "not YAML"
        return Problem(file, mark.line + 1 if mark else 0, "", f"broken YAML ({why})", _WHOLE)
    return _exchanges(file, data)


def write_recording(file: Path, exchanges: Iterable[Exchange]) -> None:
    """Write a file in one step, so that an interruption leaves the old one or the new one.

    Raises:
        InputError: It cannot be written.
    """
    pool: dict[str, Any] = {}
    data = {"interactions": [_as_data(one, pool) for one in exchanges]}
    text = yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100) + _END + "\n"
    save_text(file, text)


def _as_data(one: Exchange, pool: dict[str, Any]) -> dict[str, Any]:
    body = {"json": one.reply} if isinstance(one.reply, dict | list) else {"string": one.reply}
    return {
        **({"repeat": one.repeat} if one.repeat else {}),
        "request": {"method": one.method, "uri": one.url, "json": _shared(one.request, pool), "headers": {}},
        "response": {
            "status": {"code": one.status, "message": ""},
            "headers": {name: [value] for name, value in one.headers},
            "body": body,
        },
    }


def _shared(value: Any, pool: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """The same value, with one object for long texts and schemas that are equal."""
    if isinstance(value, str):
        return pool.setdefault(value, value) if len(value) >= _SHARED_FROM else value
    if isinstance(value, list):
        return [_shared(item, pool) for item in value]
    if isinstance(value, dict):
        if _is_schema(value):
            return pool.setdefault(json.dumps(value), value)
        return {key: _shared(item, pool) for key, item in value.items()}
    return value


def _is_schema(value: object) -> bool:
    return isinstance(value, dict) and "json_schema" in value


class _Dumper(Block):
    """Writes an anchor only for what is worth it."""

    def ignore_aliases(self, data: object) -> bool:
        return not (_is_schema(data) or (isinstance(data, str) and len(data) >= _SHARED_FROM))


def _exchanges(file: Path, data: object) -> tuple[Exchange, ...] | Problem:
    items = data.get("interactions") if isinstance(data, dict) else None
    if not isinstance(items, list):
        return Problem(file, 0, "interactions", "no list of exchanges", _WHOLE)
    found: list[Exchange] = []
    for index, item in enumerate(items):
        try:
            found.append(_exchange(item))
        except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
            name = f"interactions[{index}]"
            return Problem(file, 0, name, f"no whole exchange ({type(error).__name__}: {error})", _WHOLE)
    return tuple(found)


def _exchange(item: dict[str, Any]) -> Exchange:
    request, response = item["request"], item["response"]
    body = response["body"]
    reply = body["json"] if "json" in body else body["string"]
    if not isinstance(reply, dict | list | str):
        raise TypeError("the reply is neither JSON nor text")
    json.dumps(reply, sort_keys=True)  # YAML knows sets and dates too, and keys that are no text
    request_key(str(request["method"]), str(request["uri"]), request["json"])  # the same, and a URL that is none
    headers = {str(name): str(values[0]) for name, values in response["headers"].items()}
    return Exchange(
        method=str(request["method"]),
        url=str(request["uri"]),
        request=request["json"],
        status=int(response["status"]["code"]),
        reply=reply,
        headers=tuple(headers.items()),
        repeat=int(item.get("repeat", 0)),
    )
