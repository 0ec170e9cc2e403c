"""`evaluator report` on real runs."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evaluator.bank import Bank
from evaluator.cli.main import app
from evaluator.domain import Assessment, Evidence, Finding, RedFlagFinding
from evaluator.errors import EvaluatorError
from evaluator.judges import Case
from evaluator.runs.store import RunStore
from tests.conftest import ROOT
from tests.scripted_run import grade_into

SAMPLE = ROOT / "docs" / "examples" / "cohort" / "answers.csv"
QUESTION = "slo-error-budgets"


def read(case: Case) -> Assessment:
    """The longer the answer, the more of the criteria are met in full; the first words are the quote."""
    met = len(case.answer.text) // 100
    quote = (Evidence(quote=case.answer.text[:12], start=0, end=12),)
    findings = tuple(
        Finding(
            criterion_id=c.id,
            points=(number < met,) * len(c.points),
            confidence=0.9,
            evidence=quote if number < met else (),
            gap="" if number < met else "It is not there.",
        )
        for number, c in enumerate(case.rubric.criteria)
    )
    flags = tuple(RedFlagFinding(red_flag_id=f.id, present=False, confidence=0.9) for f in case.rubric.red_flags)
    return Assessment(findings=findings, red_flags=flags)


def row(candidate: str, text: str, question: str = QUESTION) -> dict[str, str]:
    """One answer of an input."""
    return {"id": f"{candidate}-{question}", "candidate": candidate, "question": question, "answer": text}


@pytest.fixture
def run(tmp_path: Path, bank: Bank) -> Path:
    """Two candidates, one of whom left an answer empty."""
    rows = [row("Ada", "word " * 80), row("Bo", "word " * 20), row("Bo", " ", "dora-rollout")]
    return grade_into(tmp_path / "spring.run", rows, bank, read)


def page(*arguments: object) -> str:
    """What the command writes."""
    result = CliRunner().invoke(app, ["report", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return Path(str(arguments[arguments.index("-o") + 1])).read_text(encoding="utf-8")


def test_page_of_a_run(run: Path, tmp_path: Path) -> None:
    """The page is named after the run and holds its figures."""
    text = page(run, "-o", tmp_path / "page.html")
    assert "<h1>spring</h1>" in text
    assert '<dd data-figure="graded">2</dd>' in text
    assert '<dd data-figure="ungraded">1</dd>' in text
    assert '<dd data-figure="unanswered">1</dd>' in text
    assert "Judged by scripted (3)" in text


def test_default_file_lies_beside_the_run(run: Path) -> None:
    """Without -o the page has the name of the run."""
    result = CliRunner().invoke(app, ["report", str(run)], catch_exceptions=False)
    assert result.exit_code == 0
    assert run.with_suffix(".html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_only_one_question_or_candidate(run: Path, tmp_path: Path) -> None:
    """The page can be about one question, or one candidate, and has a title of its own."""
    text = page(run, "-o", tmp_path / "q.html", "--question", QUESTION, "--title", "A <b> title")
    assert "2 candidates,\n1 question" in text
    assert "<h1>A &lt;b&gt; title</h1>" in text
    alone = page(run, "-o", tmp_path / "c.html", "--candidate", "Bo")
    assert "Report on one candidate" in alone
    assert '[["Bo",' in alone


def test_progress_of_a_changed_answer(run: Path, tmp_path: Path, bank: Bank) -> None:
    """An answer that was handed in again with another text shows both scores in order."""
    grade_into(run, [row("Bo", "word " * 80)], bank, read)
    text = page(run, "-o", tmp_path / "page.html")
    assert 'id="progress-table"' in text
    with RunStore.open(run) as store:
        scores = [
            s.evaluation.score for s in store.iterate(history=True, candidate="Bo") if s.evaluation.status == "graded"
        ]
    assert f"{scores[0]:.1f} &rarr; {scores[1]:.1f}" in text


def test_a_corrected_question(run: Path, tmp_path: Path, bank: Bank) -> None:
    """After the question of an answer was corrected, the page is about the new one, whoever is asked for."""
    moved = {**row("Bo", "word " * 20, "dora-rollout"), "id": f"Bo-{QUESTION}"}
    grade_into(run, [moved], bank, read)
    grade_into(run, [{**moved, "question": "technical-debt"}], bank, read)
    for arguments in ((), ("--candidate", "Bo"), ("--question", "technical-debt")):
        text = page(run, "-o", tmp_path / "page.html", *arguments)
        assert "technical-debt" in text
        assert 'id="progress-table"' not in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--question", "nothing"], 'has no answers to "nothing"'),
        (["--question", "11", "--candidate", "Ada"], 'has no judged answers of "Ada" to "dora-rollout"'),
        (["--question", ""], 'has no answers to ""'),
        (["--candidate", "Nobody"], 'has no judged answers of "Nobody"'),
    ],
)
@pytest.mark.parametrize("command", ["report", "export"])
def test_nothing_to_show(run: Path, tmp_path: Path, command: str, arguments: list[str], words: str) -> None:
    """A question or a candidate that the run does not have is said, and nothing is written."""
    result = CliRunner().invoke(app, [command, str(run), *arguments, "-o", str(tmp_path / "out")])
    assert isinstance(result.exception, EvaluatorError)
    assert words in str(result.exception)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("ada", "Did you mean Ada? Names are compared letter by letter."),
        ("Bo ", "Did you mean Bo? Names are compared letter by letter."),
        ("Zoltan", "Names are compared letter by letter."),
    ],
)
def test_a_near_name_is_suggested(run: Path, name: str, hint: str) -> None:
    """A candidate whose name is written a little differently is suggested."""
    refused = CliRunner().invoke(app, ["report", str(run), "--candidate", name])
    assert isinstance(refused.exception, EvaluatorError)
    assert refused.exception.hint == hint


@pytest.mark.parametrize("name", ["11", "dora", "DORA-rollout"])
def test_questions_are_named_as_elsewhere(run: Path, tmp_path: Path, name: str) -> None:
    """A question of a run is named by its id, number or prefix, as for `evaluator grade`."""
    result = CliRunner().invoke(app, ["export", str(run), "--question", name], catch_exceptions=False)
    assert [line.split(",")[1] for line in result.output.splitlines()[1:]] == ["Bo-dora-rollout"]
    assert '"id":"dora-rollout"' in page(run, "--question", name, "-o", tmp_path / "page.html")


def test_a_prefix_of_several_questions(run: Path, bank: Bank) -> None:
    """A prefix that several questions of the run have is refused with their ids."""
    two = ["technical-debt", "test-automation-gates"]
    grade_into(run, [row("Cy", "word", question) for question in two], bank, read)
    refused = CliRunner().invoke(app, ["export", str(run), "--question", "te"])
    assert isinstance(refused.exception, EvaluatorError)
    assert refused.exception.hint == f"They are {', '.join(two)}."


def test_no_run(tmp_path: Path) -> None:
    """A run that is not there is one sentence and is not made."""
    result = CliRunner().invoke(app, ["report", str(tmp_path / "none.run")])
    assert isinstance(result.exception, EvaluatorError)
    assert "There is no run" in str(result.exception)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_run(tmp_path: Path) -> None:
    """Another file in the place of a run is told so, with advice for a reader of runs."""
    file = tmp_path / "a.csv"
    file.write_text("question,answer\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["report", str(file)])
    assert str(result.exception) == f"{file} is no run of evaluator.\n'evaluator batch' makes runs."


def test_sample_cohort(bank: Bank) -> None:
    """Twelve candidates, six questions of the bank on four levels, some empty, two answered twice, 60 to 160 words."""
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["id", "candidate", "team", "cohort", "question", "answer"]
    assert len({r["candidate"] for r in rows}) == 12
    questions = {r["question"] for r in rows}
    assert len(questions) == 6
    assert {bank.find(q).level for q in questions} == {"foundational", "intermediate", "advanced", "bonus"}
    assert len({r["id"] for r in rows}) == len(rows) == 71
    assert [r["id"] for r in rows if not r["answer"]] == ["brannigan-priorities", "farrant-slo"]
    assert [r["id"] for r in rows if r["id"].endswith("-2")] == ["caldeira-hiring-2", "petrakis-speed-2"]
    assert all(60 <= len(r["answer"].split()) <= 160 for r in rows if r["answer"])
