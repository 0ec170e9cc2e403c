from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from evaluator.domain import Usage
from evaluator.errors import ConfigurationError
from evaluator.runs.batch.budget import NOTHING, Budget, BudgetSpentError, Share


def foreseen(calls: int = 1, cost: float | None = 0.5) -> Any:
    """An estimate."""
    return SimpleNamespace(calls=calls, input_tokens=0, output_tokens=0, cost_usd=cost)


def test_no_limit_sets_nothing_aside() -> None:
    """Without a limit everything may begin."""
    assert Budget().set_aside(foreseen(cost=None)) == NOTHING


def test_what_takes_nothing_always_begins() -> None:
    """An answer that takes no call begins even when nothing is left."""
    assert Budget(max_calls=0).set_aside(None) == NOTHING


def test_calls_are_set_aside() -> None:
    """With three calls left, the second answer of two calls does not begin."""
    budget = Budget(max_calls=10, calls=7)
    assert budget.set_aside(foreseen(2)) == Share(2, 0.0)
    assert budget.set_aside(foreseen(2)) is None


def test_calls_are_never_passed() -> None:
    """The call after the last one is refused."""
    budget = Budget(max_calls=2)
    budget.take_call()
    budget.take_call()
    with pytest.raises(BudgetSpentError):
        budget.take_call()
    assert budget.calls == 2


def test_cost_is_expected_at_twice_its_estimate_first() -> None:
    """Of $2.10, two answers of an estimated $0.50 begin, and not a third."""
    budget = Budget(max_cost=2.1)
    assert budget.set_aside(foreseen()) == Share(1, 1.0)
    assert budget.set_aside(foreseen()) == Share(1, 1.0)
    assert budget.set_aside(foreseen()) is None


def test_cost_is_expected_from_what_was_seen() -> None:
    """After an answer of $0.40, the next ones are expected to take a quarter more, or their own estimate."""
    budget = Budget(max_cost=2.0, cost_usd=0.5)
    share = budget.set_aside(foreseen(cost=0.3))
    assert share == Share(1, 0.6)
    budget.settle(share, Usage(calls=1, cost_usd=0.4))
    assert budget.set_aside(foreseen(cost=0.3)) == Share(1, 0.5)
    assert budget.set_aside(foreseen(cost=0.6)) == Share(1, 0.6)
    assert budget.set_aside(foreseen(cost=0.3)) is None


def test_limit_of_cost_needs_a_price() -> None:
    """A limit of cost is refused where the price is unknown."""
    with pytest.raises(ConfigurationError, match="The price of this model is not known"):
        Budget(max_cost=5).set_aside(foreseen(cost=None))


def test_settled_calls_count_where_no_gate_counts_them() -> None:
    """Calls of a judge that passes no gate are counted when its answers are settled."""
    budget = Budget(max_calls=3)
    budget.settle(NOTHING, Usage(calls=2))
    assert budget.calls == 2
