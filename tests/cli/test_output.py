"""Where results go: never over what was read, and for programs always in UTF-8."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from evaluator.bank import Bank
from evaluator.cli.output import check_output, run_files, write_result
from evaluator.domain import Assessment
from evaluator.errors import JudgeError, UsageError
from evaluator.judges import Case
from tests.scripted_run import grade_into

ROW = {"id": "a1", "candidate": "Zoë", "question": "technical-debt", "answer": "We pay it. 😀"}
ANSWER = Path(__file__).resolve().parents[2] / "docs" / "examples" / "dora-answer.md"
OVERWRITES = "The result would overwrite"


def no_use(case: Case) -> Assessment:
    """A judge that gives nothing."""
    raise JudgeError("no_use", f"Nothing comes of {case.answer.id}.")


@pytest.fixture
def run(tmp_path: Path, bank: Bank) -> Path:
    """A run whose name ends as that of a page, with one answer."""
    return grade_into(tmp_path / "k.html", [ROW], bank, no_use)


@pytest.mark.parametrize(
    "arguments",
    [
        ("report", "{run}"),
        ("export", "{run}", "-o", "{run}-wal"),
        ("export", "{run}", "-o", "{link}"),
        ("agree", "{run}", "{labels}", "-o", "{labels}"),
        ("agree", "{run}", "{labels}", "-o", "{link}"),
        ("grade", "11", "{labels}", "-o", "{labels}"),
        ("grade", "11", "{run}", "--redact", "--redact-list", "{labels}", "-o", "{labels}"),
        ("grade", "11", "{labels}", "-o", "questions/dora-rollout.yaml"),
        ("rubric", "check", "11", "-o", "rubrics/dora-rollout.yaml"),
        ("rubric", "list", "-o", "rubrics/dora-rollout.yaml"),
        ("rubric", "show", "11", "-o", "rubrics/dora-rollout.yaml"),
        ("rubric", "derive", "11", "--judge", "embedded", "-o", "rubrics/dora-rollout.yaml"),
        ("questions", "list", "-o", "questions/dora-rollout.yaml"),
        ("questions", "show", "11", "-o", "questions/dora-rollout.yaml"),
        ("regress", "run", "-o", "cassettes/regression/baseline.json"),
        ("regress", "compare", "cassettes/regression", "{labels}", "-o", "cassettes/regression/suite.yaml"),
        ("regress", "compare", "cassettes/derivation", "{labels}", "-o", "{labels}"),
    ],
)
def test_what_is_read_is_not_overwritten(
    command: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, run: Path, arguments: tuple[str, ...]
) -> None:
    """A result that would overwrite a run, an answer, labels, a bank or a suite is refused; all stays as it is."""
    labels, link = tmp_path / "labels.txt", tmp_path / "link"
    labels.write_text("{}\n", encoding="utf-8")
    link.symlink_to(run)
    monkeypatch.chdir(Path(__file__).resolve().parents[2])
    monkeypatch.setattr(Path, "replace", lambda *_: pytest.fail("something was replaced"))
    before = run.read_bytes()
    done = command(*(one.format(run=run, labels=labels, link=link) for one in arguments))
    assert (done.status, done.err.splitlines()[-1]) == (2, "Name another file with -o.")
    assert OVERWRITES in done.err
    assert (run.read_bytes(), labels.read_text(encoding="utf-8")) == (before, "{}\n")


def test_other_files_may_be_written(run: Path, tmp_path: Path) -> None:
    """A file that is not read may be overwritten, also in the folder of a run."""
    other = tmp_path / "report.html"
    other.touch()
    check_output(other, *run_files(run), None)
    check_output(None, run)
    with pytest.raises(UsageError, match=OVERWRITES):
        check_output(other, other)


def test_a_place_that_is_none_is_refused_before_grading(command: Any, tmp_path: Path) -> None:
    """A folder, or a file in no folder, is refused before a judge is asked."""
    for place, why in ((tmp_path, "Is a directory"), (tmp_path / "no" / "x", "No such file or directory")):
        done = command("grade", "11", str(tmp_path / "not-there.md"), "-o", str(place))
        assert (done.status, done.err) == (2, f"evaluator: {place} cannot be written: {why}.\n")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_programs_get_utf8(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    """JSON is UTF-8 whatever the locale, also with half characters; text is in the encoding of the terminal."""
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding, errors="backslashreplace"))
    write_result("é\n", None)
    assert raw.getvalue() == "é\n".encode(encoding, "backslashreplace")
    raw.truncate(0)
    raw.seek(0)
    write_result('{"é😀": "\ud83d"}\n', None, "json")
    assert json.loads(raw.getvalue().decode("utf-8")) == {"é😀": "\ud83d"}


@pytest.mark.parametrize(
    "arguments",
    [
        ("export", "{run}"),
        ("export", "{run}", "--format", "jsonl", "--rows", "findings"),
        ("grade", "11", "--format", "json"),
        ("grade", "11", "--format", "markdown"),
        ("questions", "list", "--format", "json"),
        ("questions", "show", "11", "--format", "markdown"),
        ("rubric", "list", "--format", "json"),
        ("rubric", "show", "11", "--format", "markdown"),
        ("judges", "--format", "json"),
        ("schema",),
    ],
)
def test_every_command_prints_utf8_for_programs(
    command: Any, monkeypatch: pytest.MonkeyPatch, run: Path, arguments: tuple[str, ...]
) -> None:
    """No command leaves a form for programs to the locale."""
    raw = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", raw)
    command(*(one.format(run=run) for one in arguments))
    assert raw.encoding == "utf-8"


def test_an_export_holds_names_as_they_are(command: Any, run: Path) -> None:
    """A name with an accent comes out of an export as it went in."""
    assert "Zoë,technical-debt" in command("export", str(run)).out


@pytest.mark.parametrize(
    ("arguments", "name", "begins"),
    [
        (("grade", "11", "{answer}"), "out.json", '{\n  "schema": 1'),
        (("grade", "11", "{answer}"), "out.MD", "# 11. dora-rollout"),
        (("grade", "11", "{answer}"), "out.txt", "11. dora-rollout"),
        (("export", "{run}"), "f.jsonl", '{"schema":1'),
        (("export", "{run}"), "f.csv", "\ufeffposition,"),
        (("export", "{run}", "--rows", "findings"), "f.parquet", "PAR1"),
        (("judges",), "j.markdown", "## embedded"),
        (("report", "{run}"), "page.HTM", "<!doctype html>"),
    ],
)
def test_the_ending_decides_the_format(
    command: Any, tmp_path: Path, run: Path, arguments: tuple[str, ...], name: str, begins: str
) -> None:
    """Without --format a result is what the ending of its file promises."""
    if name.endswith(".parquet"):
        pytest.importorskip("pyarrow")  # comes with an extra
    command(*(one.format(run=run, answer=ANSWER) for one in arguments), "-o", str(tmp_path / name))
    assert (tmp_path / name).read_bytes().decode("utf-8", "replace").startswith(begins)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("grade", "11", "-o", "out.html"), '"out.html" ends in .html, which is not written here.'),
        (("grade", "11", "-o", "o.md", "--format", "json"), '"o.md" ends in .md, and --format asks for json.'),
        (("grade", "11", "--format", "json", "-o", "o.md"), '"o.md" ends in .md, and --format asks for json.'),
        (("export", "{run}", "-o", "f.xlsx"), "not written here.\nEnd it in .jsonl, .csv or .parquet."),
        (("export", "{run}", "--format", "csv", "-o", "f.parquet"), "and --format asks for csv."),
        (("report", "{run}", "-o", "rep.pdf"), "not written here.\nEnd it in .html."),
        (("batch", "{run}", "-o", "table.csv"), "not written here.\nEnd it in .json or .txt."),
        (("rubric", "check", "11", "-o", "matrix.pdf"), "not written here."),
    ],
)
def test_an_ending_that_contradicts_is_refused(
    command: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, run: Path, arguments: tuple[str, ...], message: str
) -> None:
    """A name that promises another format than would be written is refused, and nothing is written."""
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    done = command(*(one.format(run=run) for one in arguments))
    assert (done.status, done.out) == (2, "")
    assert message in done.err
    assert list(empty.iterdir()) == []
