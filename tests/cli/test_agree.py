"""`evaluator agree` on real runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from evaluator.bank import Bank
from evaluator.cli.main import app
from evaluator.domain import Assessment, Finding, RedFlagFinding
from evaluator.errors import InputError
from evaluator.judges import Case
from tests.scripted_run import grade_into

QUESTION = "technical-debt"
LEVELS = ["met", "partial", "missed"]


def judge_from(levels: dict[str, str]) -> Any:
    """A judge that gives all criteria of an answer one level, by the text of the answer."""

    def read(case: Case) -> Assessment:
        level = levels[case.answer.text]
        findings = []
        for criterion in case.rubric.criteria:
            points = tuple(level == "met" or (level == "partial" and n == 0) for n in range(len(criterion.points)))
            findings.append(Finding(criterion_id=criterion.id, points=points, confidence=0.9))
        flags = [RedFlagFinding(red_flag_id=f.id, present=False, confidence=0.9) for f in case.rubric.red_flags]
        return Assessment(findings=tuple(findings), red_flags=tuple(flags))

    return read


ROWS = [
    {"id": f"a{n}", "candidate": f"C{n}", "question": QUESTION, "answer": text, "style": style}
    for n, (text, style) in enumerate([("one", "terse"), ("two", "terse"), ("three", "story"), ("four", "story")])
]


@pytest.fixture
def run(tmp_path: Path, bank: Bank) -> Path:
    """Four answers, judged met, met, missed, missed throughout."""
    said = {"one": "met", "two": "met", "three": "missed", "four": "missed"}
    return grade_into(tmp_path / "judged.run", ROWS, bank, judge_from(said))


def labels(file: Path, bank: Bank, levels: dict[str, str], *, scores: dict[str, float] | None = None) -> Path:
    """Labels that give all criteria of an answer one level, and no red flag."""
    rubric = bank.rubric(QUESTION)
    lines = []
    for answer, level in levels.items():
        given = {c.id: level for c in rubric.criteria} | {f.id: "missed" for f in rubric.red_flags}
        score = {"score": scores[answer]} if scores else {}
        lines.append(json.dumps({"answer_id": answer, "labels": given, **score}))
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def agree(*arguments: object) -> str:
    """What the command prints."""
    result = CliRunner().invoke(app, ["agree", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def agree_json(*arguments: object) -> Any:
    """What the command prints as JSON."""
    return json.loads(agree(*arguments, "--format", "json", "--resamples", "50"))


def failure(*arguments: object) -> str:
    """What the command says when it ends with an error of the input."""
    result = CliRunner().invoke(app, ["agree", *map(str, arguments)])
    assert isinstance(result.exception, InputError)
    return str(result.exception)


def test_figures_as_json(run: Path, tmp_path: Path, bank: Bank) -> None:
    """Three of four answers right; scores 100, 100, 0, 0 against 100, 0, 0, 0; the majority is "missed"."""
    truth = labels(tmp_path / "l.jsonl", bank, {"a0": "met", "a1": "missed", "a2": "missed", "a3": "missed"})
    made = agree_json(run, truth)
    criteria = len(bank.rubric(QUESTION).criteria)
    overall = made["against"][0]["overall"]
    assert (overall["answers"], overall["labels"], overall["unjudged_labels"]) == (4, 4 * criteria, 0)
    figures = {name: f["value"] for name, f in overall["figures"].items()}
    assert figures["accuracy"] == 0.75
    assert figures["kappa"] == 0.5
    assert figures["qwk"] == 0.5
    assert (figures["met_judge"], figures["met_truth"]) == (0.5, 0.25)
    assert (figures["score_mae"], figures["score_bias"]) == (25, 25)
    assert figures["score_pearson"] == pytest.approx(0.5774, abs=1e-4)
    assert overall["figures"]["f1_partial"] == {"value": None, "reason": "neither ever gives this level"}
    assert overall["majority"]["accuracy"]["value"] == 0.75
    assert overall["majority"]["kappa"]["value"] == 0
    assert made["judge"] == "scripted"
    by_style = made["against"][0]["by_style"]
    assert {name: b["figures"]["accuracy"]["value"] for name, b in by_style.items()} == {"story": 1, "terse": 0.5}
    assert len(made["against"][0]["by_criterion"]) == criteria
    assert made["against"][0]["red_flags"]["figures"]["accuracy"]["value"] == 1
    assert made["against"][0]["red_flags"]["figures"]["kappa"]["value"] is None


def test_same_seed_same_output(run: Path, tmp_path: Path, bank: Bank) -> None:
    """The intervals are reproducible, and another seed gives others."""
    truth = labels(tmp_path / "l.jsonl", bank, {"a0": "met", "a1": "missed", "a2": "missed", "a3": "met"})
    assert agree(run, truth) == agree(run, truth)
    assert agree_json(run, truth, "--seed", 1)["bootstrap"]["seed"] == 1


def test_table_fits_80_columns(run: Path, tmp_path: Path, bank: Bank) -> None:
    """No line is longer than 80 characters, and long names are not cut."""
    truth = labels(tmp_path / "l.jsonl", bank, {"a0": "met", "a1": "missed", "a2": "partial", "a3": "missed"})
    text = agree(run, truth)
    assert max(map(len, text.replace(str(truth), "l.jsonl").splitlines())) <= 80
    assert "\ntechnical-debt/reserved-capacity\n" in text
    assert "QWK (three levels)" in text
    assert "never reads the answer" in text


def test_given_scores_win(run: Path, tmp_path: Path, bank: Bank) -> None:
    """Where the labels have a score it is used; otherwise the labels are scored by the rule of the scale."""
    levels = {"a0": "met", "a1": "met", "a2": "missed", "a3": "missed"}
    own = labels(tmp_path / "own.jsonl", bank, levels, scores={"a0": 90, "a1": 70, "a2": 10, "a3": 30})
    figures = agree_json(run, own)["against"][0]["overall"]["figures"]
    assert figures["score_mae"]["value"] == 20
    rule = labels(tmp_path / "rule.jsonl", bank, levels)
    assert agree_json(run, rule)["against"][0]["overall"]["figures"]["score_mae"]["value"] == 0


def test_against_another_run(run: Path, tmp_path: Path, bank: Bank) -> None:
    """Another run of the same answers is a rater like any other."""
    said = {"one": "met", "two": "missed", "three": "missed", "four": "missed"}
    other = grade_into(tmp_path / "other.run", ROWS, bank, judge_from(said), "second")
    made = agree_json(run, other)
    assert made["against"][0]["truth"] == f"second ({other})"
    assert made["against"][0]["overall"]["figures"]["accuracy"]["value"] == 0.75


def test_several_raters_have_an_alpha(run: Path, tmp_path: Path, bank: Bank) -> None:
    """Two people who agree have alpha 1 among themselves, and less together with a judge that does not."""
    levels = {"a0": "met", "a1": "missed", "a2": "missed", "a3": "missed"}
    files = [labels(tmp_path / name, bank, levels) for name in ("anna.jsonl", "ben.jsonl")]
    made = agree_json(run, *files)
    assert len(made["against"]) == 2
    assert made["krippendorff_alpha_labels"]["value"] == 1
    assert 0 < made["krippendorff_alpha"]["value"] < 1
    assert "labels alone: 1.000" in agree(run, *files)


def test_groups_from_a_file(run: Path, tmp_path: Path, bank: Bank) -> None:
    """A column that the run does not have can come from a file of answers."""
    truth = labels(tmp_path / "l.jsonl", bank, {"a0": "met", "a1": "missed", "a2": "missed", "a3": "missed"})
    answers = tmp_path / "answers.jsonl"
    answers.write_text('{"id": "a0", "team": "Red"}\n{"id": "a1", "team": "Blue"}\n', encoding="utf-8")
    made = agree_json(run, truth, "--answers", answers, "--by", "team")
    assert {n: b["answers"] for n, b in made["against"][0]["by_team"].items()} == {"Blue": 1, "Red": 1}
    assert 'has no column "size"' in failure(run, truth, "--answers", answers, "--by", "size")


def test_labelled_answers_that_the_run_lacks(run: Path, tmp_path: Path, bank: Bank) -> None:
    """They are counted; when no answer is known, that is an error with examples of both."""
    truth = labels(tmp_path / "l.jsonl", bank, {"a0": "met", "z1": "met"})
    assert agree_json(run, truth)["against"][0]["labelled_answers_missing"] == 1
    foreign = labels(tmp_path / "f.jsonl", bank, {"z1": "met", "z2": "met"})
    said = failure(run, foreign)
    assert "is about 2 answers, none of which is in the run" in said
    assert "such as z1, z2; the run has answers such as a0, a1, a2." in said


def test_a_file_without_labels(run: Path, tmp_path: Path) -> None:
    """Lines without a label are no labels, and that is what is said."""
    file = tmp_path / "l.jsonl"
    file.write_text('{"answer_id": "a0", "labels": {}}\n{"answer_id": "z", "labels": {}}\n', encoding="utf-8")
    assert failure(run, file).startswith(f"{file} holds no labels.\n")


def test_bad_labels_list_every_problem(run: Path, tmp_path: Path) -> None:
    """Line, field and value of each."""
    file = tmp_path / "bad.jsonl"
    file.write_text('{"answer_id": "a0", "labels": {"x": "met"}}\n{"answer_id": 5, "labels": {}}\n', encoding="utf-8")
    said = failure(run, file)
    assert f'{file}:1: labels.x: found "met"; expected a criterion or red flag of {QUESTION}' in said
    assert f"{file}:2: answer_id: found 5; expected the id of an answer, as text" in said


def test_unjudged_answers_are_counted(tmp_path: Path, bank: Bank) -> None:
    """An ungraded answer is in no figure, and its labels are counted as without a verdict."""
    rows = [ROWS[0], {**ROWS[1], "answer": " "}]
    run = grade_into(tmp_path / "half.run", rows, bank, judge_from({"one": "met"}))
    truth = labels(tmp_path / "l.jsonl", bank, {"a0": "met", "a1": "met"})
    made = agree_json(run, truth)
    assert made["ungraded_answers"] == 1
    assert made["against"][0]["overall"]["unjudged_labels"] == len(bank.rubric(QUESTION).criteria)
    assert made["against"][0]["overall"]["figures"]["accuracy"]["value"] == 1
    assert made["against"][0]["overall"]["figures"]["kappa"]["value"] is None
