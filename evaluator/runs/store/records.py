"""What goes into a run and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from evaluator.domain import Answer, Graded, Ungraded
from evaluator.runs.fingerprint import Conditions


@dataclass(frozen=True, slots=True)
class Stored:
    """One evaluation of a run and what it is about.

    Attributes:
        position: Place of the answer in the input, from 1.
        answer: The answer with the text that was judged, to which the offsets of the evaluation belong.
        extra: Columns of the input that the evaluator has no use for, by name.
        evaluation: The result; its candidate is the one that the input names now.
        graded_at: When, in UTC.
        current: False where a later evaluation of the same answer has taken its place.
    """

    position: int
    answer: Answer
    extra: Mapping[str, str]
    evaluation: Graded | Ungraded
    graded_at: datetime
    current: bool = True


@dataclass(frozen=True, slots=True)
class Counts:
    """How many answers a run holds, by state, and how many former evaluations it keeps.

    `graded + ungraded + waiting` is the number of answers. An answer that is to be judged again is waiting, and its
    latest evaluation stays in view until the new one is there.
    """

    graded: int = 0
    ungraded: int = 0
    waiting: int = 0
    superseded: int = 0


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """An answer of the input, with what an up-to-date evaluation of it must have been made with."""

    position: int
    answer: Answer
    extra: Mapping[str, str]
    text_digest: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Known:
    """What a run already knows about an answer: its row as it stands, and its latest evaluation, if it has one."""

    position: int
    candidate: str | None
    extra: str
    state: str
    wanted: str
    status: Literal["graded", "ungraded"] | None = None
    fingerprint: str | None = None
    text_digest: str | None = None
    conditions: Conditions | None = None
    reason: str | None = None
    calls: int = 0


@dataclass(frozen=True, slots=True)
class Spent:
    """What judging has used: `name` is a question, a candidate, or "" for all.

    `evaluations` are those that came of it. `cost_usd` is the sum of the known costs, and `unpriced` how many costs are
    unknown.
    """

    name: str
    evaluations: int
    calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: float
    unpriced: int

    def plus(self, other: Spent) -> Spent:
        """The sum of both."""
        return Spent(
            self.name,
            self.evaluations + other.evaluations,
            self.calls + other.calls,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cost_usd + other.cost_usd,
            self.unpriced + other.unpriced,
        )
