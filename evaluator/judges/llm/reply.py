"""What the model is asked to reply. It never gives a verdict or a score: those are computed.

Quotes stand before the points that they support, so that a model that writes from left to right looks before it
decides. These models are the schema that is sent; replies are read by `parsing` and `checks`, which forgive more.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

_CLOSED = ConfigDict(extra="ignore", json_schema_extra={"additionalProperties": False})


class CriterionReply(BaseModel):
    """One criterion of the rubric."""

    model_config = _CLOSED

    id: str = Field(description="id of the criterion")
    quotes: list[str] = Field(description="verbatim spans of the answer; empty if no point is true")
    points: list[bool] = Field(description="one for every numbered point, in order")
    gap: str = Field(description="what is missing; empty if all points are true")
    suggestion: str = Field(description="what to add; empty if all points are true")


class RedFlagReply(BaseModel):
    """One red flag of the rubric."""

    model_config = _CLOSED

    id: str = Field(description="id of the red flag")
    quote: str = Field(description="verbatim span of the answer that shows it, or empty")
    present: bool


class Reply(BaseModel):
    """The whole reply."""

    model_config = _CLOSED

    criteria: list[CriterionReply]
    red_flags: list[RedFlagReply]
    strengths: list[str] = Field(description="at most three short phrases")


CRITERION_KEYS = tuple(CriterionReply.model_fields)
RED_FLAG_KEYS = tuple(RedFlagReply.model_fields)


def reply_schema(shape: type[BaseModel] = Reply) -> dict[str, Any]:
    """The JSON schema of a reply, without references, titles or optional keys: what strict modes accept."""
    schema = shape.model_json_schema()
    plain = _plain(schema, schema.get("$defs", {}))
    if not isinstance(plain, dict):  # pragma: no cover - a schema is an object
        raise TypeError("a schema is an object")
    return plain


@cache
def schema_digest() -> str:
    """The first 16 digits of the SHA-256 of the schema."""
    text = json.dumps(reply_schema(), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _plain(node: object, definitions: dict[str, object]) -> object:
    if isinstance(node, list):
        return [_plain(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _plain(definitions[str(node["$ref"]).rpartition("/")[2]], definitions)
    return {
        key: _plain(value, definitions)
        for key, value in node.items()
        if key != "$defs" and not (key == "title" and isinstance(value, str))
    }
