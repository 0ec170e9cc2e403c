"""Evaluations as JSON, and the JSON Schema they satisfy."""

from __future__ import annotations

import json
from typing import Any

from pydantic import TypeAdapter

from evaluator.domain import Evaluation, Graded, Ungraded


def render_json(evaluation: Graded | Ungraded) -> str:
    """One evaluation: keys in a fixed order, two spaces of indent, characters outside ASCII as they are."""
    return json.dumps(evaluation.model_dump(mode="json", by_alias=True), indent=2, ensure_ascii=False) + "\n"


def evaluation_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of one evaluation, graded or ungraded."""
    schema = TypeAdapter[Any](Evaluation).json_schema(by_alias=True, mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Evaluation", **schema}
