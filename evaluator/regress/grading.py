"""Cases in which an answer is judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from evaluator.bank import Labelled
from evaluator.domain import Graded, Question, Scale, Ungraded
from evaluator.judges import Case, Judge
from evaluator.judges.llm import Estimate, LLMJudge
from evaluator.judges.llm.settings import LLMSettings
from evaluator.regress.results import CaseResult
from evaluator.regress.trial import Played
from evaluator.runs import grade_one
from evaluator.scoring.agreement import score_of_labels


@dataclass(frozen=True, slots=True)
class AnswerTrial:
    """One answer, judged in one call mode.

    `id` is the id of the answer, with ".per-criterion" behind it where it is judged a second time in that mode;
    `settings` are those of its call mode; `style` is "" where the answers file gives none; `labels` is None where
    nobody labelled the answer; `offline` is a judge that sends nothing, None where `settings` name one that does.
    """

    id: str
    case: Case
    style: str
    settings: LLMSettings
    scale: Scale
    labels: Labelled | None = None
    prompts: Path | None = None
    offline: Judge | None = None

    @property
    def question(self) -> Question:
        """Of the answer."""
        return self.case.question

    @property
    def calls(self) -> str:
        """The call mode."""
        return self.settings.calls

    def names(self) -> tuple[str, str | None]:
        """The judge and its prompt."""
        identity = self._judge(None, 1).identity
        return identity.judge, identity.prompt

    def estimate(self) -> Estimate:
        """One request, or one for each criterion."""
        return LLMJudge(self.settings, prompts=self.prompts).estimate(self.case)

    def to_record(self, missed: int, played: int) -> int:  # noqa: ARG002 - requests of an answer do not hang together
        """What was missed."""
        return missed

    async def play(self, transport: httpx2.AsyncBaseTransport | None, attempts: int = 1) -> Played:
        """Judge and score the answer."""
        judge = self._judge(transport, attempts)
        try:
            evaluation = await grade_one(self.case, self.scale, judge)
        finally:
            await judge.aclose()
        if isinstance(evaluation, Ungraded):
            result = CaseResult(**self._about(evaluation), status="ungraded", reason=evaluation.reason)
            return Played(result, why=f"{evaluation.reason}: {evaluation.detail}")
        result = CaseResult(
            **self._about(evaluation),
            status="graded",
            score=evaluation.score,
            verdicts={one.id: one.verdict for one in evaluation.criteria},
            red_flags={one.id: _presence(one.present) for one in evaluation.red_flags},
        )
        return Played(result, tuple(_unsupported(evaluation, self.case.answer.text)))

    def _judge(self, transport: httpx2.AsyncBaseTransport | None, attempts: int) -> Judge:
        if self.offline is not None:
            return self.offline
        client = httpx2.AsyncClient(transport=transport, trust_env=False) if transport else None
        settings = self.settings.model_copy(update={"max_attempts": attempts})
        return LLMJudge(settings, http_client=client, prompts=self.prompts)

    def _about(self, evaluation: Graded | Ungraded) -> dict[str, Any]:
        labels, score = self._labels()
        return {
            "answer": self.case.answer.id,
            "question": self.question.id,
            "style": self.style,
            "calls": self.calls,
            "labels": labels,
            "label_score": score,
            "usage": evaluation.provenance.usage.model_copy(update={"seconds": 0.0}),
        }

    def _labels(self) -> tuple[dict[str, str], float | None]:
        """Labels by criterion and red flag (as "present" or "absent"), and the score: the person's, else computed."""
        labelled, rubric = self.labels, self.case.rubric
        if labelled is None:
            return {}, None
        flags = {flag.id for flag in rubric.red_flags}
        labels = {
            name: ("present" if label == "met" else "absent") if name in flags else label
            for name, label in labelled.labels.items()
        }
        score = labelled.score
        return labels, score_of_labels(rubric, labelled.labels, labelled.points) if score is None else score


def _presence(present: bool | None) -> str:
    return "unassessed" if present is None else "present" if present else "absent"


def _unsupported(graded: Graded, text: str) -> Iterator[str]:
    """Findings that no quote supports, or whose quote is not in the answer at its place."""
    for one in graded.criteria:
        claimed = one.verdict in ("met", "partial")
        there = all(text[e.start : e.end] == e.quote for e in one.evidence)
        if not there or (claimed and not one.evidence):
            yield one.id
    for flag in graded.red_flags:
        if not all(text[e.start : e.end] == e.quote for e in flag.evidence):
            yield flag.id
