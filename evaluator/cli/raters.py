"""Runs and labels files to raters, for `evaluator agree`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from evaluator.bank.labels import raise_problems, read_labels, read_records
from evaluator.domain import Rubric
from evaluator.errors import InputError, Problem
from evaluator.runs.store import RunStore, Stored
from evaluator.scoring.agreement import Item, Rater, rater_of, score_of_labels
from evaluator.wording import many

_SQLITE = b"SQLite format 3\x00"
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Judged:
    """The judge of a run, with the rubric of each of its answers, a column of them, and remarks."""

    rater: Rater
    run: Path
    rubric_of: Mapping[str, Rubric]
    column: Mapping[str, str]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Truth:
    """What the judge is compared with; `missing` counts answers that the run does not have."""

    rater: Rater
    missing: int


def judge_of(run: Path, column: str) -> Judged:
    """Read the current evaluations of a run.

    Raises:
        InputError: It is no run, or holds no evaluation.
    """
    rubric_of: dict[str, Rubric] = {}
    values: dict[str, str] = {}
    with RunStore.open(run) as store:
        rubrics = store.rubrics()
        judges = list(store.judges())

        def noted(stored: Stored) -> Stored:
            rubric_of[stored.answer.id] = rubrics[stored.evaluation.question_id]
            if stored.extra.get(column):
                values[stored.answer.id] = stored.extra[column]
            return stored

        rater = rater_of(" and ".join(judges), (noted(stored).evaluation for stored in store.iterate()))
    if not rubric_of:
        raise InputError(f"The run {run} holds no evaluation yet.", "'evaluator batch' fills it.")
    mixed = f"The run mixes {len(judges)} judges: {', '.join(judges)}."
    return Judged(rater, run, rubric_of, values, (mixed,) if len(judges) > 1 else ())


def truth_of(file: Path, judged: Judged) -> Truth:
    """Read labels, or the judge of another run, and keep what is about answers of the judged run.

    Raises:
        InputError: The file cannot be read or has problems, or is about other answers altogether.
    """
    if _is_run(file):
        other = judge_of(file, "")
        rater = replace(other.rater, name=f"{other.rater.name} ({file})")
    else:
        rater = _labels(file, judged.rubric_of)
    about = {item.answer for item in (*rater.verdicts, *rater.red_flags)} | set(rater.scores)
    if not about:
        raise InputError(
            f"{file} holds no labels.",
            "A line is JSON with answer_id, and labels (a verdict for each criterion), points or score.",
        )
    known = about & judged.rubric_of.keys()
    if not known:
        theirs, ours = (", ".join(sorted(ids)[:_SHOWN]) for ids in (about, judged.rubric_of))
        raise InputError(
            f"{file} is about {many(len(about), 'answer')}, none of which is in the run {judged.run}.",
            f"It is about answers such as {theirs}; the run has answers such as {ours}.",
        )
    kept = Rater(
        rater.name,
        {item: v for item, v in rater.verdicts.items() if item.answer in known},
        {item: p for item, p in rater.red_flags.items() if item.answer in known},
        {answer: score for answer, score in rater.scores.items() if answer in known},
    )
    return Truth(kept, len(about - known))


def column_of(file: Path, column: str) -> dict[str, str]:
    """One column of a JSONL file of answers, by answer id.

    Raises:
        InputError: The file cannot be read, has problems, or has no such column.
    """
    problems: list[Problem] = []
    values: dict[str, str] = {}
    for number, record in read_records(file, problems):
        answer = record.get("id", record.get("answer_id"))
        if not isinstance(answer, str):
            problems.append(Problem(file, number, "id", repr(answer), "the id of an answer, as text"))
        elif record.get(column) is not None:
            values[answer] = str(record[column])
    raise_problems(file, problems)
    if not values:
        raise InputError(f'{file} has no column "{column}".', "Name another with --by.")
    return values


def _is_run(file: Path) -> bool:
    try:
        with file.open("rb") as handle:
            return handle.read(len(_SQLITE)) == _SQLITE
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror or error}.") from error


def _labels(file: Path, rubric_of: Mapping[str, Rubric]) -> Rater:
    verdicts: dict[Item, str] = {}
    red_flags: dict[Item, bool] = {}
    scores: dict[str, float] = {}
    for one in read_labels(file, rubric_of):
        rubric = rubric_of.get(one.answer_id)
        flags = {flag.id for flag in rubric.red_flags} if rubric else set()
        for name, label in one.labels.items():
            item = Item(one.answer_id, rubric.question if rubric else "", name)
            if name in flags:
                red_flags[item] = label == "met"
            else:
                verdicts[item] = label
        score = one.score
        if score is None and rubric is not None:
            score = score_of_labels(rubric, one.labels, one.points)
        if score is not None:
            scores[one.answer_id] = score
    return Rater(str(file), verdicts, red_flags, scores)
