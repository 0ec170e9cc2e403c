"""Labels files: what is read, and what is said about a bad one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evaluator.bank.labels import read_labels
from evaluator.errors import InputError
from tests.factory import RUBRIC

KNOWN = {"a1": RUBRIC, "a2": RUBRIC}


def labels_file(folder: Path, *lines: object) -> Path:
    """A file of these objects, or of these lines as they are."""
    file = folder / "labels.jsonl"
    file.write_text("\n".join(x if isinstance(x, str) else json.dumps(x) for x in lines), encoding="utf-8")
    return file


def test_good_labels(tmp_path: Path) -> None:
    """Labels, points and score are read; empty lines and a byte order mark do no harm; points and score may be absent."""
    file = labels_file(
        tmp_path,
        "\ufeff" + json.dumps({"answer_id": "a1", "labels": {"owner-paged": "partial", "hero-culture": "missed"},
         "points": {"owner-paged": [True, False]}, "score": 40}),
        "",
        {"answer_id": "other", "labels": {"anything": "met"}},
    )  # fmt: skip
    first, second = read_labels(file, KNOWN)
    assert first.labels == {"owner-paged": "partial", "hero-culture": "missed"}
    assert first.points == {"owner-paged": (True, False)}
    assert first.score == 40
    assert (second.answer_id, second.points, second.score) == ("other", {}, None)


def test_every_problem_is_listed(tmp_path: Path) -> None:
    """Each with file, line, field, the value found and what was expected, all at once."""
    file = labels_file(
        tmp_path,
        "not json",
        [1],
        {"labels": {}},
        {"answer_id": "a1", "labels": {"owner-paged": "full", "nonsense": "met"}, "note": "?"},
        {"answer_id": "a1", "labels": []},
        {"answer_id": "a2", "labels": {}, "points": {"owner-paged": [True], "page-review": "yes"}, "score": 101},
        {"answer_id": "a3", "labels": {"x": "met"}, "points": {"x": [True, False]}, "score": True},
        {"answer_id": "a4", "labels": {}},
        {"answer_id": "a4", "labels": {}},
    )
    with pytest.raises(InputError) as caught:
        read_labels(file, KNOWN)
    lines = str(caught.value).replace(str(tmp_path), "").splitlines()
    assert lines == [
        "13 problems in /labels.jsonl:",
        '  /labels.jsonl:1: found "not json"; expected a JSON object',
        "  /labels.jsonl:2: found [1]; expected a JSON object",
        "  /labels.jsonl:3: answer_id: found nothing; expected the id of an answer, as text",
        '  /labels.jsonl:4: labels.nonsense: found "met"; expected a criterion or red flag of on-call',
        '  /labels.jsonl:4: labels.owner-paged: found "full"; expected one of met, partial, missed',
        '  /labels.jsonl:4: note: found "?"; expected one of the keys answer_id, labels, points, score',
        "  /labels.jsonl:5: labels: found []; expected an object from criterion id to label",
        "  /labels.jsonl:6: points.owner-paged: found [True]; expected 2 values, one for each point",
        '  /labels.jsonl:6: points.page-review: found "yes"; expected a list of true and false',
        "  /labels.jsonl:6: score: found 101; expected a number from 0 to 100",
        '  /labels.jsonl:7: points.x: found [True, False]; expected points that make it "met"; these make it "partial"',
        "  /labels.jsonl:7: score: found the truth value true; expected a number from 0 to 100",
        '  /labels.jsonl:9: answer_id: found "a4"; expected each answer once',
    ]


@pytest.mark.parametrize("value", [["met"], {"a": 1}, 3, None])
def test_labels_of_a_wrong_type_are_problems(tmp_path: Path, value: object) -> None:
    """A label that is no text is a problem and no crash."""
    file = labels_file(tmp_path, {"answer_id": "a1", "labels": {"owner-paged": value}})
    with pytest.raises(InputError, match=r"labels\.jsonl:1: labels\.owner-paged: found .*; expected one of met"):
        read_labels(file, KNOWN)


@pytest.mark.parametrize("score", ["NaN", "Infinity", "1e999"])
def test_scores_that_are_no_number(tmp_path: Path, score: str) -> None:
    """JSON as Python reads it knows NaN and infinity; a score does not."""
    file = labels_file(tmp_path, '{"answer_id": "a1", "labels": {}, "score": ' + score + "}")
    with pytest.raises(InputError, match=r"score: found (nan|inf); expected a number from 0 to 100"):
        read_labels(file, KNOWN)


def test_empty_missing_and_foreign_files(tmp_path: Path) -> None:
    """No labels, no file and no text are each one sentence."""
    with pytest.raises(InputError, match="holds no labels"):
        read_labels(labels_file(tmp_path, ""), KNOWN)
    with pytest.raises(InputError, match=r"none\.jsonl cannot be read"):
        read_labels(tmp_path / "none.jsonl", KNOWN)
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="is not UTF-8 text: byte 0"):
        read_labels(tmp_path / "bytes", KNOWN)


def test_line_separators_inside_a_text(tmp_path: Path) -> None:
    """JSON may hold U+2028 in a text; the line does not end there."""
    file = labels_file(tmp_path, '{"answer_id": "a\u2028b", "labels": {}}')
    assert read_labels(file, {})[0].answer_id == "a\u2028b"
