"""How a batch runs, is stopped, and ends."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from evaluator.bank import Bank
from evaluator.domain import Assessment, Usage
from evaluator.errors import InputError, RejectedError, ReplyError, UnreachableError
from evaluator.judges import Case
from evaluator.runs.batch import Batch, Budget, Catalog, Limits, Progress, Stop, plan_input
from evaluator.runs.inputs import open_source
from evaluator.runs.store import Counts, RunStore
from tests.runs.kit import FunctionJudge, all_met, answers_file, go, rows, standing


def test_concurrency(tmp_path: Path, bank: Bank) -> None:
    """As many answers as allowed are judged at a time, and no more."""
    judge = FunctionJudge(seconds=0.001)
    go(tmp_path / "r", answers_file(tmp_path, rows(20)), bank, judge, limits=Limits(concurrency=3))
    assert (judge.most_at_a_time, len(judge.asked)) == (3, 20)


def test_a_judge_that_is_never_reached(tmp_path: Path, bank: Bank) -> None:
    """After a few answers that did not reach the judge the batch gives up; all answers wait for the next time."""

    def reply(case: Case) -> Assessment:
        raise UnreachableError("auth", f"No key for {case.answer.id}.")

    judge, run = FunctionJudge(reply), tmp_path / "r"
    with pytest.raises(UnreachableError, match="No key"):
        go(run, answers_file(tmp_path, rows(200)), bank, judge, limits=Limits(concurrency=4))
    assert len(judge.asked) <= 8
    with RunStore.open(run) as store:
        assert store.counts() == Counts(waiting=200)
    plan, _ = go(run, answers_file(tmp_path, rows(200)), bank, FunctionJudge())
    assert standing(plan) == (200, 0, 0, 0)


def test_a_judge_that_is_lost(tmp_path: Path, bank: Bank) -> None:
    """When the judge is lost on the way, what was judged is kept and the rest waits."""

    def reply(case: Case) -> Assessment:
        if int(case.answer.id[1:]) > 10:
            raise UnreachableError("connection", "Gone.")
        return all_met(case)

    _, ended = go(tmp_path / "r", answers_file(tmp_path, rows(50)), bank, FunctionJudge(reply))
    with RunStore.open(tmp_path / "r") as store:
        assert (ended, store.counts()) == ("unreachable", Counts(graded=10, waiting=40))


def test_a_judge_that_stumbles(tmp_path: Path, bank: Bank) -> None:
    """A fault of the judge on one answer makes that one ungraded; on several in a row it ends the batch."""

    def reply(case: Case) -> Assessment:
        if case.answer.id == "a3":
            raise KeyError("boo")
        return all_met(case)

    run = tmp_path / "r"
    go(run, answers_file(tmp_path, rows(6)), bank, FunctionJudge(reply), limits=Limits(concurrency=1))
    with RunStore.open(run) as store:
        assert (store.counts(), store.reasons()) == (Counts(graded=5, ungraded=1), {"crashed": 1})

    def never(case: Case) -> Assessment:
        raise KeyError(case.answer.id)

    with pytest.raises(KeyError):
        go(tmp_path / "s", answers_file(tmp_path, rows(50)), bank, FunctionJudge(never))


class EstimatingJudge(FunctionJudge):
    """Says before what an answer will take."""

    def estimate(self, case: Case) -> Any:
        """One call, a quarter dollar."""
        del case
        return type("E", (), {"calls": 1, "input_tokens": 100, "output_tokens": 10, "cost_usd": 0.25})()


@pytest.mark.parametrize(
    ("budget", "most"), [(Budget(max_calls=7), 7), (Budget(max_cost=2.0), 7), (Budget(max_calls=7, calls=4), 3)]
)
def test_budget(tmp_path: Path, bank: Bank, budget: Budget, most: int) -> None:
    """A batch stops before it passes its budget, former sessions included, and says so."""
    judge = EstimatingJudge()
    _, ended = go(
        tmp_path / "r", answers_file(tmp_path, rows(30)), bank, judge, budget=budget, limits=Limits(concurrency=3)
    )
    with RunStore.open(tmp_path / "r") as store:
        assert (ended, len(judge.asked), store.counts()) == ("budget", most, Counts(graded=most, waiting=30 - most))


def test_a_stop_finishes_what_is_in_flight(tmp_path: Path, bank: Bank) -> None:
    """Asked to stop, a batch begins nothing new, saves what is in flight, and goes on next time."""
    stop = Stop()

    def reply(case: Case) -> Assessment:
        if case.answer.id == "a5":
            stop.ask()
        return all_met(case)

    judge = FunctionJudge(reply, seconds=0.001)
    run, file = tmp_path / "r", answers_file(tmp_path, rows(40))
    _, ended = go(run, file, bank, judge, stop=stop)
    with RunStore.open(run) as store:
        assert (ended, store.counts().graded) == ("interrupted", len(judge.asked))
    assert len(judge.asked) < 15
    later = FunctionJudge()
    go(run, file, bank, later)
    assert Counter(judge.asked) + Counter(later.asked) == Counter(f"a{n}" for n in range(1, 41))


def test_asked_twice_drops_what_is_in_flight(tmp_path: Path, bank: Bank) -> None:
    """Asked twice, a batch does not wait; what was dropped waits for the next time."""
    stop = Stop()

    def reply(case: Case) -> Assessment:
        return all_met(case)

    class Endless(FunctionJudge):
        async def assess(self, case: Case) -> Assessment:
            stop.ask()
            stop.ask()
            await asyncio.Event().wait()
            return reply(case)

    _, ended = go(tmp_path / "r", answers_file(tmp_path, rows(3)), bank, Endless(), stop=stop)
    with RunStore.open(tmp_path / "r") as store:
        assert (ended, store.counts()) == ("interrupted", Counts(waiting=3))


def test_what_is_in_flight_gets_its_grace(tmp_path: Path, bank: Bank) -> None:
    """After a stop, what does not end within the grace is dropped."""
    stop = Stop()

    class Endless(FunctionJudge):
        async def assess(self, case: Case) -> Assessment:
            stop.ask()
            await asyncio.Event().wait()
            return all_met(case)

    limits = Limits(concurrency=2, grace=0.01)
    _, ended = go(tmp_path / "r", answers_file(tmp_path, rows(3)), bank, Endless(), stop=stop, limits=limits)
    assert ended == "interrupted"


def test_a_full_disk_ends_the_batch(tmp_path: Path, bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """When an evaluation cannot be saved the batch ends with that error, and what was saved is there."""
    write = RunStore.write
    saved: list[int] = []

    def failing(self: RunStore, number: int, *rest: Any, **how: Any) -> None:
        if len(saved) == 5:
            raise InputError("The run cannot be used: database or disk is full.")
        saved.append(number)
        write(self, number, *rest, **how)

    monkeypatch.setattr(RunStore, "write", failing)
    with pytest.raises(InputError, match="disk is full"):
        go(tmp_path / "r", answers_file(tmp_path, rows(20)), bank, FunctionJudge())
    with RunStore.open(tmp_path / "r") as store:
        assert store.counts() == Counts(graded=5, waiting=15)


def test_evaluations_that_wait_together_wait_for_the_disk_once(
    tmp_path: Path, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one evaluation is written others come; they are one transaction each, and the last of them waits."""
    write = RunStore.write
    waited: list[bool] = []

    def patient(self: RunStore, *rest: Any, wait: bool) -> None:
        while not waited and len(batch._unsaved) < 8:
            time.sleep(0.001)
        waited.append(wait)
        write(self, *rest, wait=wait)

    monkeypatch.setattr(RunStore, "write", patient)
    judge = FunctionJudge()
    catalog = Catalog(bank, judge.identity)
    with RunStore.open(tmp_path / "r", create=True) as store:
        plan = plan_input(store, open_source(answers_file(tmp_path, rows(9))), bank, catalog)
        batch = Batch(store, catalog, judge, limits=Limits(concurrency=9), budget=Budget(), observe=lambda _: None)
        assert asyncio.run(batch.run(plan, Stop())) == "finished"
        assert store.counts() == Counts(graded=9)
    assert waited == [True, *[False] * 7, True]


def test_progress(tmp_path: Path, bank: Bank) -> None:
    """Each answer is reported once, with counts, calls and cost so far."""
    seen: list[Progress] = []
    judge, run = FunctionJudge(), tmp_path / "r"
    catalog = Catalog(bank, judge.identity)
    with RunStore.open(run, create=True) as store:
        plan = plan_input(store, open_source(answers_file(tmp_path, rows(3))), bank, catalog)
        batch = Batch(store, catalog, judge, limits=Limits(concurrency=1), budget=Budget(), observe=seen.append)
        asyncio.run(batch.run(plan, Stop()))
    assert [(p.done, p.waiting, p.calls, p.cost_usd) for p in seen] == [
        (1, 2, 1, 0.25),
        (2, 1, 2, 0.5),
        (3, 0, 3, 0.75),
    ]


def test_unknown_costs_are_counted_apart(tmp_path: Path, bank: Bank) -> None:
    """An evaluation without a price adds nothing to the cost, and is counted."""
    judge = FunctionJudge(lambda case: all_met(case, Usage(calls=1, cost_usd=None)))
    go(tmp_path / "r", answers_file(tmp_path, rows(2)), bank, judge)
    with RunStore.open(tmp_path / "r") as store:
        (all_of_it,) = store.spent()
    assert (all_of_it.cost_usd, all_of_it.unpriced, all_of_it.calls) == (0.0, 2, 2)


def test_a_second_chance(tmp_path: Path, bank: Bank) -> None:
    """What failed for a reason that passes is judged once more at the end; what refuses for good is not."""
    seen: Counter[str] = Counter()

    def reply(case: Case) -> Assessment:
        seen[case.answer.id] += 1
        if case.answer.id == "a1" and seen["a1"] == 1:
            raise ReplyError("malformed", "Not JSON.", attempts=3)
        if case.answer.id == "a2":
            raise ReplyError("truncated", "Cut off.", attempts=3)
        if case.answer.id == "a3":
            raise RejectedError("refused", "No.", attempts=1)
        return all_met(case)

    run = tmp_path / "r"
    _, ended = go(run, answers_file(tmp_path, rows(20)), bank, FunctionJudge(reply))
    with RunStore.open(run) as store:
        assert (ended, store.counts()) == ("finished", Counts(graded=18, ungraded=2, superseded=2))
        assert store.reasons() == {"refused": 1, "truncated": 1}
    assert (seen["a1"], seen["a2"], seen["a3"], seen["a4"]) == (2, 2, 1, 1)


def test_no_second_chance_when_most_failed(tmp_path: Path, bank: Bank) -> None:
    """When more than a fifth failed, nothing is judged twice."""

    def reply(case: Case) -> Assessment:
        raise ReplyError("malformed", f"Not JSON about {case.answer.id}.", attempts=3)

    judge = FunctionJudge(reply)
    go(tmp_path / "r", answers_file(tmp_path, rows(20)), bank, judge)
    assert len(judge.asked) == 20
