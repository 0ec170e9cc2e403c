"""Near copies within a run."""

from __future__ import annotations

from pathlib import Path

from evaluator.bank import Bank
from evaluator.runs.copies import find_copies, with_copies
from evaluator.runs.export import answer_rows
from evaluator.runs.store import RunStore
from tests.runs.kit import FunctionJudge, all_met, answers_file, go

TEXT = (
    "We wrote down one meaning of each metric, a job pulls the numbers every night, every team looks at its own curve, "
    "and once a month we talk about what slowed us down and what we change next."
)


def test_copies_of_others_are_flagged_and_own_attempts_are_not(tmp_path: Path, bank: Bank) -> None:
    """A copy names the earlier answer of somebody else in its flags; the score is that of the original."""
    rows: list[dict[str, object]] = [
        {"id": "a1", "question": "11", "answer": TEXT, "candidate": "Ada"},
        {"id": "a2", "question": "11", "answer": TEXT + " Again.", "candidate": "Ada"},
        {"id": "b1", "question": "11", "answer": TEXT.replace("every night", "at night"), "candidate": "Bo"},
        {"id": "c1", "question": "12", "answer": TEXT, "candidate": "Cy"},
    ]
    go(tmp_path / "r", answers_file(tmp_path, rows), bank, FunctionJudge(all_met))
    with RunStore.open(tmp_path / "r") as store:
        copies = find_copies(store)
        assert copies == {"b1": "a1"}
        exported = list(answer_rows(with_copies(store.iterate(), copies), []).rows)
    assert [row["flags"] for row in exported] == ["", "", "copied_from:a1", ""]
    assert exported[0]["score"] == exported[2]["score"]
