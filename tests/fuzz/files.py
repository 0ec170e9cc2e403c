"""Targets that read a file: banks, labels, answers, recordings, articles."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from evaluator.authoring.article import find_entries, plan_import, read_article
from evaluator.authoring.article.blocks import clean
from evaluator.authoring.derive.write import render_entry, render_head
from evaluator.bank import Source, lint_rubric, parse, read_labels, read_source
from evaluator.bank.convert import to_question, to_rubric, to_scale, to_themes
from evaluator.bank.write import question_yaml
from evaluator.domain import Rubric
from evaluator.errors import AnswersError, EvaluatorError, InputError, Problem
from evaluator.regress.baseline import read_baseline
from evaluator.regress.recording import digest, read_recording, write_recording
from evaluator.regress.suite_file import SuiteFile
from evaluator.runs.inputs import CheckedRow, InputRow, check_rows, open_source
from tests.factory import ANSWER, QUESTION, RUBRIC
from tests.fuzz.kit import FOLDER, SMALL_BANK, file_with, names, one_line, readable, target
from tests.vcrpy_yaml import ReadableYaml

_NAME = f"{QUESTION.id}.yaml"
_NO_THEMES: frozenset[str] = frozenset()


@target(
    "id: ", "number: ", "level: ", "themes: ", "question: ", "model_answer: ", "model_answer_source: ", "editors", "on-call", "foundational",
    "version: ", "status: draft", "criteria:", "statement: ", "weight: ", "points: ", "source: ", "advice: ", "examples: ", "accept: ", "reject: ",
    "red_flags:", "penalty: ", "bands:", "lower: ", "name: ", "meaning: ", "red_flag: ", "cap: ", "max_unassessed: ", "judge: ", "cases: ", "- ", "\n", "\n  ", ": ",
    ">-\n", "|\n", "&a ", "*a", "!!binary ", "!!python/object:", "<<: ", "? ", "{", "}", "[", "]", ".nan", "1e999", "2001-01-01", '"\\x01"', '"\\ud800"', "0x", "~",
)  # fmt: skip
def bank_yaml(data: bytes) -> None:
    """A file of a bank is an object that survives being written, or problems of one line each."""
    file = file_with(_NAME, data)
    lines = data.count(b"\n") + data.count(b"\r") + data.count(b"\xc2\x85") + data.count(b"\xe2\x80") + 1
    source = read_source(file, FOLDER)
    if isinstance(source, Problem):
        readable([source], lines)
        return
    for made in (to_scale(source), to_themes(source), parse(SuiteFile, source)):
        readable(made if isinstance(made, list) else (), lines)
    question = to_question(source, _NO_THEMES)
    if isinstance(question, list):
        readable(question, lines)
    else:
        again = to_question(_read(question_yaml(question)), _NO_THEMES)
        assert again == question
    rubric = to_rubric(source, QUESTION, _NO_THEMES)
    if isinstance(rubric, list):
        readable(rubric, lines)
        return
    for lint in lint_rubric(rubric):
        assert lint.message
    assert to_rubric(_read(_rubric_yaml(rubric)), QUESTION, _NO_THEMES) == rubric


def _read(text: str) -> Source:
    source = read_source(file_with(f"again/{_NAME}", text.encode()), FOLDER)
    assert isinstance(source, Source), source
    return source


def _rubric_yaml(rubric: Rubric) -> str:
    parts = [render_head(rubric.question, rubric.version, rubric.status), "criteria:\n"]
    parts += [render_entry(criterion) for criterion in rubric.criteria]
    parts += ["red_flags:\n"] * bool(rubric.red_flags) + [render_entry(flag) for flag in rubric.red_flags]
    return "".join(parts)


@target(
    '{"answer_id": "a1", ', '"labels": {', '"owner-paged"', '"page-review"', '"hero-culture"', '"points": ', '"score": ', "[true, false]", '"met"',
    '"partial"', '"missed"', "null", "NaN", "Infinity", "1e999", "{", "}", "[", "]", "\n", "\\ud800", "\ufeff", "\u2028",
)  # fmt: skip
def labels_jsonl(data: bytes) -> None:
    """Labels are read, or every problem is told; what was read is read again the same."""
    file = file_with("labels.jsonl", data)
    rubrics = {ANSWER.id: RUBRIC}
    try:
        found = read_labels(file, rubrics)
    except InputError as error:
        names(error, file)
        return
    text = "".join(json.dumps(one.model_dump()) + "\n" for one in found)
    assert read_labels(file_with("labels.jsonl", text.encode()), rubrics) == found


@target(
    "question", "answer", "id", "candidate", "question_id", "answer_id", "text", "on-call", "7", "on", ",", ";", "\t", "|", '"', '""', "\n", "\r\n", "\r",
    "sep=;\n", "\ufeff", b"\xff\xfe", b"\xfe\xff", b"q\0u\0", b"\x00", "PK\x03\x04", "\u2028", "=1+1", " (2)",
)  # fmt: skip
def answers_csv(data: bytes) -> None:
    """A table is rows that say the same when they are written again, problems of one line, or one error."""
    named, data = (None, data[1:]) if data[:1] > b"\xe0" else ("utf-8", data)
    rows = _rows(file_with("answers.csv", data), data, named)
    kept = [row for row in rows if _says_something(row) and not _has_zero(row)]
    if not kept:
        return
    extra = list(dict.fromkeys(name for row in kept for name in row.extra))
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(["question", "answer", "id", "candidate", *extra])
    for row in kept:
        writer.writerow([row.question, row.answer, row.id, row.candidate, *(row.extra.get(name, "") for name in extra)])
    again = _rows(file_with("answers.csv", out.getvalue().encode()), out.getvalue().encode(), None)
    assert [_said(row) for row in again] == [_said(row) for row in kept]


@target(
    '{"question": ', '"answer": ', '"id": ', '"candidate": ', '"question_id": ', '"text": ', '"on-call"', '"extra": ', "7", "{", "}", "[", "]", "\n", "\r\n",
    "null", "true", "NaN", "1e999", '"\\ud800"', '"\\u0000"', "\\r\\n", "\u2028", "\ufeff", b"\xff\xfe", b"{\0",
)  # fmt: skip
def answers_jsonl(data: bytes) -> None:
    """JSON lines are rows that say the same when they are written again, problems of one line, or one error."""
    named, data = (None, data[1:]) if data[:1] > b"\xe0" else ("utf-8", data)
    kept = _rows(file_with("answers.jsonl", data), data, named)
    lines = [
        json.dumps({"question": r.question, "answer": r.answer, "id": r.id, "candidate": r.candidate, **r.extra})
        for r in kept
    ]
    text = "".join(line + "\n" for line in lines)
    if text:
        again = _rows(file_with("answers.jsonl", text.encode()), text.encode(), None)
        assert [_said(row) for row in again] == [_said(row) for row in kept]


def _rows(file: Path, data: bytes, encoding: str | None) -> list[InputRow]:
    """The rows of a file; each is an answer that can be stored, or a problem."""
    lines = max(data.count(b"\n") + data.count(b"\r"), 0) + 1
    try:
        rows = list(open_source(file, encoding).rows())
        checked = list(check_rows(rows, SMALL_BANK))
    except EvaluatorError as error:
        names(error, file)
        return []
    assert len(checked) == len(rows)
    readable([row for row in checked if isinstance(row, Problem)], lines)
    str(AnswersError([row for row in checked if isinstance(row, Problem)]))
    answers = [row.answer for row in checked if isinstance(row, CheckedRow)]
    assert len({answer.id for answer in answers}) == len(answers)
    for answer in answers:
        assert not {"\r", "\0"} & set(answer.text)
        (answer.text + answer.id + (answer.candidate or "")).encode()
    return [row for row in rows if isinstance(row, InputRow)]


def _said(row: InputRow) -> tuple[object, ...]:
    return row.question, row.answer, row.id, row.candidate, {name: value for name, value in row.extra.items() if value}


def _says_something(row: InputRow) -> bool:
    return any(value.strip() for value in (row.question, row.answer, row.id, row.candidate, *row.extra.values()))


def _has_zero(row: InputRow) -> bool:
    return any(
        "\0" in value for value in (row.question, row.answer, row.id, row.candidate, *row.extra, *row.extra.values())
    )


@target(
    "interactions:\n", "- request:\n", "    method: POST\n", "    uri: http://h/v1\n", "    json: ", "    headers: {}\n", "  response:\n", "    status:\n",
    "      code: 200\n", "    body:\n", "      string: ", "      json: {}\n", "  repeat: 1\n", "version: 1\n", "&id001 ", "*id001", "{}", "[]", "null", "|-\n", "!!set ",
    "2001-01-01", ".nan", "- ", "\n", ": ", '"schema": 1', '"cases": {', '"accepted": ',
)  # fmt: skip
def cassettes(data: bytes) -> None:
    """A recording is whole and survives being written, or is a problem; the same for cassettes and baselines."""
    file = file_with("case.yaml", data)
    found = read_recording(file)
    if isinstance(found, Problem):
        assert found.expected
        one_line(str(found).removeprefix(str(file)))
    else:
        write_recording(file, found)
        again = read_recording(file)
        assert isinstance(again, tuple), again
        assert digest(again) == digest(found)
        assert [one.key for one in again] == [one.key for one in found]
    try:
        cassette = ReadableYaml.deserialize(data.decode("utf-8", "replace"))
    except ValueError:
        cassette = {}
    if cassette:
        assert ReadableYaml.deserialize(ReadableYaml.serialize(cassette))
    try:
        read_baseline(file_with("baseline.json", data))
    except InputError as error:
        names(error, "baseline.json")


@target(
    "1. How do you plan?", "Q: ", "A: ", "# ", "## ", "- ", "* ", "| a? | b |\n", "|---|---|\n", "**", "> ", "<p>", "<li>", "<ol>", "<dt>", "<dd>", "<table>", "<tr>",
    "<td>", "<h2>", "</", "<script>", "<!--", "&nbsp;", "```\n", "---\n", "\n\n", "\n", "?", "Conclusion", "Advanced Questions", "<meta charset=", "\u2028", b"\xff\xfe",
    "<ol start=", "2. ", "<br>", "Related: ", "![](", "](", "\x0c", "%PDF-1.4", "PK\x03\x04", "word/",
)  # fmt: skip
def article(data: bytes) -> None:
    """An article gives questions that survive being written; no line of it has two places, and none is lost."""
    name = f"a.{('txt', 'md', 'html')[data[0] % 3]}" if data else "a.txt"
    try:
        document = read_article(data[1:], name)
        found = find_entries(document.blocks)
        plan = plan_import(document, found, None)
    except EvaluatorError as error:
        names(error, name)
        return
    for placed in found.lines:
        assert (placed.entry is not None) == (placed.part in {"question", "answer"})
        assert (placed.reason != "") == (placed.part == "left out")
    questions = [planned.question for planned in plan.questions]
    assert len({question.id for question in questions}) == len(questions)
    for question in questions:
        assert clean(question.text) == question.text != ""
        file = file_with(f"again/{question.id}.yaml", question_yaml(question).encode())
        source = read_source(file, FOLDER)
        assert isinstance(source, Source), source
        assert to_question(source, _NO_THEMES) == question
        file.unlink()


(FOLDER / "again").mkdir(exist_ok=True)
