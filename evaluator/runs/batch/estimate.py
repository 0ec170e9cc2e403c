"""What a batch would take, question by question, before anything is spent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from evaluator.judges import Case, Judge
from evaluator.runs.batch.plan import Catalog
from evaluator.runs.store import NewAnswer


class Foreseen(Protocol):
    """What judging one answer will take if nothing has to be asked twice; `cost_usd` is None where unknown."""

    @property
    def calls(self) -> int: ...  # noqa: D102 - the class says it
    @property
    def input_tokens(self) -> int: ...  # noqa: D102
    @property
    def output_tokens(self) -> int: ...  # noqa: D102
    @property
    def cost_usd(self) -> float | None: ...  # noqa: D102


@runtime_checkable
class EstimatingJudge(Protocol):
    """A judge that can say beforehand what an answer will take."""

    def estimate(self, case: Case) -> Foreseen:
        """What assessing this answer would take, without asking anybody."""
        ...


@dataclass(slots=True)
class QuestionEstimate:
    """What the answers to one question would take; `cost_usd` is None where the price is unknown."""

    question_id: str
    answers: int = 0
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = 0.0

    def add(self, foreseen: Foreseen | None) -> None:
        """Count one more answer; None: it takes no call."""
        self.answers += 1
        if foreseen is None:
            return
        self.calls += foreseen.calls
        self.input_tokens += foreseen.input_tokens
        self.output_tokens += foreseen.output_tokens
        known = self.cost_usd is not None and foreseen.cost_usd is not None
        self.cost_usd = (self.cost_usd or 0.0) + (foreseen.cost_usd or 0.0) if known else None


def foresee(judge: Judge, case: Case) -> Foreseen | None:
    """What an answer will take; None where that is nothing: an embedded judge, or an empty answer."""
    if not isinstance(judge, EstimatingJudge) or not case.answer.text.strip():
        return None
    return judge.estimate(case)


def estimate_waiting(answers: Iterable[NewAnswer], catalog: Catalog, judge: Judge) -> list[QuestionEstimate]:
    """One line per question, in the order of the input. Tokens are estimated from characters."""
    lines: dict[str, QuestionEstimate] = {}
    for new in answers:
        question = new.answer.question_id
        line = lines.setdefault(question, QuestionEstimate(question))
        line.add(foresee(judge, catalog.case(new.answer)))
    return list(lines.values())
