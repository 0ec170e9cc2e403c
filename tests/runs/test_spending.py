from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Literal

import httpx2
import pytest

from evaluator.bank import Bank
from evaluator.judges.llm import LLMJudge, LLMSettings
from evaluator.judges.llm.patience import Time
from evaluator.runs.batch import Batch, Budget, Catalog, Ended, Limits, Progress, Stop, plan_input
from evaluator.runs.inputs import open_source
from evaluator.runs.store import Counts, RunStore
from tests.runs.kit import answers_file, rows

pytestmark = pytest.mark.usefixtures("key")

Handler = Callable[[httpx2.Request], Coroutine[None, None, httpx2.Response]]


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key for a server that is not asked."""
    monkeypatch.setenv("OPENAI_API_KEY", "none")


async def _no_sleep(seconds: float) -> None:
    del seconds


def session(  # noqa: PLR0913 - each with a default
    run: Path,
    bank: Bank,
    handler: Handler,
    *,
    answers: int = 1,
    calls: Literal["per-answer", "per-criterion"] = "per-answer",
    stop: Stop | None = None,
    limits: Limits | None = None,
    max_calls: int | None = None,
    seen: list[Progress] | None = None,
) -> Ended:
    """One session of a batch whose judge asks the server `handler`; its limits hold over all sessions."""
    client = httpx2.AsyncClient(transport=httpx2.MockTransport(handler))
    # A model with a price, so that there is a cost. The client has no way out.
    chosen = LLMSettings(spec="openai/gpt-5-mini", base_url="https://api.openai.com/v1", calls=calls)
    judge = LLMJudge(chosen, http_client=client, time=Time(clock=lambda: 0.0, sleep=_no_sleep, chance=lambda: 0.0))
    catalog = Catalog(bank, judge.identity)
    with RunStore.lock(run), RunStore.open(run, create=True) as store:
        plan = plan_input(store, open_source(answers_file(run.parent, rows(answers))), bank, catalog)
        before = store.spent()[0]

        async def go() -> Ended:
            batch = Batch(
                store,
                catalog,
                judge,
                limits=limits or Limits(concurrency=1),
                budget=Budget(max_calls, calls=before.calls, cost_usd=before.cost_usd),
                observe=(seen if seen is not None else []).append,
            )
            try:
                return await batch.run(plan, stop or Stop())
            finally:
                await judge.aclose()

        return asyncio.run(go())


def reply(text: str) -> httpx2.Response:
    """A completion of a thousand tokens in and ten out."""
    choice = {"message": {"content": text}, "finish_reason": "stop"}
    return httpx2.Response(200, json={"choices": [choice], "usage": {"prompt_tokens": 1000, "completion_tokens": 10}})


def test_a_limit_of_calls_holds_over_sessions(tmp_path: Path, bank: Bank) -> None:
    """Calls for an answer that the budget cut off between its repairs are kept, and the next session sends none."""
    sent = 0

    async def babble(_: httpx2.Request) -> httpx2.Response:
        nonlocal sent
        sent += 1
        return reply("not json")

    for _ in range(3):
        assert session(tmp_path / "r", bank, babble, max_calls=2) == "budget"
    with RunStore.open(tmp_path / "r") as store:
        assert store.counts() == Counts(waiting=1)
        (spent,) = store.spent()
        assert [one.name for one in store.spent("question")] == ["dora-rollout"]
    assert (sent, spent.evaluations, spent.calls, spent.input_tokens, spent.output_tokens) == (2, 0, 2, 2000, 20)
    assert spent.cost_usd > 0


def test_what_a_dropped_answer_has_used_is_kept(tmp_path: Path, bank: Bank) -> None:
    """Asked twice to stop, a batch drops what is in flight, and keeps what the requests for it have used."""
    stop, sent = Stop(), 0

    async def hang(_: httpx2.Request) -> httpx2.Response:
        nonlocal sent
        sent += 1
        if sent > 1:
            stop.ask()
            stop.ask()
            await asyncio.Event().wait()
        return reply("not json")

    assert session(tmp_path / "r", bank, hang, stop=stop) == "interrupted"
    with RunStore.open(tmp_path / "r") as store:
        (spent,) = store.spent()
    assert (spent.evaluations, spent.calls, spent.input_tokens) == (0, 2, 1000)
    assert spent.cost_usd > 0


def test_a_pause_that_is_too_long_ends_the_batch(tmp_path: Path, bank: Bank) -> None:
    """When the server asks for more than patience, the pause is said, nothing more is sent, and all answers wait."""
    sent, seen = 0, list[Progress]()

    async def closed(_: httpx2.Request) -> httpx2.Response:
        nonlocal sent
        sent += 1
        return httpx2.Response(429, headers={"Retry-After": "3600"}, json={"error": {"message": "daily limit"}})

    limits = Limits(concurrency=2, patience=60)
    ended = session(tmp_path / "r", bank, closed, answers=9, calls="per-criterion", limits=limits, seen=seen)
    assert ended == "unreachable"
    assert {progress.pause for progress in seen} == {3600.0}
    with RunStore.open(tmp_path / "r") as store:
        assert store.counts() == Counts(waiting=9)
        assert store.spent()[0].calls == sent <= 2
