"""What is planned: what is new, changed, failed or done, and what is refused."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from evaluator.bank import Bank
from evaluator.domain import Assessment, Usage
from evaluator.errors import AnswersError, InputError, JudgeError, RejectedError, ReplyError
from evaluator.judges import Case
from evaluator.runs.batch import Batch, Budget, Catalog, Limits, Part, Plan, Stop, plan_input, preview_input
from evaluator.runs.batch import plan as plan_module
from evaluator.runs.inputs import open_source
from evaluator.runs.store import Counts, RunStore
from tests.runs.kit import FunctionJudge, Row, all_met, answers_file, go, rows, standing, stored


def changed_bank(bank: Bank, **changes: Any) -> Bank:
    """The bank with another question text, rubric or scale."""
    question = bank.find("dora-rollout")
    questions = tuple(
        q.model_copy(update={"text": "Other?"}) if changes.get("question") and q == question else q
        for q in bank.questions
    )
    scale = bank.scale.model_copy(update={"max_unassessed": 0.123}) if changes.get("scale") else bank.scale
    other = Bank(bank.root, questions, scale, bank.themes)
    rubric = bank.rubric("dora-rollout")
    other._rubrics["dora-rollout"] = rubric.model_copy(update={"version": 99}) if changes.get("rubric") else rubric
    return other


def test_again_does_nothing(tmp_path: Path, bank: Bank) -> None:
    """The same input a second time asks nobody."""
    run, file = tmp_path / "r", answers_file(tmp_path, rows(5))
    plan, ended = go(run, file, bank, FunctionJudge())
    assert (standing(plan), ended) == ((5, 0, 0, 0), "finished")
    judge = FunctionJudge()
    plan, ended = go(run, file, bank, judge)
    assert (standing(plan), ended, judge.asked) == ((0, 0, 0, 5), "finished", [])


@pytest.mark.parametrize("cause", ["question", "rubric", "scale", "judge"])
def test_what_an_evaluation_depends_on(tmp_path: Path, bank: Bank, cause: str) -> None:
    """When question, rubric, scale or judge change, answers are judged again; the plan says why; history is kept."""
    run, file = tmp_path / "r", answers_file(tmp_path, rows(2))
    go(run, file, bank, FunctionJudge())
    judge = FunctionJudge(settings="temperature=1" if cause == "judge" else "")
    plan, _ = go(run, file, changed_bank(bank, **{cause: True}), judge)
    assert standing(plan) == (0, 2, 0, 0)
    assert plan.causes == Counter({cause: 2})
    with RunStore.open(run) as store:
        assert store.counts() == Counts(graded=2, superseded=2)
        assert [(s.answer.id, s.current) for s in store.iterate(history=True)] == [
            ("a1", False),
            ("a1", True),
            ("a2", False),
            ("a2", True),
        ]


def test_changed_text(tmp_path: Path, bank: Bank) -> None:
    """An answer whose text changed is judged again alone, and its history has both texts."""
    run, given = tmp_path / "r", rows(3)
    go(run, answers_file(tmp_path, given), bank, FunctionJudge())
    given[1]["answer"] = "Another answer."
    judge = FunctionJudge()
    plan, _ = go(run, answers_file(tmp_path, given), bank, judge)
    assert (standing(plan), plan.causes, judge.asked) == ((0, 1, 0, 2), Counter({"answer": 1}), ["a2"])
    texts = [s.answer.text for s in stored(run, history=True) if s.answer.id == "a2"]
    assert texts == ["Answer number 2.", "Another answer."]


def test_changed_back_before_it_was_judged(tmp_path: Path, bank: Bank) -> None:
    """An answer that is put back to the text that was judged is done again, without a call."""
    run, given = tmp_path / "r", rows(1)
    go(run, answers_file(tmp_path, given), bank, FunctionJudge())
    stop = Stop()
    stop.ask()
    other = [{**given[0], "answer": "Other."}]
    _, ended = go(run, answers_file(tmp_path, other), bank, FunctionJudge(), stop=stop)
    assert ended == "interrupted"
    with RunStore.open(run) as store:
        assert store.counts() == Counts(waiting=1)
        assert [s.answer.text for s in store.iterate()] == ["Answer number 1."], "the former result stays in view"
    plan, _ = go(run, answers_file(tmp_path, given), bank, FunctionJudge())
    assert standing(plan) == (0, 0, 0, 1)
    with RunStore.open(run) as store:
        assert store.counts() == Counts(graded=1)


def test_order_candidate_and_extra_columns_change_nothing(tmp_path: Path, bank: Bank) -> None:
    """A row that moves, or gets another candidate or column, is not judged again, and is shown as it is now."""
    run, given = tmp_path / "r", rows(2)
    go(run, answers_file(tmp_path, given), bank, FunctionJudge())
    now = [given[1], {**given[0], "candidate": "Ada", "team": "red"}]
    judge = FunctionJudge()
    plan, _ = go(run, answers_file(tmp_path, now), bank, judge)
    assert (standing(plan), judge.asked) == ((0, 0, 0, 2), [])
    second, first = stored(run)
    assert (second.answer.id, first.answer.id, first.position, dict(first.extra)) == ("a2", "a1", 2, {"team": "red"})
    assert first.evaluation.status == "graded"
    assert first.evaluation.candidate == "Ada"


def test_rows_without_ids_may_be_sorted_and_removed(tmp_path: Path, bank: Bank) -> None:
    """Such rows stay the same answers in any order, as long as those of one candidate to one question keep theirs."""
    run = tmp_path / "r"
    ada: list[Row] = [{"question": "11", "candidate": "Ada", "answer": text} for text in ("First.", "Second.")]
    others: list[Row] = [{"question": "12", "candidate": "Ada", "answer": "x"}, {"question": "11", "answer": "y"}]
    go(run, answers_file(tmp_path, [*ada, *others]), bank, FunctionJudge())
    for given in ([*others, *ada], [ada[0], others[1], ada[1], others[0]], [others[1], ada[0]]):
        plan, _ = go(run, answers_file(tmp_path, given), bank, FunctionJudge())
        assert standing(plan) == (0, 0, 0, len(given))
    plan, _ = go(run, answers_file(tmp_path, [ada[1], ada[0]]), bank, FunctionJudge())
    assert (standing(plan), plan.causes) == ((0, 2, 0, 0), Counter({"answer": 2}))


def test_failed_answers_are_tried_again(tmp_path: Path, bank: Bank) -> None:
    """What could not be judged is kept with its reason and judged again next time; an empty answer is not."""

    def reply(case: Case) -> Assessment:
        if case.answer.id == "a2":
            raise RejectedError("refused", "The judge refused.", attempts=3)
        return all_met(case)

    empty: Row = {"id": "e", "question": "11", "answer": " \n"}
    run = tmp_path / "r"
    given = [*rows(3), empty]
    file = answers_file(tmp_path, given)
    plan, ended = go(run, file, bank, FunctionJudge(reply))
    assert (standing(plan), plan.empty, ended) == ((4, 0, 0, 0), 1, "finished")
    with RunStore.open(run) as store:
        assert store.counts() == Counts(graded=2, ungraded=2)
        assert store.reasons() == {"empty": 1, "refused": 1}
    judge = FunctionJudge()
    plan, _ = go(run, file, bank, judge)
    assert (standing(plan), judge.asked) == ((0, 0, 1, 3), ["a2"])


@pytest.mark.parametrize("reason", ["too_short", "no_prose", "not_english", "nothing_of_its_own"])
def test_what_lies_in_the_text_is_done(tmp_path: Path, bank: Bank, reason: str) -> None:
    """What no judge of this kind could judge is done until its text or the judge changes."""

    def reply(case: Case) -> Assessment:
        if case.answer.id == "a2":
            raise JudgeError(reason, "No.")
        return all_met(case)

    run, given = tmp_path / "r", rows(3)
    go(run, answers_file(tmp_path, given), bank, FunctionJudge(reply))
    judge = FunctionJudge()
    plan, _ = go(run, answers_file(tmp_path, given), bank, judge)
    assert (standing(plan), plan.ungraded, judge.asked) == ((0, 0, 0, 3), 1, [])
    given[1]["answer"] = "Another answer."
    plan, _ = go(run, answers_file(tmp_path, given), bank, judge)
    assert (standing(plan), plan.ungraded, judge.asked) == ((0, 1, 0, 2), 0, ["a2"])


@pytest.mark.parametrize(("calls", "failed"), [(0, 0), (1, 2)])
def test_doubt_is_done_where_no_request_was_sent(tmp_path: Path, bank: Bank, calls: int, failed: int) -> None:
    """A judge that sends no request doubts the same again; a model may be sure the next time."""

    def doubt(case: Case) -> Assessment:
        met = all_met(case, Usage(calls=calls))
        return met.model_copy(update={"findings": tuple(f.model_copy(update={"points": None}) for f in met.findings)})

    run, file = tmp_path / "r", answers_file(tmp_path, rows(2))
    for _ in range(2):
        plan, _ = go(run, file, bank, FunctionJudge(doubt))
    with RunStore.open(run) as store:
        assert store.reasons() == {"too_little_assessed": 2}
    assert standing(plan) == (0, 0, failed, 2 - failed)


def test_reasons_are_those_of_answers_that_are_ungraded(tmp_path: Path, bank: Bank) -> None:
    """An answer that waits to be judged again is counted as waiting, and its former reason is not."""

    def reply(case: Case) -> Assessment:
        raise ReplyError("malformed", f"Not JSON about {case.answer.id}.", attempts=1)

    run, file = tmp_path / "r", answers_file(tmp_path, rows(9))
    go(run, file, bank, FunctionJudge(reply))
    judge = FunctionJudge()
    with RunStore.open(run) as store:
        plan_input(store, open_source(file), bank, Catalog(bank, judge.identity))
        assert (store.counts(), store.reasons()) == (Counts(waiting=9), {})


def test_a_part_is_judged_and_the_rest_waits(tmp_path: Path, bank: Bank) -> None:
    """Only answers to the questions asked for are judged, the first of the input; a preview shows the same."""
    given: list[Row] = [{"id": f"b{n}", "question": ("12", "11")[n % 2], "answer": f"Number {n}."} for n in range(8)]
    source, judge = open_source(answers_file(tmp_path, given)), FunctionJudge()
    catalog = Catalog(bank, judge.identity)
    for part, asked in (
        (Part(limit=3), ["b0", "b2", "b1"]),
        (Part(frozenset(("dora-rollout",)), 2), ["b3", "b5"]),
        (Part(frozenset(("dora-rollout",))), ["b7"]),
        (Part(), ["b4", "b6"]),
    ):
        with RunStore.open(tmp_path / "r", create=True) as store:
            shown = list(part.of(preview_input(store, source, bank, catalog, Plan())))
            plan = plan_input(store, source, bank, catalog)
            batch = Batch(store, catalog, judge, limits=Limits(concurrency=1), budget=Budget(), observe=lambda _: None)
            assert asyncio.run(batch.run(plan, Stop(), part)) == "finished"
            assert judge.asked == asked
            assert sorted(one.answer.id for one in shown) == sorted(asked)
            judge.asked = []
    assert [one.answer.id for one in stored(tmp_path / "r")] == [row["id"] for row in given]


def test_rows_that_are_gone_stay(tmp_path: Path, bank: Bank) -> None:
    """An input with fewer rows deletes nothing, and the plan says how many answers are elsewhere."""
    run = tmp_path / "r"
    go(run, answers_file(tmp_path, rows(4)), bank, FunctionJudge())
    plan, _ = go(run, answers_file(tmp_path, rows(1)), bank, FunctionJudge())
    assert (plan.done, plan.elsewhere, len(stored(run))) == (1, 3, 4)


def test_bad_rows_stop_everything(tmp_path: Path, bank: Bank) -> None:
    """With a bad row nothing is put in; with leave to skip, the rest is, and the run lists the bad row."""
    given: list[Row] = [*rows(2), {"id": "x", "question": "nothing-like-it", "answer": "x"}]
    source, judge = open_source(answers_file(tmp_path, given)), FunctionJudge()
    catalog = Catalog(bank, judge.identity)
    with RunStore.open(tmp_path / "r", create=True) as store:
        with pytest.raises(AnswersError, match=r"1 row cannot be used:\n.*answers.jsonl:3: question: found"):
            plan_input(store, source, bank, catalog)
        assert store.counts() == Counts()
        plan = plan_input(store, source, bank, catalog, skip_bad=True)
        assert (plan.new, len(plan.skipped)) == (2, 1)
    connection = sqlite3.connect(tmp_path / "r")
    assert connection.execute("SELECT line, field, found FROM skipped_rows").fetchall() == [
        (3, "question", '"nothing-like-it"')
    ]
    connection.close()


def test_a_table_that_can_be_read_in_part_is_refused(tmp_path: Path, bank: Bank) -> None:
    """Behind a quote that is wrong nobody knows where a row begins: nothing is put in, with leave to skip neither."""
    file = tmp_path / "a.csv"
    file.write_text('question,answer\n11,x\nnope,x\n12,"he said "yes" to it"\n12,"fine"\n', encoding="utf-8")
    catalog = Catalog(bank, FunctionJudge().identity)
    with RunStore.open(tmp_path / "r", create=True) as store:
        with pytest.raises(AnswersError, match=r"Nothing behind line 4 could be read, so that --skip-bad") as caught:
            plan_input(store, open_source(file), bank, catalog, skip_bad=True)
        assert store.counts() == Counts()
    assert [problem.line for problem in caught.value.problems] == [3, 4]


def test_problems_beyond_those_that_are_kept_are_counted(
    tmp_path: Path, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of many bad rows only the first are listed, and all are counted."""
    monkeypatch.setattr(plan_module, "_MOST_PROBLEMS", 2)
    bad: list[Row] = [{"id": str(n), "question": "nope", "answer": "x"} for n in range(5)]
    source, catalog = open_source(answers_file(tmp_path, [*rows(1), *bad])), Catalog(bank, FunctionJudge().identity)
    with RunStore.open(tmp_path / "r", create=True) as store:
        with pytest.raises(AnswersError, match=r"^5 rows cannot be used:\n(  .*\n){2}Mend") as caught:
            plan_input(store, source, bank, catalog)
        plan = plan_input(store, source, bank, catalog, skip_bad=True)
    assert (plan.bad, len(plan.skipped), len(caught.value.problems)) == (5, 2, 2)


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes there")
def test_names_that_are_no_unicode_are_kept_spelt_out(tmp_path: Path, bank: Bank) -> None:
    """A folder whose name is not UTF-8, in an input whose name is not either, is skipped like any bad row."""
    folder = tmp_path / os.fsdecode(b"r\xe9")
    for name in ("Ada", os.fsdecode(b"Jos\xe9")):
        (folder / name).mkdir(parents=True)
        (folder / name / "11.md").write_text("x", encoding="utf-8")
    with RunStore.open(tmp_path / "r", create=True) as store:
        catalog = Catalog(bank, FunctionJudge().identity)
        plan = plan_input(store, open_source(folder), bank, catalog, skip_bad=True)
    assert (plan.new, plan.bad) == (1, 1)
    connection = sqlite3.connect(tmp_path / "r")
    assert connection.execute("SELECT input FROM sessions").fetchall() == [(f"{tmp_path}/r\\udce9",)]
    assert connection.execute("SELECT file, found FROM skipped_rows").fetchall() == [
        (f"{tmp_path}/r\\udce9/Jos\\udce9/11.md", "a name that is not UTF-8")
    ]
    connection.close()


def test_no_answers(tmp_path: Path, bank: Bank) -> None:
    """An input without answers is refused."""
    judge = FunctionJudge()
    file = tmp_path / "a.csv"
    file.write_text("question,answer\n", encoding="utf-8")
    with RunStore.open(tmp_path / "r", create=True) as store, pytest.raises(InputError, match="has no answers"):
        plan_input(store, open_source(file), bank, Catalog(bank, judge.identity))


def test_preview_writes_nothing(tmp_path: Path, bank: Bank) -> None:
    """A preview says what a batch would judge, with and without a run, and leaves the run as it is."""
    run, judge = tmp_path / "r", FunctionJudge()
    go(run, answers_file(tmp_path, rows(2)), bank, judge)
    source, catalog = open_source(answers_file(tmp_path, rows(3))), Catalog(bank, judge.identity)
    plan = Plan()
    assert len(list(preview_input(None, source, bank, catalog, plan))) == 3
    with RunStore.open(run) as store:
        plan = Plan()
        assert [n.answer.id for n in preview_input(store, source, bank, catalog, plan)] == ["a3"]
        assert standing(plan) == (1, 0, 0, 2)
        assert store.counts() == Counts(graded=2)
