"""Faults of a provider change no grade: what is graded after a repair is what is graded without any fault."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import httpx2
import pytest

from benchmarks.faults import KINDS, MARKS, REASONS, scenarios, substance
from benchmarks.stub_server import Config, Stub
from evaluator.bank import Bank
from evaluator.domain import Answer, Graded, Ungraded
from evaluator.judges import Case
from evaluator.judges.llm import LLMJudge, LLMSettings
from evaluator.judges.llm.patience import Time
from evaluator.runs.grade_one import grade_one

ANSWERS = Path(__file__).resolve().parents[1] / "gold" / "answers.jsonl"
TEXTS = [str(json.loads(line)["text"]) for line in ANSWERS.read_text(encoding="utf-8").splitlines()]


class Provider:
    """The stub of the benchmarks in this process, without sockets and waits."""

    def __init__(self, fault: str) -> None:
        self.stub = Stub(Config(latency_ms=0, fault=fault, seed=5, retry_after=0))
        self.judge = LLMJudge(
            LLMSettings(spec="openai/m", base_url="http://127.0.0.1:1/v1"),
            http_client=httpx2.AsyncClient(transport=httpx2.MockTransport(self.send)),
            time=Time(clock=lambda: 0.0, sleep=self.no_sleep, chance=lambda: 0.0),
        )

    async def send(self, request: httpx2.Request) -> httpx2.Response:
        """What the stub says; None of it where it hangs up."""
        said = await self.stub._route("POST", request.url.path, request.content)
        if said is None:
            raise httpx2.ReadError("the connection was reset")
        status, content, headers = said
        return httpx2.Response(status, json=content, headers=headers)

    async def no_sleep(self, seconds: float) -> None:
        """No test waits."""

    async def grade(self, bank: Bank, count: int) -> list[Graded | Ungraded]:
        """So many answers, one after the other, so that each fault meets the same request every time."""
        question = bank.find("dora-rollout")
        cases = [
            Case(question, bank.rubric(question.id), Answer(id=f"a{n}", question_id=question.id, text=text))
            for n, text in enumerate(TEXTS[:count])
        ]
        try:
            return [await grade_one(case, bank.scale, self.judge, mark="m") for case in cases]
        finally:
            await self.judge.aclose()


def test_repaired_equals_unbroken(bank: Bank) -> None:
    """With all faults mixed at 30 %, every answer is graded, and each score and finding is that without faults."""
    unbroken = asyncio.run(Provider("").grade(bank, 40))
    broken = Provider(scenarios()["mixed"])
    repaired = asyncio.run(broken.grade(bank, 40))
    assert set(broken.stub.stats.faults) == set(KINDS)
    assert [one.status for one in repaired] == ["graded"] * 40
    assert [substance(one) for one in repaired] == [substance(one) for one in unbroken]
    again = [one for one in repaired if isinstance(one, Graded) and any(MARKS & set(c.flags) for c in one.criteria)]
    assert again  # some were asked for again


@pytest.mark.parametrize("kind", ["429", "500", "malformed", "reset"])
def test_fault_that_does_not_pass(bank: Bank, kind: str) -> None:
    """Where every request meets the fault, the answer is ungraded, and the reason is that fault."""
    (one,) = asyncio.run(Provider(f"{kind}:1").grade(bank, 1))
    assert isinstance(one, Ungraded)
    assert (one.reason, one.attempts > 1) == (REASONS[kind], True)


def test_replies_that_are_always_cut_off(bank: Bank) -> None:
    """Where every reply is cut off, what was complete counts as it is, and the rest says that it was not judged."""
    (unbroken,) = asyncio.run(Provider("").grade(bank, 1))
    (cut,) = asyncio.run(Provider("truncated:1").grade(bank, 1))
    assert isinstance(unbroken, Graded)
    if isinstance(cut, Ungraded):
        assert cut.reason in ("truncated", "too_little_assessed")
        return
    for whole, part in zip(unbroken.criteria, cut.criteria, strict=True):
        assert part.verdict in (whole.verdict, "unassessed")
        assert part.evidence == (whole.evidence if part.verdict == whole.verdict else ())
        assert part.verdict != "unassessed" or "truncated" in part.flags
