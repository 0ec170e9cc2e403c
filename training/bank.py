"""Reads rubrics and labelled answers for training; plain YAML and JSON lines, no checks beyond what training needs."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
RUBRICS = ROOT / "rubrics"
GOLD = ROOT / "tests" / "gold"


@dataclass(frozen=True)
class Group:
    """One criterion or red flag with its sentences; `key` is "question/id"."""

    key: str
    question: str
    statement: str
    points: tuple[str, ...]
    accept: tuple[str, ...]
    reject: tuple[str, ...]
    is_flag: bool


@dataclass(frozen=True)
class Labelled:
    """One labelled answer: `labels` by criterion or flag id, `points` by criterion id, `score` 0 to 100."""

    id: str
    question: str
    style: str
    text: str
    labels: dict[str, str]
    points: dict[str, list[bool]]
    score: float


def rubric_files() -> list[Path]:
    """All rubric files in order of name."""
    return sorted(path for path in RUBRICS.glob("*.yaml") if path.stem != "scale")


def load_groups() -> list[Group]:
    """Every criterion and red flag of every rubric that can be read."""
    groups = []
    for path in rubric_files():
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        for is_flag, items in ((False, data["criteria"]), (True, data.get("red_flags", []))):
            for item in items:
                examples = item.get("examples", {})
                groups.append(
                    Group(
                        key=f"{path.stem}/{item['id']}",
                        question=path.stem,
                        statement=item["statement"],
                        points=tuple(item.get("points", [item["statement"]])),
                        accept=tuple(examples.get("accept", ())),
                        reject=tuple(examples.get("reject", ())),
                        is_flag=is_flag,
                    )
                )
    return groups


def load_gold() -> list[Labelled]:
    """All labelled answers in file order."""
    labels = {}
    for line in (GOLD / "labels.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        labels[record["answer_id"]] = record
    answers = []
    for line in (GOLD / "answers.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        label = labels[record["id"]]
        answers.append(
            Labelled(
                id=record["id"],
                question=record["question_id"],
                style=record.get("style", ""),
                text=record["text"],
                labels=label["labels"],
                points=label.get("points", {}),
                score=float(label["score"]),
            )
        )
    return answers


def fold_of(questions: list[str], folds: int) -> dict[str, int]:
    """Deal the labelled questions over the folds; only these ever have to be held out of the encoder."""
    return {question: index % folds for index, question in enumerate(sorted(questions))}


def digest(paths: list[Path]) -> str:
    """SHA-256 over the content of files, in the order given."""
    total = hashlib.sha256()
    for path in paths:
        total.update(path.read_bytes())
    return total.hexdigest()
