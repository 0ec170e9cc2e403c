"""The reply of a model that calls everything met that it is asked about."""

from __future__ import annotations

import json
import re
from typing import Any

_CRITERION = re.compile(r'<criterion id="([^"]+)">\n(.*?)</criterion>', re.DOTALL)
_POINT = re.compile(r"^\d+\. ", re.MULTILINE)
_RED_FLAG = re.compile(r'<red_flag id="([^"]+)">')


def completion_that_agrees(system: str, quotes: list[str], *, gap: str = "", strength: str) -> dict[str, Any]:
    """A chat completion: every point of the rubric in the system message met, with these quotes; no red flag."""
    criteria = [
        {"id": id_, "quotes": quotes, "points": [True] * len(_POINT.findall(body)), "gap": gap, "suggestion": ""}
        for id_, body in _CRITERION.findall(system)
    ]
    flags = [{"id": id_, "quote": "", "present": False} for id_ in _RED_FLAG.findall(system)]
    content = json.dumps({"criteria": criteria, "red_flags": flags, "strengths": [strength]})
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}
    return {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
