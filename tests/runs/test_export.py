from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluator.bank import Bank
from evaluator.domain import Assessment
from evaluator.errors import RejectedError
from evaluator.judges import Case
from evaluator.runs.export import answer_rows, finding_rows, write_csv, write_evaluations, write_jsonl, write_parquet
from evaluator.runs.export.write import harmless
from evaluator.runs.store import RunStore
from tests.runs.kit import FunctionJudge, all_met, answers_file, go

NASTY = '=HYPERLINK("http://x")'


@pytest.fixture
def run(tmp_path: Path, bank: Bank) -> Path:
    """A run with one graded and one ungraded answer, both by somebody who likes formulas."""

    def reply(case: Case) -> Assessment:
        if case.answer.id == "a2":
            raise RejectedError("refused", "No.", attempts=1)
        return all_met(case)

    given = [
        {"id": "a1", "question": "11", "answer": NASTY, "candidate": "@ada", "score": "7", "=team": "+1"},
        {"id": "a2", "question": "11", "answer": "y\nz"},
    ]
    go(tmp_path / "r", answers_file(tmp_path, given), bank, FunctionJudge(reply))
    return tmp_path / "r"


def test_answers_as_csv(run: Path) -> None:
    """One row per answer; formulas are neutralised, in names too; a column whose name is taken gets another."""
    out = io.StringIO(newline="")
    with RunStore.open(run) as store:
        write_csv(answer_rows(store.iterate(), store.extra_names()), out)
    first, second = csv.DictReader(io.StringIO(out.getvalue(), newline=""))
    assert (first["answer_id"], first["score"], first["met"], first["cost_usd"]) == ("a1", "100.0", "7", "0.25")
    assert (first["answer"], first["candidate"], first["'=team"], first["input.score"]) == (
        f"'{NASTY}",
        "'@ada",
        "'+1",
        "7",
    )
    assert (second["status"], second["score"], second["reason"], second["answer"]) == (
        "ungraded",
        "",
        "refused",
        "y\nz",
    )


@given(st.text(max_size=10))
def test_no_text_is_a_formula(text: str) -> None:
    """Whatever a person writes, no cell begins with what a spreadsheet takes for a formula; others stay as they are."""
    cell = str(harmless(text))
    assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))
    assert cell in (text, f"'{text}")


def test_numbers_are_no_formulas() -> None:
    """A negative number stays a number."""
    assert harmless(-1.5) == -1.5


def test_findings(run: Path, bank: Bank) -> None:
    """One row per criterion and red flag of what is graded."""
    out = io.StringIO()
    with RunStore.open(run) as store:
        write_jsonl(finding_rows(store.iterate(), store.extra_names()), out)
    found = [json.loads(line) for line in out.getvalue().splitlines()]
    rubric = bank.rubric("dora-rollout")
    assert [f["id"] for f in found] == [*(c.id for c in rubric.criteria), *(f.id for f in rubric.red_flags)]
    first = found[0]
    assert (first["kind"], first["verdict"], first["points_met"]) == (
        "criterion",
        "met",
        len(rubric.criteria[0].points),
    )
    assert (found[-1]["kind"], found[-1]["verdict"], found[-1]["credit"]) == ("red_flag", "absent", None)
    assert found[0]["=team"] == "+1"


def test_evaluations_as_json(run: Path) -> None:
    """JSON lines are the evaluations as one evaluation is printed."""
    out = io.StringIO()
    with RunStore.open(run) as store:
        write_evaluations(store.iterate(), out)
    first, second = (json.loads(line) for line in out.getvalue().splitlines())
    assert (first["schema"], first["status"], first["answer_id"], first["candidate"]) == (1, "graded", "a1", "@ada")
    assert (second["schema"], second["status"], second["reason"], second["attempts"]) == (1, "ungraded", "refused", 1)


def test_parquet(run: Path, tmp_path: Path) -> None:
    """Parquet has typed columns, and text as it is."""
    parquet = pytest.importorskip("pyarrow.parquet")
    with RunStore.open(run) as store:
        write_parquet(answer_rows(store.iterate(), store.extra_names()), tmp_path / "x.parquet")
    table = parquet.read_table(tmp_path / "x.parquet")
    assert table.column("score").to_pylist() == [100.0, None]
    assert table.column("answer").to_pylist() == [NASTY, "y\nz"]
