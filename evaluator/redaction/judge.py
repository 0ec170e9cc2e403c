"""A judge that sees answers only without personal data."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import lru_cache
from typing import Protocol, TypeVar, runtime_checkable

from evaluator.domain import Answer, Assessment, Finding, Question, RedFlagFinding, Rubric
from evaluator.judges import Case, Gate, GatedJudge, Judge, JudgeIdentity
from evaluator.redaction.names import rules_digest
from evaluator.redaction.redact import Redacted, Redactor

_WORD = re.compile(r"[^\W\d_][\w'\u2019-]*")
_Found = TypeVar("_Found", Finding, RedFlagFinding)


@runtime_checkable
class Sender(GatedJudge, Protocol):
    """A judge that sends requests, and can say beforehand what they will take."""

    def estimate(self, case: Case) -> object:
        """What assessing this answer would take."""
        ...


class RedactingJudge:
    """Hands answers to another judge without names, addresses, numbers and companies.

    The judge sees placeholders such as [NAME_1]. In what it says they are put back, and its evidence is evidence from
    the answer as it was written. The candidate and the id of the answer are not handed on.

    Args:
        judge: Who judges.
        redactor: Finds what is to be hidden.
    """

    def __init__(self, judge: Judge, redactor: Redactor) -> None:
        self.inner = judge
        self.redactor = redactor

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.inner!r})"

    @property
    def identity(self) -> JudgeIdentity:
        """The other judge's; its settings have the rules and the list of the redaction beside them."""
        inner = self.inner.identity
        settings = {
            "judge": inner.settings,
            "redaction": {"list": self.redactor.listed.digest, "rules": rules_digest()},
        }
        return replace(inner, settings=json.dumps(settings, sort_keys=True, separators=(",", ":")))

    def trust(self, rubric: Rubric) -> str:
        """What the other judge says, and that it saw less."""
        return f"{self.inner.trust(rubric)} Names and other personal data that were found were hidden from it."

    async def assess(self, case: Case) -> Assessment:
        """Assess one answer; returns and raises what the other judge does."""
        redacted, hidden = self.hide(case)
        found = await self.inner.assess(hidden)
        return found.model_copy(
            update={
                "findings": tuple(
                    _restored(redacted, one).model_copy(
                        update={"gap": redacted.restore(one.gap), "suggestion": redacted.restore(one.suggestion)}
                    )
                    for one in found.findings
                ),
                "red_flags": tuple(_restored(redacted, one) for one in found.red_flags),
                "strengths": tuple(redacted.restore(text) for text in found.strengths),
            }
        )

    async def aclose(self) -> None:
        """Close the other judge."""
        await self.inner.aclose()

    def hide(self, case: Case) -> tuple[Redacted, Case]:
        """The case as the other judge is given it, and the way back."""
        redacted = self.redactor.redact(case.answer.text, _terms(case.question, case.rubric))
        answer = Answer(id="answer", question_id=case.answer.question_id, text=redacted.text)
        return redacted, replace(case, answer=answer)


class SendingRedactingJudge(RedactingJudge):
    """The same around a judge that sends requests."""

    def __init__(self, judge: Judge, redactor: Redactor) -> None:
        super().__init__(judge, redactor)
        if not isinstance(judge, Sender):
            raise TypeError(f"{judge!r} sends no requests")
        self._sender: Sender = judge

    def send_through(self, gate: Gate) -> None:
        """Make the other judge pass `gate` before each request."""
        self._sender.send_through(gate)

    def estimate(self, case: Case) -> object:
        """What the other judge would take for the answer without personal data."""
        return self._sender.estimate(self.hide(case)[1])


def redacting(judge: Judge, redactor: Redactor) -> RedactingJudge:
    """A judge around `judge` that can do what a batch needs of it."""
    return SendingRedactingJudge(judge, redactor) if isinstance(judge, Sender) else RedactingJudge(judge, redactor)


def _restored(redacted: Redacted, found: _Found) -> _Found:
    return found.model_copy(update={"evidence": tuple(redacted.evidence(one) for one in found.evidence)})


@lru_cache(maxsize=64)
def _terms_of(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word for text in texts for word in _WORD.findall(text) if word[0].isupper())


def _terms(question: Question, rubric: Rubric) -> frozenset[str]:
    """Capitalised words that the question and the statements of the rubric use: no secret, and needed for grading."""
    points = (point for criterion in rubric.criteria for point in criterion.points)
    return _terms_of((question.text, *(c.statement for c in rubric.criteria), *points))
