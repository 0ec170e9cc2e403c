"""Much of everything, a clock that runs backwards, a file that another program holds, a reply that stops half-way."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import httpx2
import pytest

import evaluator
from evaluator.bank import Bank, load_bank
from evaluator.domain import Assessment, Evidence, Finding, Graded
from evaluator.errors import InputError, RejectedError
from evaluator.judges import Case
from evaluator.judges.llm import LLMJudge, LLMSettings
from evaluator.judges.llm.patience import Time
from evaluator.reports.cohort import collect, measures, render_page
from evaluator.runs.store import Counts, RunStore
from tests.factory import CASE
from tests.runs.kit import FunctionJudge, all_met, answers_file, go, rows, stored

LINES = 10_000
CRITERIA = 1_000


def test_clock_that_runs_backwards(tmp_path: Path, bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was judged last counts, whatever the clock says; nothing is judged again because of it."""
    hours = count()

    def earlier_each_time() -> str:
        return (datetime(2026, 3, 1, tzinfo=UTC) - timedelta(hours=next(hours))).isoformat(timespec="milliseconds")

    for name in ("intake", "run_store"):
        monkeypatch.setattr(sys.modules[f"evaluator.runs.store.{name}"], "now", earlier_each_time)
    run, file = tmp_path / "r", answers_file(tmp_path, rows(3))
    go(run, file, bank, FunctionJudge(settings="one"))
    plan, _ = go(run, file, bank, FunctionJudge(settings="two"))
    assert plan.to_grade == 3
    plan, _ = go(run, file, bank, FunctionJudge(settings="two"))
    assert plan.to_grade == 0
    with RunStore.open(run) as store:
        assert store.counts() == Counts(graded=3, superseded=3)
    history = stored(run, history=True)
    assert [s.current for s in history] == [False, True] * 3
    assert all(one.graded_at > other.graded_at for one, other in zip(history[::2], history[1::2], strict=True))
    question = bank.find("dora-rollout")
    cohort = collect(history, {question.id: question}, {question.id: bank.rubric(question.id)}, bank.scale)
    assert (measures.glance(cohort).graded, cohort.former, measures.progress(cohort)) == (3, 3, [])


def test_durations_come_from_a_clock_that_only_goes_on() -> None:
    """Nothing measures time by the clock on the wall, which is set back now and then."""
    package = Path(evaluator.__file__).parent
    using = [file.name for file in package.rglob("*.py") if "time.time(" in file.read_text(encoding="utf-8")]
    assert using == []


def test_ten_thousand_lines(tmp_path: Path, bank: Bank) -> None:
    """A quote from the last line of a very long answer keeps its offsets through store and page."""
    text = "\n".join(f"Line {n} of the answer says nothing." for n in range(1, LINES)) + "\nWe ask the owners."
    start = text.index("We ask the owners.")

    def quoting(case: Case) -> Assessment:
        found = all_met(case)
        quote = Evidence(quote=case.answer.text[start:], start=start, end=len(case.answer.text))
        return found.model_copy(
            update={"findings": tuple(f.model_copy(update={"evidence": (quote,)}) for f in found.findings)}
        )

    file = answers_file(tmp_path, [{"question": "dora-rollout", "answer": text, "id": "long"}])
    go(tmp_path / "r", file, bank, FunctionJudge(quoting))
    (kept,) = stored(tmp_path / "r")
    assert isinstance(kept.evaluation, Graded)
    assert kept.answer.text == text
    evidence = kept.evaluation.criteria[0].evidence[0]
    assert kept.answer.text[evidence.start : evidence.end] == evidence.quote == "We ask the owners."


def test_thousand_criteria(tmp_path: Path, bank: Bank) -> None:
    """A rubric with a thousand criteria is stored, scored and shown; what is missed of it costs its share."""
    question, rubric = bank.find("dora-rollout"), bank.rubric("dora-rollout")
    first = rubric.criteria[0]
    many = tuple(
        first.model_copy(update={"id": f"c-{n}", "weight": 1, "statement": f"The answer says {n}."})
        for n in range(CRITERIA)
    )
    large = Bank(bank.root, bank.questions, bank.scale, bank.themes)
    large._rubrics[question.id] = rubric.model_copy(update={"criteria": many, "red_flags": ()})

    def half(case: Case) -> Assessment:
        met = [n % 2 == 0 for n in range(CRITERIA)]
        return Assessment(
            findings=tuple(
                Finding(criterion_id=c.id, points=(m,) * len(c.points), confidence=0.9)
                for c, m in zip(case.rubric.criteria, met, strict=True)
            ),
            red_flags=(),
        )

    run = tmp_path / "r"
    go(run, answers_file(tmp_path, rows(2)), large, FunctionJudge(half))
    evaluations = stored(run)
    assert [isinstance(s.evaluation, Graded) and s.evaluation.score for s in evaluations] == [50.0] * 2
    with RunStore.open(run) as store:
        cohort = collect(store.iterate(), store.questions(), store.rubrics(), store.scale())
    (figure,) = measures.questions(cohort)
    assert [c.counts[2] for c in figure.criteria] == [2, 0] * (CRITERIA // 2)
    assert render_page(cohort, title="x").count("The answer says 999.") >= 2


def test_run_that_another_program_holds(tmp_path: Path, bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that another program has locked is refused with a sentence after a while; nothing of it is lost."""
    run, file = tmp_path / "r", answers_file(tmp_path, rows(4))
    go(run, answers_file(tmp_path, rows(2), "some.jsonl"), bank, FunctionJudge())
    monkeypatch.setattr(sys.modules["evaluator.runs.store.database"], "_BUSY_SECONDS", 0.05)
    holder = sqlite3.connect(run, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(InputError) as caught:
        go(run, file, bank, FunctionJudge())
    assert str(caught.value) == (
        f"The run {run} cannot be used: database is locked.\n"
        "Another program holds it; close that and run the same command again."
    )
    assert len(stored(run)) == 2
    holder.execute("ROLLBACK")
    holder.close()
    plan, ended = go(run, file, bank, FunctionJudge())
    assert (plan.new, plan.done, ended) == (2, 2, "finished")


def test_run_that_is_locked_while_a_batch_writes(tmp_path: Path, bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that comes in the middle ends the batch with the same sentence; what was saved before stays."""
    run, file = tmp_path / "r", answers_file(tmp_path, rows(24))
    monkeypatch.setattr(sys.modules["evaluator.runs.store.database"], "_BUSY_SECONDS", 0.05)
    holder = sqlite3.connect(run, isolation_level=None, check_same_thread=False)

    def locking(case: Case) -> Assessment:
        if case.answer.id == "a8":
            holder.execute("PRAGMA busy_timeout=5000")
            for _ in range(1000):  # the first are saved on another thread, which may be late
                if holder.execute("SELECT count(*) FROM evaluations").fetchone()[0]:
                    break
                time.sleep(0.005)
            holder.execute("BEGIN IMMEDIATE")
        return all_met(case)

    with pytest.raises(InputError, match="database is locked"):
        go(run, file, bank, FunctionJudge(locking))
    holder.execute("ROLLBACK")
    holder.close()
    saved = len(stored(run))
    assert 0 < saved < 24
    plan, ended = go(run, file, bank, FunctionJudge())
    assert (plan.done, ended, len(stored(run))) == (saved, "finished", 24)


class HalfReply(httpx2.AsyncByteStream):
    """The beginning of a reply; then nothing more comes until the client has waited long enough."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b'{"id": "x", "object": "chat.completion", "choices": [{"message": {"content": "{\\"crit'
        raise httpx2.ReadTimeout("nothing more came")


def test_time_out_in_the_middle_of_a_reply() -> None:
    """A reply that stops half-way is a time-out that is tried again, and is never read as a short reply."""
    asked = []

    def half(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return httpx2.Response(200, headers={"Content-Type": "application/json"}, stream=HalfReply())

    async def no_sleep(seconds: float) -> None:
        del seconds

    judge = LLMJudge(
        LLMSettings(spec="openai/m", base_url="http://127.0.0.1:1/v1", max_attempts=2),
        http_client=httpx2.AsyncClient(transport=httpx2.MockTransport(half)),
        time=Time(clock=lambda: 0.0, sleep=no_sleep, chance=lambda: 0.0),
    )
    with pytest.raises(RejectedError) as caught:
        asyncio.run(judge.assess(CASE))
    assert (caught.value.reason, caught.value.attempts, len(asked)) == ("timeout", 2, 2)
    assert "\n" not in caught.value.message


def test_bank_with_line_ends_of_windows(tmp_path: Path, bank: Bank) -> None:
    """A bank whose files have the line ends of Windows says the same as the shipped one."""
    wanted = ["questions/*.yaml", "rubrics/scale.yaml", "rubrics/dora-rollout.yaml", "*.yaml"]
    for file in (file for pattern in wanted for file in bank.root.glob(pattern)):
        made = tmp_path / file.relative_to(bank.root)
        made.parent.mkdir(exist_ok=True)
        made.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    same = load_bank(tmp_path)
    assert same.questions == bank.questions
    assert same.rubric("dora-rollout") == bank.rubric("dora-rollout")
