"""Files that come from Windows, and names that Windows does not take."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from evaluator.authoring.article import find_entries, read_article
from evaluator.authoring.article.ids import question_id
from evaluator.bank import Bank, read_labels
from evaluator.cli.answers import read_answer
from evaluator.prompts import load_prompt
from evaluator.regress.recording import Exchange, digest, read_recording, write_recording
from evaluator.runs.inputs import InputRow, open_source
from evaluator.shipped import shipped_root
from tests.breaking.conftest import Under
from tests.factory import ANSWER, RUBRIC
from tests.runs.kit import FunctionJudge, answers_file, go, rows

TABLE = 'question,answer,id\ndora-rollout,"We ask.\nWe listen.",a1\ndora-rollout,We wait.,a2\n'
LINES = '{"question": "dora-rollout", "answer": "We ask.\\nWe listen.", "id": "a1"}\n{"question": "11", "answer": "b", "id": "a2"}\n'
LABELS = '{"answer_id": "a1", "labels": {"owner-paged": "met"}, "score": 80}\n{"answer_id": "a2", "labels": {}}\n'
ARTICLE = "# Plans\n\n1. How do you plan?\n\nIn the open,\nand early.\n\n2. What then?\n- We ship.\n- We look.\n"
RESERVED = ["CON", "PRN", "AUX", "NUL", "COM1", "COM9", "LPT1", "LPT9"]


def both(folder: Path, name: str, text: str) -> tuple[Path, Path]:
    """The same file with the line ends of Unix and of Windows."""
    files = folder / "unix" / name, folder / "windows" / name
    for file, end in zip(files, ("\n", "\r\n"), strict=True):
        file.parent.mkdir()
        file.write_bytes(text.replace("\n", end).encode())
    return files


@pytest.mark.parametrize(("name", "text"), [("a.csv", TABLE), ("a.jsonl", LINES)])
def test_answers_with_line_ends_of_windows(tmp_path: Path, name: str, text: str) -> None:
    """A table and JSON lines say the same with either line end, and name the same lines."""

    def said(file: Path) -> list[tuple[str, str, str, int]]:
        found = [row for row in open_source(file).rows() if isinstance(row, InputRow)]
        return [(row.question, row.answer, row.id, row.line) for row in found]

    unix, windows = (said(file) for file in both(tmp_path, name, text))
    assert unix == windows
    assert windows[0][1] == "We ask.\nWe listen."
    assert len(windows) == 2


def test_one_answer_with_line_ends_of_windows(tmp_path: Path) -> None:
    """An answer has the same text, and so the same offsets, with either line end."""
    unix, windows = both(tmp_path, "a.md", "We ask.\nWe listen.\n")
    assert read_answer(str(unix), "q") == read_answer(str(windows), "q")
    assert read_answer(str(windows), "q").text == "We ask.\nWe listen.\n"


def test_labels_with_line_ends_of_windows(tmp_path: Path) -> None:
    """Labels say the same with either line end."""
    unix, windows = both(tmp_path, "labels.jsonl", LABELS)
    assert read_labels(unix, {ANSWER.id: RUBRIC}) == read_labels(windows, {ANSWER.id: RUBRIC})
    assert len(read_labels(windows, {})) == 2


def test_recordings_with_line_ends_of_windows(tmp_path: Path) -> None:
    """A recording that version control has given other line ends is whole, and has the same requests and digest."""
    messages = [{"role": "system", "content": "Grade.\nBe fair.\n"}]
    exchange = Exchange("POST", "http://h/v1", {"messages": messages}, 200, {"a": "b\nc"})
    write_recording(tmp_path / "made.yaml", [exchange])
    unix, windows = both(tmp_path, "a.yaml", (tmp_path / "made.yaml").read_text("utf-8"))
    found, other = read_recording(unix), read_recording(windows)
    assert isinstance(found, tuple)
    assert isinstance(other, tuple)
    assert [one.key for one in found] == [one.key for one in other] == [exchange.key]
    assert digest(found) == digest(other)


def test_prompts_with_line_ends_of_windows(tmp_path: Path) -> None:
    """A prompt has the same digest, so that recordings still fit, and says the same."""
    for part in ("system", "user"):
        text = (shipped_root() / "prompts" / "grade" / "v1" / f"{part}.j2").read_text("utf-8")
        file = tmp_path / "grade" / "v1" / f"{part}.j2"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.replace("\n", "\r\n").encode())
    assert load_prompt("grade/v1", tmp_path).digest == load_prompt("grade/v1").digest


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html"])
def test_articles_with_line_ends_of_windows(name: str) -> None:
    """An article has the same questions and answers with either line end."""
    text = (
        ARTICLE
        if name != "a.html"
        else "<h1>Plans</h1>\n<ol>\n<li>How do you plan?\n<p>In the\nopen.</p></li>\n</ol>\n"
    )
    unix = find_entries(read_article(text.encode(), name).blocks)
    windows = find_entries(read_article(text.replace("\n", "\r\n").encode(), name).blocks)
    assert unix.entries == windows.entries != ()


@pytest.mark.skipif(sys.platform == "win32", reason="there, such a name is a path")
def test_backslashes_in_names_of_folders(tmp_path: Path) -> None:
    """A candidate's folder with a backslash in its name is one candidate, and no path."""
    folder = tmp_path / "answers" / r"C:\team\Ann"
    folder.mkdir(parents=True)
    (folder / "dora-rollout.md").write_bytes(b"We ask.\r\nWe listen.\r\n")
    (row,) = open_source(tmp_path / "answers").rows()
    assert isinstance(row, InputRow)
    assert (row.candidate, row.question, row.answer) == (r"C:\team\Ann", "dora-rollout", "We ask.\nWe listen.\n")


def test_names_that_windows_keeps_for_itself(tmp_path: Path, under: Under) -> None:
    """Ids and candidates that are no file names make no files: a run, its export and its page are one file each."""
    ids = [*RESERVED, r"..\..\a", "a:b", "a?*<>|", "a/../../b", "trailing. ", "\u202eexe.a"]
    answers = [{**row, "id": id_, "candidate": id_} for row, id_ in zip(rows(len(ids)), ids, strict=True)]
    run = tmp_path / "r"
    assert under("batch", answers_file(tmp_path, answers), "--run", run).status == 0
    assert under("export", run, "--format", "jsonl", "-o", tmp_path / "out.jsonl").status == 0
    assert under("report", run, "-o", tmp_path / "page.html").status == 0
    assert sorted(file.name for file in tmp_path.iterdir()) == ["answers.jsonl", "out.jsonl", "page.html", "r"]
    kept = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert sorted(one["answer_id"] for one in kept) == sorted(id_.strip() for id_ in ids)


@pytest.mark.parametrize("name", RESERVED)
def test_no_question_is_named_so(name: str) -> None:
    """An imported question, whose id is the name of its file, never gets such a name."""
    assert question_id(f"{name}?").casefold() not in {reserved.casefold() for reserved in RESERVED}


def test_a_run_with_a_reserved_id_goes_on(tmp_path: Path, bank: Bank) -> None:
    """Such ids are found again when a run is resumed."""
    file = answers_file(tmp_path, [{**row, "id": id_} for row, id_ in zip(rows(2), ("NUL", "con"), strict=True)])
    go(tmp_path / "r", file, bank, FunctionJudge())
    plan, _ = go(tmp_path / "r", file, bank, FunctionJudge())
    assert (plan.done, plan.to_grade) == (2, 0)
