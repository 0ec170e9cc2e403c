"""The most that a run may use, over all of its sessions."""

from __future__ import annotations

from dataclasses import dataclass

from evaluator.domain import Usage
from evaluator.errors import ConfigurationError
from evaluator.runs.batch.estimate import Foreseen

_FIRST_MARGIN = 2.0
"""Before anything is known, an answer is expected to cost up to twice its estimate: a reply may have to be repaired."""

_MARGIN = 1.25
"""Later it is expected to cost up to this much more than the dearest so far."""


class BudgetSpentError(Exception):
    """No further request may be sent. The answer it was for stays waiting."""


@dataclass(frozen=True, slots=True)
class Share:
    """What is set aside for one answer while it is judged."""

    calls: int
    cost_usd: float


NOTHING = Share(0, 0.0)


class Budget:
    """Sets aside what an answer may take before it is begun, so that the run stops before passing its limits.

    Calls are counted one by one, so that `max_calls` is never passed. Cost is known only after a reply; it is held by
    setting aside more than the estimate, and could be passed by answers that take more than twice theirs.

    Args:
        max_calls: Most requests; None for no limit.
        max_cost: Most US dollars; None for no limit.
        calls: Requests of former sessions.
        cost_usd: Cost of former sessions.
    """

    def __init__(
        self, max_calls: int | None = None, max_cost: float | None = None, *, calls: int = 0, cost_usd: float = 0.0
    ) -> None:
        self._max_calls = max_calls
        self._max_cost = max_cost
        self._calls_before = calls
        self._sent = 0
        self._settled_calls = 0
        self._cost = cost_usd
        self._held = NOTHING
        self._dearest = 0.0

    @property
    def limited(self) -> bool:
        """Whether there is any limit."""
        return self._max_calls is not None or self._max_cost is not None

    @property
    def calls(self) -> int:
        """Requests so far."""
        return self._calls_before + max(self._sent, self._settled_calls)

    def set_aside(self, foreseen: Foreseen | None) -> Share | None:
        """Set aside what an answer may take; None where that is no longer there.

        Raises:
            ConfigurationError: There is a limit of cost, and the price is unknown.
        """
        if foreseen is None or not self.limited:
            return NOTHING
        share = Share(foreseen.calls, self._expected_cost(foreseen))
        if self._max_calls is not None and self.calls + self._held.calls + share.calls > self._max_calls:
            return None
        if self._max_cost is not None and self._cost + self._held.cost_usd + share.cost_usd > self._max_cost:
            return None
        self._held = Share(self._held.calls + share.calls, self._held.cost_usd + share.cost_usd)
        return share

    def _expected_cost(self, foreseen: Foreseen) -> float:
        if self._max_cost is None:
            return 0.0
        if foreseen.cost_usd is None:
            raise ConfigurationError(
                "The price of this model is not known, so that --max-cost cannot be held.", "Use --max-calls instead."
            )
        if self._dearest:
            return max(foreseen.cost_usd, self._dearest * _MARGIN)
        return foreseen.cost_usd * _FIRST_MARGIN

    def take_call(self) -> None:
        """Count one request that is about to be sent.

        Raises:
            BudgetSpentError: It would be one too many.
        """
        if self._max_calls is not None and self.calls >= self._max_calls:
            raise BudgetSpentError
        self._sent += 1

    def settle(self, share: Share, usage: Usage | None) -> None:
        """Give back what was set aside for an answer, and count what it used (None: not known)."""
        self._held = Share(self._held.calls - share.calls, max(0.0, self._held.cost_usd - share.cost_usd))
        if usage is not None:
            self._settled_calls += usage.calls
            self._cost += usage.cost_usd or 0.0
            self._dearest = max(self._dearest, usage.cost_usd or 0.0)
