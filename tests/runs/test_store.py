from __future__ import annotations

import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, inspect, text

from evaluator.bank import Bank
from evaluator.domain import Usage
from evaluator.errors import InputError, UsageError
from evaluator.runs.batch import Catalog, plan_input
from evaluator.runs.inputs import open_source
from evaluator.runs.store import Counts, RunStore, Spent
from evaluator.runs.store.database import Database
from evaluator.runs.store.migrations import STEPS, migrate
from evaluator.runs.store.schema import metadata
from tests.runs.kit import FunctionJudge, answers_file, go, rows, stored


def test_what_goes_in_comes_out(tmp_path: Path, bank: Bank) -> None:
    """A stored evaluation comes with its answer, its extra columns, and the time in UTC."""
    row = {"id": "a1", "question": "11", "answer": "Größe\n\U0001f600", "candidate": "Ada", "team": "red"}
    go(tmp_path / "r", answers_file(tmp_path, [row]), bank, FunctionJudge())
    (one,) = stored(tmp_path / "r")
    assert (one.position, one.answer.text, one.answer.candidate) == (1, "Größe\n\U0001f600", "Ada")
    assert dict(one.extra) == {"team": "red"}
    assert one.evaluation.status == "graded"
    assert one.evaluation.score == 100
    assert one.graded_at.tzinfo == UTC
    assert datetime.now(UTC) - one.graded_at < timedelta(minutes=5)


def test_order_and_filters(tmp_path: Path, bank: Bank) -> None:
    """Evaluations come in the order of the input, and can be narrowed to a question or a candidate."""
    given = [
        {"id": "c", "question": "12", "answer": "x", "candidate": "Ada"},
        {"id": "a", "question": "11", "answer": "x", "candidate": "Ada"},
        {"id": "b", "question": "12", "answer": "x", "candidate": "Ben"},
    ]
    judge = FunctionJudge()
    go(tmp_path / "r", answers_file(tmp_path, given), bank, judge)
    with RunStore.open(tmp_path / "r") as store:
        assert [s.answer.id for s in store.iterate()] == ["c", "a", "b"]
        assert [s.answer.id for s in store.iterate(question=bank.find("12").id)] == ["c", "b"]
        assert [s.answer.id for s in store.iterate(candidate="Ada")] == ["c", "a"]
        assert list(store.questions()) == [bank.find("12").id, bank.find("11").id]
        assert store.rubrics()["dora-rollout"] == bank.rubric("dora-rollout")
        assert store.scale() == bank.scale
        assert store.counts() == Counts(graded=3)
        assert store.judges() == {"function": 3}
        assert [(s.name, s.calls, s.cost_usd) for s in store.spent("candidate")] == [("Ada", 2, 0.5), ("Ben", 1, 0.25)]
    assert judge.asked == ["c", "b", "a"], "question by question, so that providers keep the common part"


def test_answers_that_wait_have_no_evaluation_yet(tmp_path: Path, bank: Bank) -> None:
    """Reading leaves them out, with the history and without, and in the cohorts."""
    run, judge = tmp_path / "r", FunctionJudge()
    go(run, answers_file(tmp_path, rows(2)), bank, judge)
    with RunStore.lock(run), RunStore.open(run) as store:
        plan_input(store, open_source(answers_file(tmp_path, rows(3))), bank, Catalog(bank, judge.identity))
        assert store.counts() == Counts(graded=2, waiting=1)
        for found in (store.iterate(), store.iterate(history=True)):
            assert [s.answer.id for s in found] == ["a1", "a2"]
        assert [name for cohort in store.cohorts() for name, _, _ in cohort] == ["a1", "a2"]


def test_cohorts_hold_what_was_judged(tmp_path: Path, bank: Bank) -> None:
    """Question by question: who wrote what, in the order of the input; of an answer judged twice the latest text."""
    given = [
        {"id": "c", "question": "12", "answer": "old", "candidate": "Ada"},
        {"id": "a", "question": "11", "answer": "x"},
        {"id": "b", "question": "12", "answer": "y", "candidate": "Ben"},
    ]
    run = tmp_path / "r"
    go(run, answers_file(tmp_path, given), bank, FunctionJudge())
    go(run, answers_file(tmp_path, [{**given[0], "answer": "new"}, *given[1:]]), bank, FunctionJudge())
    eleven, twelve = [("a", None, "x")], [("c", "Ada", "new"), ("b", "Ben", "y")]
    with RunStore.open(run) as store:
        assert sorted(map(list, store.cohorts())) == [eleven, twelve]
        found = [list(cohort) for cohort in store.cohorts(question=bank.find("12").id)]
        assert [cohort for cohort in found if cohort] == [twelve]


@pytest.mark.parametrize("history", [False, True])
def test_reading_sorts_nothing(tmp_path: Path, bank: Bank, history: bool) -> None:
    """The order is that of an index, so that the first evaluation of a large run comes at once and memory stays flat."""
    go(tmp_path / "r", answers_file(tmp_path, rows(3)), bank, FunctionJudge())
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        with RunStore.open(tmp_path / "r") as store:
            assert len(list(store.iterate(history=history))) == 3
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    connection = sqlite3.connect(tmp_path / "r")
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {asked[-1]}")]
    connection.close()
    assert plan[0] == "SCAN answers USING INDEX answers_by_position"
    assert not [step for step in plan if "TEMP B-TREE" in step]


def test_only_a_write_that_waits_syncs(tmp_path: Path) -> None:
    """Within a transaction that does not wait the disk is not waited for; afterwards, and after a failure, it is."""
    database = Database.open(tmp_path / "r", create=True)

    def level(*, wait: bool = True, fail: bool = False) -> int:
        with database.writing(wait=wait) as connection:
            found = connection.execute(text("PRAGMA synchronous")).scalar_one()
            if fail:
                raise KeyError
        return int(found)

    assert (level(wait=False), level()) == (1, 2)
    with pytest.raises(KeyError):
        level(wait=False, fail=True)
    assert level() == 2
    database.close()


def test_a_reader_does_not_disturb_a_writer(tmp_path: Path, bank: Bank) -> None:
    """Somebody who reads the run while it is written sees the state from when the reading began."""
    run = tmp_path / "r"
    go(run, answers_file(tmp_path, rows(3)), bank, FunctionJudge())
    with RunStore.open(run) as store:
        reading = store.iterate()
        assert next(reading).answer.id == "a1"
        go(run, answers_file(tmp_path, rows(5)), bank, FunctionJudge())
        assert [s.answer.id for s in reading] == ["a2", "a3"]
        assert store.counts().graded == 5


def test_no_run(tmp_path: Path) -> None:
    """What is no run is not opened, and not changed."""
    with pytest.raises(InputError, match=r"There is no run .*none\."):
        RunStore.open(tmp_path / "none")
    (tmp_path / "text").write_text("question,answer\n", encoding="utf-8")
    with pytest.raises(InputError, match="is no run of evaluator"):
        RunStore.open(tmp_path / "text", create=True)
    (tmp_path / "empty").touch()
    with pytest.raises(InputError, match="is empty"):
        RunStore.open(tmp_path / "empty")
    other = sqlite3.connect(tmp_path / "other")
    other.execute("CREATE TABLE songs (name TEXT)")
    other.close()
    with pytest.raises(InputError, match="is a database, but no run of evaluator"):
        RunStore.open(tmp_path / "other", create=True)
    with pytest.raises(
        InputError, match=r"cannot be used: unable to open database file\.\nCheck that .*nowhere exists"
    ):
        RunStore.open(tmp_path / "nowhere" / "r", create=True)


def test_a_damaged_run(tmp_path: Path, bank: Bank) -> None:
    """A run whose pages are overwritten is refused in a sentence."""
    run = tmp_path / "r"
    go(run, answers_file(tmp_path, rows(3)), bank, FunctionJudge())
    with run.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 8000)
    with pytest.raises(InputError, match=r"cannot be used: .*\n?"), RunStore.open(run) as store:
        list(store.iterate())


def test_migrations_happen_all_or_not_at_all(tmp_path: Path) -> None:
    """An older run is brought up to date; when a step fails, the run is as it was."""
    path = tmp_path / "r"
    RunStore.open(path, create=True).close()
    database = Database.open(path, create=False)

    def add(connection: object) -> None:
        connection.execute(text("CREATE TABLE added (x INTEGER)"))  # type: ignore[attr-defined]

    def fail(connection: object) -> None:
        del connection
        raise RuntimeError("no")

    with pytest.raises(RuntimeError), database.writing() as connection:
        migrate(connection, path, (*STEPS, add, fail))
    with database.reading() as connection:
        assert not connection.execute(text("SELECT name FROM sqlite_master WHERE name = 'added'")).all()
    with database.writing() as connection:
        migrate(connection, path, (*STEPS, add))
    with database.reading() as connection:
        assert connection.execute(text("SELECT value FROM run_info WHERE key = 'schema_version'")).scalar() == str(
            len(STEPS) + 1
        )
    database.close()
    with pytest.raises(InputError, match=rf"has schema version {len(STEPS) + 1}; this version of evaluator knows"):
        RunStore.open(path)


def test_a_run_of_the_first_version_is_read(tmp_path: Path, bank: Bank) -> None:
    """A run that was made before spending on unfinished answers was kept opens, and its sums are the same."""
    run = tmp_path / "r"
    go(run, answers_file(tmp_path, rows(2)), bank, FunctionJudge())
    connection = sqlite3.connect(run)
    connection.executescript("DROP TABLE unfinished; UPDATE run_info SET value = '1' WHERE key = 'schema_version'")
    connection.close()
    with RunStore.open(run) as store:
        assert (store.counts(), store.spent()[0].calls) == (Counts(graded=2), 2)
        store.keep_unfinished(1, [(2, Usage(calls=3, input_tokens=7, output_tokens=5, cost_usd=0.5))])
        (spent,) = store.spent("question")
    assert spent == Spent("dora-rollout", 2, 5, 207, 25, 1.0, 0)


def test_tables_are_as_the_steps_make_them(tmp_path: Path) -> None:
    """What the migrations have made has the tables and columns that the code knows."""
    RunStore.open(tmp_path / "r", create=True).close()
    database = Database.open(tmp_path / "r", create=False)
    with database.reading() as connection:
        found = inspect(connection)
        assert {name: [c["name"] for c in found.get_columns(name)] for name in found.get_table_names()} == {
            name: table.columns.keys() for name, table in metadata.tables.items()
        }
    database.close()


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    """A second process is refused as long as the first has the run, and not after it has died."""
    run = tmp_path / "r"
    code = (
        "import sys, time\nfrom evaluator.runs.store import RunStore\n"
        "with RunStore.lock(sys.argv[1]):\n    print('locked', flush=True)\n    time.sleep(60)\n"
    )
    holder = subprocess.Popen([sys.executable, "-c", code, str(run)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "locked\n"
    with pytest.raises(UsageError, match="Another process works on the run"), RunStore.lock(run):
        pass
    holder.kill()
    holder.wait()
    holder.stdout.close()
    with RunStore.lock(run), pytest.raises(UsageError), RunStore.lock(run):
        pass
    assert not run.with_name("r.lock").exists()


def test_an_answer_has_one_current_evaluation(tmp_path: Path, bank: Bank) -> None:
    """The database itself refuses a second current evaluation of an answer."""
    run = tmp_path / "r"
    go(run, answers_file(tmp_path, rows(1)), bank, FunctionJudge())
    connection = sqlite3.connect(run)
    columns = [row[1] for row in connection.execute("PRAGMA table_info(evaluations)") if row[1] != "number"]
    names = ", ".join(columns)
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        connection.execute(f"INSERT INTO evaluations ({names}) SELECT {names} FROM evaluations")  # noqa: S608
    connection.close()


def test_views_for_readers(tmp_path: Path, bank: Bank) -> None:
    """With sqlite3 at hand one sees answers with their results, and their findings."""
    run = tmp_path / "r"
    go(run, answers_file(tmp_path, rows(1)), bank, FunctionJudge())
    connection = sqlite3.connect(run)
    assert connection.execute("SELECT answer, question, state, score, judge, text FROM results").fetchall() == [
        ("a1", "dora-rollout", "graded", 100.0, "function", "Answer number 1.")
    ]
    found = connection.execute("SELECT criterion, verdict, credit FROM findings").fetchall()
    assert found == [(c.id, "met", 1.0) for c in bank.rubric("dora-rollout").criteria]
    connection.close()
