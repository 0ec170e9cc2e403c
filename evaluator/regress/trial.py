"""What a suite needs to know of a case, whatever kind it is of: how to play it, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import httpx2

from evaluator.domain import Question
from evaluator.judges.llm import Estimate
from evaluator.regress.results import AnyResult


@dataclass(frozen=True, slots=True)
class Played:
    """One case, played once.

    `result` is what it came to, without its recording; `unsupported` are the parts of it whose quote or source does
    not stand in the text at its place; `why` is a longer reason where it came to nothing.
    """

    result: AnyResult
    unsupported: tuple[str, ...] = ()
    why: str = ""


class Trial(Protocol):
    """One case of a suite. `id` names its recording."""

    @property
    def id(self) -> str:
        """Unique in the suite."""

    @property
    def question(self) -> Question:
        """What it is about."""

    def names(self) -> tuple[str, str | None]:
        """Who is asked, as specified, and the prompt with its digest, or None.

        Raises:
            PromptError: The prompt cannot be used.
        """

    def estimate(self) -> Estimate:
        """What playing it takes, roughly, where nothing is recorded."""

    def to_record(self, missed: int, played: int) -> int:
        """How many requests recording takes, roughly, where so many were missed and so many were played."""

    async def play(self, transport: httpx2.AsyncBaseTransport | None, attempts: int = 1) -> Played:
        """Play it with a client of its own: what that learns of its server stays in its own recording.

        Args:
            transport: Answers requests; None where nothing is sent.
            attempts: How often one request is sent when the transport or the server fails, first time included.

        Raises:
            JudgeError: It was never reached.
        """


@dataclass(frozen=True, slots=True)
class Cost:
    """What recording would take, roughly; `usd` is None where the price is unknown."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    usd: float | None = 0.0

    def __add__(self, other: Cost) -> Cost:
        usd = None if self.usd is None or other.usd is None else self.usd + other.usd
        return Cost(
            self.calls + other.calls,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            usd,
        )


def cost_of(trial: Trial, calls: int) -> Cost:
    """The cost of some of the requests of a case, taken as alike."""
    estimate = trial.estimate()
    share = calls / estimate.calls
    usd = None if estimate.cost_usd is None else estimate.cost_usd * share
    return Cost(calls, round(estimate.input_tokens * share), round(estimate.output_tokens * share), usd)
