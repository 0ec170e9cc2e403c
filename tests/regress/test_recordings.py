"""Damaged and missing recordings each have a clear message; whole ones survive any text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from vcr.serialize import deserialize

from evaluator.errors import InputError, Problem
from evaluator.regress import load_suite
from evaluator.regress.cassette import difference
from evaluator.regress.recording import Exchange, bare_url, read_recording, request_key, write_recording
from tests.vcrpy_yaml import ReadableYaml

URL = "http://model.invalid/v1/chat/completions"


def test_a_deleted_recording(bench: Any) -> None:
    """A case whose file is gone is missing, and the report says that nothing is recorded for it."""
    bench.cassette("a-weak").unlink()
    findings, gate = bench.run()
    assert bench.failed(gate) == {"recordings": "1 request not recorded: a-weak"}
    assert findings.changes[0].lines == ("nothing is recorded for this case",)
    assert findings.cost.calls == 1


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.95, 0.9999])
def test_a_truncated_recording(bench: Any, share: float) -> None:
    """A file that ends too early is called cut off, wherever it ends; all other cases replay."""
    file = bench.cassette("a-weak")
    raw = file.read_bytes()
    file.write_bytes(raw[: int(len(raw) * share)])
    findings, gate = bench.run()
    (message,) = (text for name, text in bench.failed(gate).items() if name == "damaged recording")
    assert "a-weak.yaml" in message
    assert "found a file that was cut off" in message
    assert "record the case anew" in message
    assert len(findings.results) == 6


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("interactions:", "interactions: [", "broken YAML"),
        ("interactions:", "exchanges:", "interactions: found no list of exchanges"),
        ("    status:", "    state:", "interactions[0]: found no whole exchange (KeyError: 'status')"),
        ("code: 200", "code: fine", "interactions[0]: found no whole exchange (ValueError"),
    ],
)
def test_a_corrupt_recording(bench: Any, old: str, new: str, message: str) -> None:
    """A file that is no recording is named, with the place and what is wrong."""
    file = bench.cassette("b-strong")
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    failed = bench.failed(bench.run()[1])
    assert "b-strong.yaml" in failed["damaged recording"]
    assert message in failed["damaged recording"]


def test_an_empty_file_and_bytes(tmp_path: Path) -> None:
    """An empty file, and one that is no text, are told apart."""
    file = tmp_path / "case.yaml"
    file.write_bytes(b"")
    assert isinstance(found := read_recording(file), Problem)
    assert found.found == "an empty file"
    file.write_bytes(b"\xff\xfe")
    assert isinstance(found := read_recording(file), Problem)
    assert found.found == "bytes that are no UTF-8 (at byte 0)"


def test_a_damaged_recording_is_recorded_anew(bench: Any) -> None:
    """Recording replaces a damaged file."""
    bench.cassette("b-weak").write_text("nothing\n", encoding="utf-8")
    bench.record()
    assert len(bench.model.requests) == 1
    assert bench.run()[1].passed


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "two\nlines",
        "ends with spaces  \nnext",
        "- a: b # c\n'quotes' \"both\"",
        "tab\tnull\x00 bell\x07",
        "nel\x85 ls\u2028 ps\u2029 bom\ufeff",
        "emoji \U0001f600 and \u00e9\u4e2d",
        "cr\r\nlf\rcr",
        "long " * 200,
        "long " * 100 + "\nand a second line " * 30,
        "\n\n  leading",
        "",
    ],
)
def test_any_text_survives(tmp_path: Path, text: str) -> None:
    """What is written comes back, character by character, also where it stands twice."""
    request = {"messages": [{"role": "system", "content": text}, {"role": "user", "content": text}], "seed": None}
    exchanges = (
        Exchange("POST", URL, request, 200, {"said": text, "number": 0.5}, (("content-type", "application/json"),)),
        Exchange("POST", URL, request, 400, text, (), repeat=2),
    )
    write_recording(tmp_path / "case.yaml", exchanges)
    assert read_recording(tmp_path / "case.yaml") == exchanges


def test_shared_text_is_written_once(tmp_path: Path) -> None:
    """A long system message that several requests share stands in the file once, as a block of lines."""
    system = "You grade answers.\n" * 40
    request = {"messages": [{"role": "system", "content": system}]}
    write_recording(tmp_path / "case.yaml", [Exchange("POST", URL, request, 200, {"n": n}) for n in range(3)])
    text = (tmp_path / "case.yaml").read_text(encoding="utf-8")
    assert text.count("You grade answers.\n") == 40
    assert text.endswith("\nversion: 1\n")


def test_vcrpy_reads_them(bench: Any) -> None:
    """A recording is a cassette that vcrpy reads with the readable serializer."""
    text = bench.cassette("a-strong.per-criterion").read_text(encoding="utf-8")
    requests, responses = deserialize(text, ReadableYaml)
    assert len(requests) == len(responses) == 3
    assert requests[0].method == "POST"
    assert b"owner-paged" in requests[0].body


def test_what_a_request_is_found_by() -> None:
    """Method, path and body count; host, query and order of keys do not."""
    key = request_key("POST", "http://a.invalid/v1/chat", {"a": 1, "b": 2})
    assert key == request_key("POST", "https://b.invalid:99/v1/chat?x=1", {"b": 2, "a": 1})
    assert key != request_key("POST", "http://a.invalid/v2/chat", {"a": 1, "b": 2})
    assert key != request_key("POST", "http://a.invalid/v1/chat", {"a": 1, "b": 3})
    assert bare_url("https://user:secret@host:81/v1?key=1#x") == "https://host:81/v1"


def test_the_difference_of_two_requests() -> None:
    """Settings, messages and schema are told apart; a changed line shows its words, an added one stands alone."""
    old = {"model": "m", "messages": [{"role": "user", "content": "one two three four\nsame\nlast"}], "seed": 0}
    new = {"model": "m", "messages": [{"role": "user", "content": "one two tree four\nsame\nnew\nlast"}]}
    assert difference(old, new) == [
        "@@ seed @@",
        "-0",
        "+(none)",
        "@@ the user message, line 1 @@",
        "-one two three four",
        "+one two tree four",
        "?  ... one two [-three-] {+tree+} four ...",
        " same",
        "+new",
        " last",
    ]
    assert difference(old, old) == []


def test_a_suite_with_problems(bench: Any) -> None:
    """All problems of suite.yaml are told at once, each with file, line and field."""
    bench.change(
        cases=["a-strong", "nobody", "a-strong"],
        settings={"calls": "sometimes", "seeds": 1},
        thresholds={"max_flips": -1},
    )
    with pytest.raises(InputError) as error:
        bench.load()
    text = str(error.value)
    assert "3 problems in the suite" in text
    assert 'settings.calls: found "sometimes"' in text
    assert "settings.seeds: found an unknown key; expected one of: calls, max_repairs, max_tokens" in text
    assert "thresholds.max_flips: found -1" in text
    bench.change(
        cases=["a-strong", "nobody", "a-strong"],
        answers=["../answers.jsonl", "gone.jsonl"],
        invariants={"stronger": ["heroic"]},
        base_url=None,
        judge="groq/llama",
    )
    with pytest.raises(InputError) as error:
        bench.load()
    text = str(error.value)
    assert 'suite.yaml:1: judge: found "groq/llama"' in text
    assert 'answers[1]: found "gone.jsonl"; expected a file' in text
    assert 'cases[1]: found "nobody"; expected the id of an answer' in text
    assert 'cases[2]: found "a-strong"; expected each answer once' in text
    assert 'invariants.stronger[0]: found "heroic"; expected a style of the answers: strong' in text


@pytest.mark.parametrize("name", ["CON", "nul", "com1", "Aux.per-criterion"])
def test_a_case_that_windows_could_not_record(bench: Any, name: str) -> None:
    """A case whose recording could not be a file on Windows is refused, with file and field."""
    bench.change(cases=["a-strong", name])
    with pytest.raises(InputError, match=rf'suite.yaml:\d+: cases\[1\]: found "{name}"; expected a name that Windows'):
        bench.load()


def test_an_answer_whose_id_is_no_text(bench: Any) -> None:
    """An id that is a list or a number is a problem of that line of the answers."""
    file = bench.folder / "answers.jsonl"
    count = len(file.read_text(encoding="utf-8").splitlines())
    with file.open("a", encoding="utf-8") as rows:
        rows.write('{"id": ["x"], "question_id": "on-call", "text": "t"}\n{"id": 7}\n{"note": "no id"}\n')
    with pytest.raises(InputError) as error:
        bench.load()
    text = str(error.value)
    assert f"answers.jsonl:{count + 1}: id: found ['x']; expected text" in text
    assert f"answers.jsonl:{count + 2}: id: found 7; expected text" in text
    assert "2 problems" in text


def test_no_suite(tmp_path: Path) -> None:
    """A folder without suite.yaml is called that."""
    with pytest.raises(InputError, match=r"is no suite: it has no suite\.yaml"):
        load_suite(tmp_path)
