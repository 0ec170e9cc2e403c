"""What vcrpy is given to store cassettes as YAML that a person can review, and to find a request in them."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import yaml

from evaluator.regress.cassette import Block, SafeLoader, body_of, difference


class ReadableYaml:
    """Serialises cassettes for vcrpy; give it to `VCR.register_serializer`."""

    @staticmethod
    def serialize(cassette: dict[str, Any]) -> str:
        """A cassette as YAML, JSON bodies as data."""
        for exchange in cassette["interactions"]:
            _unpack(exchange["request"], "body")
            _unpack(exchange["response"].get("body") or {}, "string")
        return yaml.dump(cassette, Dumper=Block, allow_unicode=True, sort_keys=False, width=100)

    @staticmethod
    def deserialize(text: str) -> dict[str, Any]:
        """The cassette that vcrpy expects.

        Raises:
            ValueError: The text is no cassette.
        """
        try:
            cassette = yaml.load(text, Loader=SafeLoader)  # noqa: S506 - a safe loader
            for exchange in cassette["interactions"]:
                _pack(exchange["request"], "body")
                _pack(exchange["response"]["body"], "string")
        except (yaml.YAMLError, TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"this is no cassette: {' '.join(str(error).split())[:200]}") from error
        return dict(cassette)


def same_request(recorded: Any, sent: Any) -> None:
    """Matcher for vcrpy: method, path and JSON body are the same.

    Raises:
        AssertionError: They are not.
    """
    if recorded.method != sent.method or urlsplit(recorded.uri).path != urlsplit(sent.uri).path:
        raise AssertionError(f"{recorded.method} {recorded.uri} is not {sent.method} {sent.uri}")
    if body_of(recorded.body) != body_of(sent.body):
        raise AssertionError("\n".join(difference(body_of(recorded.body), body_of(sent.body))))


def _unpack(holder: dict[str, Any], key: str) -> None:
    data = body_of(holder.get(key))
    if isinstance(data, dict | list):
        del holder[key]
        holder["json"] = data


def _pack(holder: dict[str, Any], key: str) -> None:
    if not isinstance(holder, dict):
        raise TypeError(f"what holds the {key} is no mapping")
    if not isinstance(holder.get(key), str | bytes | None):
        raise TypeError(f"the {key} is neither JSON nor text")
    if "json" in holder:
        holder[key] = json.dumps(holder.pop("json"), ensure_ascii=False)
