"""Real runs for tests: a file of answers, a judge that is a plain function, and the loop that `evaluator batch` uses."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from evaluator.bank import Bank
from evaluator.domain import Assessment, Rubric
from evaluator.judges import Case, JudgeIdentity
from evaluator.runs.batch import Batch, Budget, Catalog, Limits, Stop, plan_input
from evaluator.runs.inputs import open_source
from evaluator.runs.store import RunStore

Read = Callable[[Case], Assessment]


class FunctionJudge:
    """A judge that is a function of the case; it may raise a `JudgeError`."""

    def __init__(self, read: Read, name: str = "scripted") -> None:
        self._read = read
        self._name = name

    @property
    def identity(self) -> JudgeIdentity:
        """The name and nothing else."""
        return JudgeIdentity(judge=self._name, model=self._name, prompt=None, settings="")

    def trust(self, rubric: Rubric) -> str:
        """Nothing to say."""
        return rubric.question

    async def assess(self, case: Case) -> Assessment:
        """What the function says."""
        return self._read(case)

    async def aclose(self) -> None:
        """Nothing to let go of."""


def grade_into(run: Path, rows: Iterable[Mapping[str, str]], bank: Bank, read: Read, name: str = "scripted") -> Path:
    """Grade rows (question, answer, id, candidate, ...) into a run as `evaluator batch` does; return the run."""
    answers = run.with_suffix(".jsonl")
    answers.write_text("".join(json.dumps(dict(row)) + "\n" for row in rows), encoding="utf-8")
    judge = FunctionJudge(read, name)
    with RunStore.lock(run), RunStore.open(run, create=True) as store:
        catalog = Catalog(bank, judge.identity)
        plan = plan_input(store, open_source(answers), bank, catalog)
        if plan.to_grade:
            batch = Batch(store, catalog, judge, limits=Limits(1), budget=Budget(None, None), observe=lambda _: None)
            asyncio.run(batch.run(plan, Stop()))
    return run
