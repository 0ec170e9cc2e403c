"""A judge that says what it was told to say, for tests and for trying out the tool."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from evaluator.domain import Assessment, Rubric
from evaluator.errors import JudgeError
from evaluator.judges.protocol import Case, JudgeIdentity


class ScriptedJudge:
    """Returns (or raises) its queued replies in order and keeps a history of the cases it was given.

    Args:
        replies: Assessments to return or `JudgeError`s to raise, first one first.
        name: What it calls itself in the provenance.
    """

    def __init__(self, replies: Iterable[Assessment | JudgeError], name: str = "scripted") -> None:
        self._replies = deque(replies)
        self._name = name
        self.history: list[Case] = []

    @property
    def identity(self) -> JudgeIdentity:
        """The name given; no model, no prompt, no settings."""
        return JudgeIdentity(judge=self._name, model=self._name, prompt=None, settings="")

    def trust(self, rubric: Rubric) -> str:
        """Says that it is scripted."""
        return f"A scripted judge says what it was told to say about {rubric.question}."

    async def aclose(self) -> None:
        """Nothing to let go of."""

    async def assess(self, case: Case) -> Assessment:
        """Return the next reply, or raise it; a judge without replies left raises `JudgeError`."""
        self.history.append(case)
        if not self._replies:
            raise JudgeError("no_reply", "The scripted judge has no reply left.", attempts=0)
        reply = self._replies.popleft()
        if isinstance(reply, JudgeError):
            raise reply
        return reply
