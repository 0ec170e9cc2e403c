"""Short words for tests of replies."""

from __future__ import annotations

import json
from typing import Any

from evaluator.domain import Assessment

BOTH_OPEN = "- same-meaning: {0}\n- automatic: {0}\n- league-table: {0}\n"


def sent(kit: Any, reply: object) -> Any:
    """A completion whose text is this reply."""
    return kit.completion(json.dumps(reply))


def verdicts(assessment: Assessment) -> list[str]:
    """The verdicts in rubric order."""
    return [finding.verdict for finding in assessment.findings]


def note(kit: Any, number: int) -> str:
    """What the n-th request asks again, without the sentence in front."""
    user = kit.server.users[number]
    return str(user.partition("settled.\n")[2].partition("</note")[0])
