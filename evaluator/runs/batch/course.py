"""How a batch works, where it stands, and how it is stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from evaluator.domain import Usage

Ended = Literal["finished", "interrupted", "budget", "unreachable"]


@dataclass(frozen=True, slots=True)
class Limits:
    """How a batch works.

    `concurrency` is the number of requests at a time, or of answers with a judge that sends none; `grace` the seconds
    that answers in flight get after an interruption; `patience` the longest pause in seconds that a server may ask for
    before the batch ends.
    """

    concurrency: int = 16
    grace: float = 120.0
    patience: float = 180.0


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a batch stands.

    `lasting` of the ungraded would be so again; `cost_usd` is that of this session, and `unpriced` how many answers it
    leaves out; `pause` the seconds for which the server wants no request.
    """

    total: int
    graded: int = 0
    ungraded: int = 0
    lasting: int = 0
    in_flight: int = 0
    requests_at_a_time: int = 0
    calls: int = 0
    cost_usd: float = 0.0
    unpriced: int = 0
    pause: float = 0.0

    @property
    def done(self) -> int:
        """Answers that have an evaluation now."""
        return self.graded + self.ungraded

    @property
    def waiting(self) -> int:
        """Answers that have none yet."""
        return self.total - self.done

    def using(self, usage: Usage) -> Progress:
        """The same after this was used."""
        return replace(
            self,
            calls=self.calls + usage.calls,
            cost_usd=self.cost_usd + (usage.cost_usd or 0.0),
            unpriced=self.unpriced + (usage.cost_usd is None),
        )


class Stop:
    """Asks a batch to stop: once to finish what is in flight, twice to drop it. For signal handlers of its loop."""

    def __init__(self) -> None:
        self.asked = 0
        self._tell: Callable[[], None] = lambda: None

    def ask(self) -> None:
        """Ask, or ask again."""
        self.asked += 1
        self._tell()

    def listen(self, tell: Callable[[], None]) -> None:
        """Call `tell` whenever somebody asks."""
        self._tell = tell
