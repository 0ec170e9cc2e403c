from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from evaluator.bank import Bank
from evaluator.domain import Assessment
from evaluator.errors import RejectedError
from evaluator.judges import Case, GatedJudge, protocol
from evaluator.judges.llm import LLMJudge, LLMSettings
from evaluator.judges.llm.patience import Time
from evaluator.judges.protocol import OpenGate
from evaluator.runs.batch import Limits, pool
from evaluator.runs.batch.budget import BudgetSpentError
from tests.factory import CASE
from tests.runs.kit import FunctionJudge, all_met, answers_file, go, rows


class Gate:
    """Counts what passes, and keeps what the server asks for."""

    def __init__(self, before: Callable[[], None] = lambda: None) -> None:
        self.passed = 0
        self.failed = 0
        self.waits: list[float | None] = []
        self._before = before

    @asynccontextmanager
    async def request(self) -> AsyncIterator[None]:
        """Count."""
        self._before()
        self.passed += 1
        try:
            yield
        except Exception:
            self.failed += 1
            raise

    def throttled(self, wait: float | None) -> None:
        """Keep."""
        self.waits.append(wait)


async def _no_sleep(seconds: float) -> None:
    del seconds


def judge(*replies: httpx2.Response) -> LLMJudge:
    """A judge whose server gives these replies, and for whom no time passes."""
    queue = list(replies)
    client = httpx2.AsyncClient(transport=httpx2.MockTransport(lambda _: queue.pop(0)))
    settings = LLMSettings(spec="openai/m", base_url="http://127.0.0.1:1/v1", max_attempts=2)
    return LLMJudge(settings, http_client=client, time=Time(clock=lambda: 0.0, sleep=_no_sleep, chance=lambda: 0.0))


def test_every_request_passes_the_gate() -> None:
    """Repeated requests pass too; the gate learns what the server asks for, and which requests failed."""
    gate = Gate()
    tired = httpx2.Response(429, headers={"Retry-After": "7"}, json={"error": {"message": "slow down"}})
    chosen = judge(tired, httpx2.Response(429, json={"error": {"message": "slow down"}}))
    assert isinstance(chosen, GatedJudge)
    chosen.send_through(gate)
    with pytest.raises(RejectedError) as caught:
        asyncio.run(chosen.assess(CASE))
    assert (caught.value.reason, gate.passed, gate.failed, gate.waits) == ("rate_limited", 2, 2, [7.0, None])


def test_a_gate_that_refuses_ends_the_assessment() -> None:
    """When the gate lets nothing pass, nothing is sent, and its error comes out as it is."""

    def refuse() -> None:
        raise BudgetSpentError

    chosen = judge()
    chosen.send_through(Gate(refuse))
    with pytest.raises(BudgetSpentError):
        asyncio.run(chosen.assess(CASE))


class GatedFunction(FunctionJudge):
    """Sends one request for each answer, and keeps what happens."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[str] = []
        self._gate: protocol.Gate = OpenGate()

    def send_through(self, gate: protocol.Gate) -> None:
        """Take the gate."""
        self._gate = gate

    async def assess(self, case: Case) -> Assessment:
        """Ask, and read the reply."""
        async with self._gate.request():
            self.events.append(f"asked {case.answer.id}")
            await asyncio.sleep(0)
        self.events.append(f"read {case.answer.id}")
        return all_met(case)


def test_the_next_answer_does_not_wait_for_a_reply_to_be_read(
    tmp_path: Path, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one request at a time, the second answer is asked about before the reply on the first is read."""
    monkeypatch.setattr(pool, "LULL", 0.2)
    judge = GatedFunction()
    assert isinstance(judge, GatedJudge)
    _, ended = go(tmp_path / "r", answers_file(tmp_path, rows(3)), bank, judge, limits=Limits(concurrency=1))
    assert ended == "finished"
    assert judge.events == ["asked a1", "asked a2", "read a1", "asked a3", "read a2", "read a3"]
