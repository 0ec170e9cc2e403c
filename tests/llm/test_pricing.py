from __future__ import annotations

from typing import Any

import httpx2
import pytest

from evaluator.judges.llm import LLMSettings, connection
from evaluator.judges.llm.pricing import Price
from evaluator.judges.llm.settings import target_of


def price_of(spec: str, base_url: str | None = None) -> Price:
    """The price of a specification."""
    return Price(target_of(LLMSettings(spec=spec, base_url=base_url)))


def test_a_known_model_has_a_price(kit: Any) -> None:
    """Cost follows from the tokens that the server reports."""
    rate = price_of("openai/gpt-5-mini")
    assert rate.of(1000, 100) == kit.assess(kit.good()).usage.cost_usd
    assert rate.of(0, 0) == 0.0
    one, ten = rate.of(1000, 100), rate.of(10_000, 1000)
    assert one is not None
    assert ten == pytest.approx(10 * one)


def test_cached_tokens_are_cheaper() -> None:
    """Tokens that the provider had cached cost less; more than all of them count as all of them."""
    rate = price_of("openai/gpt-5-mini")
    full, cached, odd = rate.of(1000, 0), rate.of(1000, 0, 1000), rate.of(1000, 0, 5000)
    assert full is not None
    assert cached is not None
    assert cached < full
    assert odd == cached


@pytest.mark.parametrize(
    ("spec", "base_url"),
    [
        ("ollama/qwen3", None),
        ("openai/no-such-model", None),
        ("gpt-5-mini", "http://localhost:8080/v1"),
        ("gpt-5-mini", "http://[::1]:1/v1"),
    ],
)
def test_an_unknown_price_is_none(spec: str, base_url: str | None) -> None:
    """No price is guessed: a model of one's own server has none, even under a well-known name."""
    assert price_of(spec, base_url).of(1000, 100) is None


@pytest.mark.parametrize(
    ("spec", "base_url", "near"),
    [
        ("openai/gpt-5-minni", None, "gpt-5-mini"),
        ("openai/gtp5-mini", None, "gpt-5-mini"),
        ("openai/GPT-4o-mnii", None, "gpt-4o-mini"),
        ("opnai/gpt-5-mini", None, "openai/gpt-5-mini"),
        ("openai/gpt-5-mini", None, ""),
        ("openai/gpt-97-mini", None, ""),
        ("openai/no-such-model", None, ""),
        ("ollama/qwen3", None, ""),
        ("nobody/gpt-5-mini", None, ""),
        ("gpt-5-minni", "http://localhost:8080/v1", ""),
    ],
)
def test_a_name_that_is_nearly_one_of_the_list(kit: Any, spec: str, base_url: str | None, near: str) -> None:
    """For a mistyped name an estimate holds the one that was meant; for other unknown names nothing is guessed."""
    assert kit.judge(spec=spec, base_url=base_url).estimate(kit.case()).near == near


def test_a_provider_is_known_by_its_address() -> None:
    """The address of a provider in the list gives its prices."""
    assert price_of("gpt-5-mini", "https://api.openai.com/v1").of(1000, 100) == price_of("openai/gpt-5-mini").of(
        1000, 100
    )


@pytest.mark.parametrize(("calls", "number"), [("per-answer", 1), ("per-criterion", 3)])
def test_an_estimate_asks_nobody(kit: Any, calls: str, number: int) -> None:
    """The estimate has the messages that would be sent, their number, tokens as characters / 4, and the cost."""
    judge = kit.judge(calls=calls)
    estimate = judge.estimate(kit.case())
    assert estimate.calls == len(estimate.messages) == number
    assert estimate.input_tokens == -(-sum(len(system) + len(user) for system, user in estimate.messages) // 4)
    assert estimate.output_tokens == 2 * 115 + 25 + number * 60
    assert estimate.cost_usd == price_of("openai/gpt-5-mini").of(estimate.input_tokens, estimate.output_tokens)
    assert kit.server.requests == []


def test_the_estimate_is_what_is_sent(kit: Any) -> None:
    """The first request has the messages of the estimate."""
    messages = kit.judge().estimate(kit.case()).messages
    kit.assess(kit.good())
    assert [tuple(m["content"] for m in body["messages"]) for body in kit.server.bodies] == list(messages)


def test_a_reply_without_usage_counts_as_none(kit: Any) -> None:
    """A server that reports no tokens gives zeros, not an error."""
    bare = kit.good().json()
    del bare["usage"]
    usage = kit.assess(httpx2.Response(200, json=bare)).usage
    assert (usage.calls, usage.input_tokens, usage.output_tokens) == (1, 0, 0)


def test_seconds_are_those_of_the_clock(kit: Any) -> None:
    """Time spent waiting is part of the usage."""
    slow = httpx2.Response(429, headers={"Retry-After": "3"}, json={})
    assert kit.assess(slow, kit.good()).usage.seconds == 3.0


def test_the_price_list_is_read_while_the_first_reply_is_on_its_way(monkeypatch: pytest.MonkeyPatch, kit: Any) -> None:
    """Reading it takes longer than a reply to check, so it is not left until there are replies to check."""
    read: list[Price] = []

    def load(price: Price) -> None:
        read.append(price)

    monkeypatch.setattr(connection, "_FIRST_LULL", 0.0)
    monkeypatch.setattr(Price, "load", load)
    assert kit.assess(kit.good()).usage.cost_usd is not None
    assert len(read) == 1
