"""A judge that is a function, and a few steps that the tests of runs share."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from evaluator.bank import Bank
from evaluator.domain import Assessment, Finding, RedFlagFinding, Rubric, Usage
from evaluator.judges import Case, JudgeIdentity
from evaluator.runs.batch import Batch, Budget, Catalog, Ended, Limits, Plan, Stop, plan_input
from evaluator.runs.inputs import open_source
from evaluator.runs.store import RunStore, Stored

Row = Mapping[str, object]
"""One line of a JSONL input."""


def all_met(case: Case, usage: Usage | None = None) -> Assessment:
    """Every criterion met, no red flag."""
    return Assessment(
        findings=tuple(
            Finding(criterion_id=c.id, points=(True,) * len(c.points), confidence=0.9) for c in case.rubric.criteria
        ),
        red_flags=tuple(RedFlagFinding(red_flag_id=f.id, present=False, confidence=0.9) for f in case.rubric.red_flags),
        usage=usage or Usage(calls=1, input_tokens=100, output_tokens=10, cost_usd=0.25),
    )


class FunctionJudge:
    """Judges by a function; remembers the ids of the answers it was given.

    Args:
        reply: Returns an assessment, or raises.
        seconds: How long an answer takes.
        settings: Part of its identity.
    """

    def __init__(
        self, reply: Callable[[Case], Assessment] = all_met, *, seconds: float = 0.0, settings: str = ""
    ) -> None:
        self._reply = reply
        self._seconds = seconds
        self._settings = settings
        self.asked: list[str] = []
        self.at_a_time = 0
        self.most_at_a_time = 0

    @property
    def identity(self) -> JudgeIdentity:
        """A function, with its settings."""
        return JudgeIdentity(judge="function", model="function", prompt=None, settings=self._settings)

    def trust(self, rubric: Rubric) -> str:
        """Not at all."""
        return f"A function says what it says about {rubric.question}."

    async def assess(self, case: Case) -> Assessment:
        """Wait, and call the function."""
        self.asked.append(case.answer.id)
        self.at_a_time += 1
        self.most_at_a_time = max(self.most_at_a_time, self.at_a_time)
        try:
            await asyncio.sleep(self._seconds)
            return self._reply(case)
        finally:
            self.at_a_time -= 1

    async def aclose(self) -> None:
        """Nothing to let go of."""


def answers_file(folder: Path, rows: Sequence[Row], name: str = "answers.jsonl") -> Path:
    """A JSONL file with these rows."""
    file = folder / name
    file.write_text("".join(json.dumps(dict(row)) + "\n" for row in rows), encoding="utf-8")
    return file


def rows(count: int, question: str = "dora-rollout") -> list[dict[str, object]]:
    """So many rows with answers to one question."""
    return [{"id": f"a{n}", "question": question, "answer": f"Answer number {n}."} for n in range(1, count + 1)]


def go(  # noqa: PLR0913 - each with a default
    run: Path,
    file: Path,
    bank: Bank,
    judge: FunctionJudge,
    *,
    limits: Limits | None = None,
    budget: Budget | None = None,
    stop: Stop | None = None,
) -> tuple[Plan, Ended]:
    """Plan and run a batch, as the command does."""
    catalog = Catalog(bank, judge.identity)
    with RunStore.lock(run), RunStore.open(run, create=True) as store:
        plan = plan_input(store, open_source(file), bank, catalog)
        batch = Batch(
            store,
            catalog,
            judge,
            limits=limits or Limits(concurrency=4),
            budget=budget or Budget(),
            observe=lambda _: None,
        )
        return plan, asyncio.run(batch.run(plan, stop or Stop()))


def stored(run: Path, *, history: bool = False) -> list[Stored]:
    """All of a run."""
    with RunStore.open(run) as store:
        return list(store.iterate(history=history))


def standing(plan: Plan) -> tuple[int, int, int, int]:
    """New, changed, failed, done."""
    return plan.new, plan.changed, plan.failed, plan.done
