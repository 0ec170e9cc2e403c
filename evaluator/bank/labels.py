"""Read labels: what a person found in answers, one JSON object per line.

    {"answer_id": "a1", "labels": {"a-criterion": "met", "a-red-flag": "missed"}, "points": {"a-criterion": [true]},
     "score": 80}

`labels` has "met", "partial" or "missed" for criteria and red flags (of a red flag, "met" means that the answer commits
it); `points` (one boolean per point) and `score` (0 to 100) may be absent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evaluator.bank.source import shown
from evaluator.domain import Frozen, Rubric
from evaluator.errors import InputError, Problem
from evaluator.wording import many

_LEVELS = ("met", "partial", "missed")
_KEYS = ("answer_id", "labels", "points", "score")
_FULL_SCORE = 100


class Labelled(Frozen):
    """What one person found in one answer; `score` is 0 to 100, or None where none was given."""

    answer_id: str
    labels: dict[str, str]
    points: dict[str, tuple[bool, ...]]
    score: float | None = None


def read_labels(file: Path, rubric_of: Mapping[str, Rubric]) -> tuple[Labelled, ...]:
    """All labels of a file, in its order.

    Args:
        file: UTF-8 text, one JSON object per line; empty lines do not count.
        rubric_of: The rubric of each known answer, by answer id. Labels of other answers are checked for their form.

    Raises:
        InputError: The file cannot be read, holds no labels, or has problems; all of them are listed.
    """
    problems: list[Problem] = []
    found: dict[str, Labelled] = {}
    for number, record in read_records(file, problems):
        check = _Check(file, number, problems)
        one = check.record(record, rubric_of)
        if one is None:
            continue
        if one.answer_id in found:
            check.add("answer_id", one.answer_id, "each answer once")
        found[one.answer_id] = one
    raise_problems(file, problems)
    if not found:
        raise InputError(f"{file} holds no labels.", 'Each line is an object like {"answer_id": ..., "labels": {...}}.')
    return tuple(found.values())


def read_records(file: Path, problems: list[Problem]) -> list[tuple[int, dict[str, Any]]]:
    """The objects of a JSONL file with their line numbers; lines that are no object become problems.

    Raises:
        InputError: The file cannot be read or is not UTF-8 text.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{file} is not UTF-8 text: byte {error.start}.", "Save it as UTF-8.") from error
    records: list[tuple[int, dict[str, Any]]] = []
    # Not splitlines(): a text inside a JSON string may hold a line separator that JSON does not mind.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            problems.append(Problem(file, number, "", shown(line.strip()), "a JSON object"))
            continue
        if isinstance(value, dict):
            records.append((number, value))
        else:
            problems.append(Problem(file, number, "", shown(value), "a JSON object"))
    return records


def raise_problems(file: Path, problems: list[Problem]) -> None:
    """Raise one `InputError` that lists all problems, if there are any."""
    if problems:
        head = many(len(problems), "problem")
        raise InputError("\n".join([f"{head} in {file}:", *(f"  {problem}" for problem in sorted(problems))]))


class _Check:
    """Collects what is wrong with one line."""

    def __init__(self, file: Path, line: int, problems: list[Problem]) -> None:
        self._file, self._line, self._problems = file, line, problems
        self._clean = True

    def add(self, field: str, found: object, expected: str) -> None:
        self._clean = False
        self._problems.append(Problem(self._file, self._line, field, shown(found), expected))

    def record(self, record: dict[str, Any], rubric_of: Mapping[str, Rubric]) -> Labelled | None:
        for key in record.keys() - set(_KEYS):
            self.add(key, record[key], f"one of the keys {', '.join(_KEYS)}")
        answer = record.get("answer_id")
        if not isinstance(answer, str) or not answer:
            self.add("answer_id", answer, "the id of an answer, as text")
            answer = ""
        rubric = rubric_of.get(answer)
        labels = self._labels(record.get("labels"), rubric)
        points = self._points(record.get("points", {}), rubric, labels)
        score = self._score(record.get("score"))
        return Labelled(answer_id=answer, labels=labels, points=points, score=score) if self._clean else None

    def _labels(self, value: object, rubric: Rubric | None) -> dict[str, str]:
        if not isinstance(value, dict):
            self.add("labels", value, "an object from criterion id to label")
            return {}
        known = {e.id for e in rubric.entries} if rubric else None
        kept: dict[str, str] = {}
        for name, label in value.items():
            if rubric and known is not None and name not in known:
                self.add(f"labels.{name}", label, f"a criterion or red flag of {rubric.question}")
            elif label not in _LEVELS:
                self.add(f"labels.{name}", label, f"one of {', '.join(_LEVELS)}")
            else:
                kept[name] = label
        return kept

    def _points(self, value: object, rubric: Rubric | None, labels: dict[str, str]) -> dict[str, tuple[bool, ...]]:
        if not isinstance(value, dict):
            self.add("points", value, "an object from criterion id to a list of true and false")
            return {}
        counts = {c.id: len(c.points) for c in rubric.criteria} if rubric else {}
        kept: dict[str, tuple[bool, ...]] = {}
        for name, points in value.items():
            if not isinstance(points, list) or not points or not all(isinstance(p, bool) for p in points):
                self.add(f"points.{name}", points, "a list of true and false")
            elif rubric and name not in counts:
                self.add(f"points.{name}", points, f"a criterion of {rubric.question}")
            elif len(points) != counts.get(name, len(points)):
                self.add(f"points.{name}", points, f"{counts[name]} values, one for each point")
            elif name in labels and labels[name] != (fit := _level(points)):
                self.add(f"points.{name}", points, f'points that make it "{labels[name]}"; these make it "{fit}"')
            else:
                kept[name] = tuple(points)
        return kept

    def _score(self, value: object) -> float | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _FULL_SCORE:
            self.add("score", value, "a number from 0 to 100")
            return None
        return float(value)


def _level(points: list[bool]) -> str:
    return "met" if all(points) else "partial" if any(points) else "missed"
