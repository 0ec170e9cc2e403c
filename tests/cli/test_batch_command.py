from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluator.cli import main, wiring
from evaluator.domain import Assessment
from evaluator.errors import JudgeError, RejectedError, ReplyError, UnreachableError
from evaluator.judges import Case, Gate, Judge
from evaluator.runs.store import Counts, RunStore
from tests.runs.kit import FunctionJudge, Row, answers_file, rows

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Runs `evaluator ...` with a judge; returns status, standard output and standard error."""

    def run(judge: Judge, *arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(wiring, "build_judge", lambda _: judge)
        monkeypatch.setattr(sys, "argv", ["evaluator", *map(str, arguments)])
        status: object = 0
        try:
            main.run()
        except SystemExit as end:
            status = end.code or 0
        out, err = capsys.readouterr()
        assert isinstance(status, int)
        return status, out, err

    return run


def refuse(case: Case) -> Assessment:
    """Refuses every answer."""
    raise RejectedError("refused", f"Not {case.answer.id}.", attempts=1)


def test_first_and_second_time(tmp_path: Path, call: Call) -> None:
    """A batch says what there is to do, and where the run stands; the second time there is nothing to do."""
    file, run = answers_file(tmp_path, [{**r, "candidate": "Ada"} for r in rows(3)]), tmp_path / "my run"
    status, out, err = call(FunctionJudge(), "batch", file, "--run", run)
    assert (status, err) == (
        0,
        "3 answers: 3 new, 0 changed, 0 failed before, 0 done.\n"
        + err.splitlines(keepends=True)[1]
        + "All answers of the input have been judged.\n",
    )
    assert err.splitlines()[1].startswith("3 of 3: 3 graded, 0 ungraded, 0 waiting; ")
    assert err.splitlines()[1].endswith(" left; 3 calls, $0.7500")
    assert out == (
        f"{run}: 3 graded, 0 ungraded, 0 waiting.\n\n"
        "question      judged  calls  tokens in  tokens out     cost\n"
        "------------  ------  -----  ---------  ----------  -------\n"
        "dora-rollout       3      3        300          30  $0.7500\n"
        "------------  ------  -----  ---------  ----------  -------\n"
        "all                3      3        300          30  $0.7500\n\n"
        "candidate  judged  calls  tokens in  tokens out     cost\n"
        "---------  ------  -----  ---------  ----------  -------\n"
        "Ada             3      3        300          30  $0.7500\n"
        "---------  ------  -----  ---------  ----------  -------\n"
        "all             3      3        300          30  $0.7500\n\n"
        f'Next: evaluator report "{run}" -o report.html\n'
    )
    status, _, err = call(FunctionJudge(), "batch", file, "--run", run)
    assert (status, err.splitlines()[0]) == (0, "3 answers: 0 new, 0 changed, 0 failed before, 3 done.")


def test_json(tmp_path: Path, call: Call) -> None:
    """With --format json standard output is one JSON object."""
    file, run = answers_file(tmp_path, rows(2)), tmp_path / "r"
    status, out, _ = call(FunctionJudge(), "batch", file, "--run", run, "--format", "json")
    data = json.loads(out)
    assert status == 0
    assert (data["schema"], data["ended"], data["plan"]["new"]) == (1, "finished", 2)
    assert data["counts"] == {"graded": 2, "ungraded": 0, "waiting": 0, "superseded": 0}
    assert data["spent"]["total"]["cost_usd"] == 0.5
    assert [q["question"] for q in data["spent"]["by_question"]] == ["dora-rollout"]
    assert [c["candidate"] for c in data["spent"]["by_candidate"]] == [None]


def test_ungraded_is_status_1(tmp_path: Path, call: Call) -> None:
    """When something could not be judged the status is 1, and the reasons are counted."""
    file = answers_file(tmp_path, rows(2))
    status, out, _ = call(FunctionJudge(refuse), "batch", file, "--run", tmp_path / "r")
    assert status == 1
    assert "r: 0 graded, 2 ungraded, 0 waiting.\n  ungraded: 2 refused\n" in out


def test_a_farewell_is_true(tmp_path: Path, call: Call) -> None:
    """At the end it is said how many could not be judged, and whether the same command tries them again."""

    def junk(case: Case) -> Assessment:
        raise ReplyError("malformed", f"Not JSON about {case.answer.id}.", attempts=1)

    def short(case: Case) -> Assessment:
        raise JudgeError("too_short", f"{case.answer.id} has 3 words.")

    given: list[Row] = [*rows(9), {"id": "e", "question": "11", "answer": ""}]
    file, run = answers_file(tmp_path, given), tmp_path / "r"
    status, out, err = call(FunctionJudge(junk), "batch", file, "--run", run)
    assert (status, err.splitlines()[-1]) == (
        1,
        "All answers of the input have been tried; 10 could not be judged. The same command tries 9 again.",
    )
    assert "r: 0 graded, 10 ungraded, 0 waiting.\n  ungraded: 9 malformed\n  ungraded: 1 empty\n" in out
    judge = FunctionJudge(short)
    judge.estimate = lambda _: type("E", (), {"calls": 1, "cost_usd": 0.0})()  # type: ignore[attr-defined]
    status, out, _ = call(judge, "batch", file, "--run", run, "--max-calls", "9")
    assert (status, judge.asked) == (4, [])
    assert "r: 0 graded, 1 ungraded, 9 waiting.\n  ungraded: 1 empty\n" in out
    for first in ("0 new, 0 changed, 9 failed before, 1 done (1 ungraded).", "0 failed before, 10 done (10 ungraded)."):
        status, _, err = call(judge, "batch", file, "--run", run)
        assert (status, len(judge.asked)) == (1, 9)
        assert err.splitlines()[0].endswith(first)
        assert err.splitlines()[-1] == (
            "All answers of the input have been tried; 10 could not be judged. "
            "What is ungraded stays so until text, rubric or judge changes."
        )


def test_a_part_can_be_asked_for(tmp_path: Path, call: Call) -> None:
    """--question and --limit judge a part, --dry-run estimates it, and what is left is said."""
    more: list[Row] = [{"id": "b", "question": "12", "answer": "x"}]
    file, run, judge = answers_file(tmp_path, [*rows(4), *more]), tmp_path / "r", FunctionJudge()
    judge.estimate = lambda _: type(  # type: ignore[attr-defined]
        "E", (), {"calls": 1, "input_tokens": 5, "output_tokens": 3, "cost_usd": 0.25}
    )()
    part = ("batch", file, "--run", run, "--question", "11", "--limit", "3")
    _, out, _ = call(judge, *part, "--dry-run")
    assert [line.split()[:2] for line in out.splitlines() if line.startswith(("dora", "all"))] == [
        ["dora-rollout", "3"],
        ["all", "3"],
    ]
    for asked, last in (
        (["a1", "a2", "a3"], "All answers asked for have been judged. Still to judge: 2."),
        (["a4"], "All answers asked for have been judged. Still to judge: 1."),
        ([], "There was nothing to judge of what was asked for. Still to judge: 1."),
    ):
        judge.asked = []
        status, _, err = call(judge, *part)
        assert (status, judge.asked, err.splitlines()[-1]) == (1, asked, last)
    status, _, err = call(judge, "batch", file, "--run", run, "--question", "11", "--question", "12")
    assert (status, err.splitlines()[-1]) == (0, "All answers of the input have been judged.")
    status, _, err = call(judge, "batch", file, "--run", run, "--question", "no-such")
    assert (status, err.splitlines()[0][:32]) == (2, 'evaluator: No question "no-such"')


@pytest.mark.skipif(sys.platform == "win32", reason="names hold no such characters there")
def test_the_name_of_a_file_does_not_act_on_a_terminal(tmp_path: Path, call: Call) -> None:
    """A file whose name holds an escape sequence is named in a complaint with the sequence spelt out."""
    (tmp_path / "in" / "Ada").mkdir(parents=True)
    (tmp_path / "in" / "Ada" / "\x1b[2Jx  y.md").write_text("x", encoding="utf-8")
    status, _, err = call(FunctionJudge(), "batch", tmp_path / "in", "--run", tmp_path / "r")
    assert status == 2
    assert f"{tmp_path}/in/Ada/\\x1b[2Jx  y.md" in err
    assert "\x1b" not in err


def test_unreachable_is_status_3(tmp_path: Path, call: Call) -> None:
    """When the judge was never reached the status is 3."""

    def reply(case: Case) -> Assessment:
        raise UnreachableError("auth", f"The judge answered with status 401 to {case.question.id}.", "Check the key.")

    file = answers_file(tmp_path, rows(20))
    status, _, err = call(FunctionJudge(reply), "batch", file, "--run", tmp_path / "r")
    assert status == 3
    assert err.splitlines()[-2:] == [
        "evaluator: The judge answered with status 401 to dora-rollout.",
        "Check the key.",
    ]


def test_bad_rows_are_status_2(tmp_path: Path, call: Call) -> None:
    """Bad rows are all listed before anything is graded, and no run is left behind."""
    file = answers_file(tmp_path, [*rows(1), {"question": "nope", "answer": "x"}, {"question": "11"}, {"answer": "x"}])
    judge, run = FunctionJudge(), tmp_path / "r"
    status, out, err = call(judge, "batch", file, "--run", run)
    assert (status, out, judge.asked, run.exists()) == (2, "", [], False)
    assert err.startswith("evaluator: 2 rows cannot be used:\n")
    assert f'{file}:2: question: found "nope"; expected a question of the bank' in err
    assert f"{file}:4: question: found nothing; expected" in err
    assert err.endswith("Mend them, or go on without them with --skip-bad. Nothing was graded.\n")
    status, _, err = call(judge, "batch", file, "--run", run, "--skip-bad")
    assert (status, judge.asked) == (1, ["a1"])
    assert "2 rows skipped (see the table skipped_rows of the run):" in err
    assert "1 answer without text: ungraded, no call." in err


def test_a_table_that_can_be_read_in_part_is_status_2(tmp_path: Path, call: Call) -> None:
    """Leave to skip rows is no leave to pass over the rest of a table in silence."""
    file, judge = tmp_path / "a.csv", FunctionJudge()
    file.write_text('question,answer\n11,x\n12,"he said "yes" to it"\n12,fine\n', encoding="utf-8")
    status, _, err = call(judge, "batch", file, "--run", tmp_path / "r", "--skip-bad")
    assert (status, judge.asked) == (2, [])
    assert "Nothing behind line 3 could be read, so that --skip-bad does not help. Mend that row first." in err


def test_a_candidate_cannot_forge_the_table_of_costs(tmp_path: Path, call: Call) -> None:
    """A name that holds a line end and an escape sequence is one cell of one line."""
    file = answers_file(tmp_path, [{**row, "candidate": "\x1b[2JEve\nall 1 1"} for row in rows(1)])
    _, out, _ = call(FunctionJudge(), "batch", file, "--run", tmp_path / "r")
    assert "\x1b" not in out
    assert [line.split()[:3] for line in out.splitlines() if "Eve" in line] == [["<U+001B>[2JEve", "all", "1"]]


class Paused(FunctionJudge):
    """A judge whose server asks for a pause with its first reply."""

    def send_through(self, gate: Gate) -> None:
        """Take the gate."""
        self._gate = gate

    async def assess(self, case: Case) -> Assessment:
        """Ask, and be sent away."""
        async with self._gate.request():
            pass
        self._gate.throttled(3600)
        raise RejectedError("rate_limited", f"Not {case.answer.id}.", attempts=1)


def test_a_pause_longer_than_patience_is_said(tmp_path: Path, call: Call) -> None:
    """The pause is said in the progress and at the end, the answers wait, and the status is 1."""
    file = answers_file(tmp_path, rows(9))
    status, out, err = call(Paused(), "batch", file, "--run", tmp_path / "r", "--concurrency", "2", "--patience", "60")
    assert status == 1
    assert "0 graded, 0 ungraded, 9 waiting." in out
    assert err.count("; the server asks for a pause of 1:00:00\n") == 1
    assert "The server asks for a pause of 1:00:00, longer than --patience; what was finished is saved in " in err


def test_the_help_says_what_patience_holds_for(call: Call) -> None:
    """Patience is also the longest pause that is made when a server asks for one; the help says so."""
    _, out, _ = call(FunctionJudge(), "batch", "--help")
    words = " ".join(word for word in out.replace("\u2502", " ").split())
    assert "the longest pause that is made when a server asks for one" in words


def test_budget_is_status_4(tmp_path: Path, call: Call) -> None:
    """A budget of calls ends the batch with status 4 and says how to go on."""
    judge = FunctionJudge()
    judge.estimate = lambda _: type("E", (), {"calls": 1, "cost_usd": 0.25})()  # type: ignore[attr-defined]
    file, run = answers_file(tmp_path, rows(9)), tmp_path / "r"
    status, out, err = call(judge, "batch", file, "--run", run, "--max-calls", "4", "--concurrency", "2")
    assert (status, len(judge.asked)) == (4, 4)
    assert "4 graded, 0 ungraded, 5 waiting." in out
    assert f"The budget ends here; what was finished is saved in {run}." in err
    status, _, _ = call(judge, "batch", file, "--run", run, "--max-calls", "4")
    assert (status, len(judge.asked)) == (4, 4), "the limit is one of the run, and not of each session"
    status, _, _ = call(judge, "batch", file, "--run", run, "--max-calls", "9")
    assert (status, len(judge.asked)) == (0, 9)


def test_dry_run(tmp_path: Path, call: Call) -> None:
    """A dry run shows calls, tokens and cost by question, asks nobody and writes nothing."""
    judge = FunctionJudge()
    estimate = {"calls": 2, "input_tokens": 1500, "output_tokens": 300, "cost_usd": 0.125}
    judge.estimate = lambda _: type("E", (), estimate)()  # type: ignore[attr-defined]
    more: list[Row] = [{"id": "b1", "question": "12", "answer": "x"}, {"id": "e", "question": "11", "answer": ""}]
    given = [*rows(2), *more]
    file, run = answers_file(tmp_path, given), tmp_path / "r"
    status, out, err = call(judge, "batch", file, "--run", run, "--dry-run")
    assert (status, err, judge.asked, run.exists()) == (0, "", [], False)
    lines = [line.split() for line in out.splitlines()]
    assert ["dora-rollout", "3", "4", "3,000", "600", "$0.2500"] in lines
    assert ["all", "4", "6", "4,500", "900", "$0.3750"] in lines
    status, out, _ = call(judge, "batch", file, "--run", run, "--dry-run", "--format", "json")
    assert json.loads(out)["total"] == {"answers": 4, **estimate, "calls": 6, "input_tokens": 4500,
                                        "output_tokens": 900, "cost_usd": 0.375}  # fmt: skip


def test_unknown_price_is_said(tmp_path: Path, call: Call) -> None:
    """Where the price is unknown a dry run says so, and a limit of cost is refused."""
    judge = FunctionJudge()
    estimate = {"calls": 1, "input_tokens": 15, "output_tokens": 3, "cost_usd": None}
    judge.estimate = lambda _: type("E", (), estimate)()  # type: ignore[attr-defined]
    file, run = answers_file(tmp_path, rows(1)), tmp_path / "r"
    _, out, _ = call(judge, "batch", file, "--run", run, "--dry-run")
    assert "The price of this model is not known." in out
    status, _, err = call(judge, "batch", file, "--run", run, "--max-cost", "1")
    assert (status, judge.asked) == (2, [])
    assert "The price of this model is not known, so that --max-cost cannot be held." in err


def test_several_judges_are_said(tmp_path: Path, call: Call) -> None:
    """A run that mixes judges says so."""
    run = tmp_path / "r"
    call(FunctionJudge(), "batch", answers_file(tmp_path, rows(3)), "--run", run)

    class Other(FunctionJudge):
        @property
        def identity(self):  # type: ignore[no-untyped-def]  # noqa: ANN202
            """Another one."""
            return type(super().identity)(judge="other", model="other", prompt=None, settings="")

    status, out, err = call(Other(), "batch", answers_file(tmp_path, rows(1)), "--run", run)
    assert status == 0
    assert err.startswith(
        "1 answer: 0 new, 1 changed (judge 1), 0 failed before, 0 done.\nThe run also holds 2 answers"
    )
    assert "The run holds evaluations by several judges: function 2, other 1." in out
    with RunStore.open(run) as store:
        assert store.counts() == Counts(graded=3, superseded=1)


@pytest.mark.parametrize(
    ("form", "rows_", "lines"), [("csv", "answers", 3), ("jsonl", "answers", 2), ("csv", "findings", 17)]
)
def test_export(tmp_path: Path, call: Call, form: str, rows_: str, lines: int) -> None:
    """A run is exported to the terminal or to a file, with the same lines."""
    run, file = tmp_path / "r", tmp_path / "x"
    call(FunctionJudge(), "batch", answers_file(tmp_path, rows(2)), "--run", run)
    arguments = ("export", run, "--format", form, "--rows", rows_)
    _, out, _ = call(FunctionJudge(), *arguments)
    status, nothing, err = call(FunctionJudge(), *arguments, "-o", file)
    assert (status, nothing, err) == (0, "", f"Written to {file}.\n")
    text = file.read_bytes().decode("utf-8-sig")
    assert text == out
    assert len(list(csv.reader(io.StringIO(text))) if form == "csv" else text.splitlines()) == lines


def test_parquet_needs_a_file(tmp_path: Path, call: Call) -> None:
    """Parquet is not written to a terminal."""
    status, _, err = call(FunctionJudge(), "export", tmp_path / "r", "--format", "parquet")
    assert (status, err) == (2, "evaluator: Parquet is not for the terminal.\nName a file with -o.\n")
