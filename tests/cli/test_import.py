"""`evaluator import`: what it shows, what it writes, how it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evaluator.bank import load_bank

ARTICLE = str(Path(__file__).resolve().parents[2] / "docs" / "examples" / "article.txt")

TABLE = """\
no level        id                              words question
 1 foundational on-call-rotation-dread             69 How do you run an on-ca...
 2 foundational expect-code-review-tools           65 What do you expect of a...
 3 foundational plan-month                         57 How do you plan the fir...
 4 advanced     worst-outage-change                73 Describe the worst outa...
 5 advanced     project-late-notice                63 Walk us through a proje...
 6 bonus        what-tells-you-that-two             - What tells you that two...
 7 bonus        meeting-free-day-customers-call     - How do you keep a meeti...

7 questions: 5 with an answer, 2 without.
Left out: 17 lines (heading 6, introduction 6, related link 2, advertisement 2,
conclusion 1).
"""


def test_dry_run(command: Any, tmp_path: Path) -> None:
    """A dry run shows number, level, id, length and first words at 80 columns, and writes nothing."""
    done = command("import", ARTICLE, "-o", str(tmp_path / "bank"), "--dry-run")
    assert (done.status, done.out) == (0, TABLE)
    assert done.err.splitlines()[-1] == "Nothing was written (--dry-run)."
    assert list(tmp_path.iterdir()) == []


def test_write_and_again(command: Any, tmp_path: Path) -> None:
    """The bank is written and the next steps are named; a second run says that nothing changed."""
    root = tmp_path / "bank"
    done = command("import", ARTICLE, "-o", str(root))
    assert (done.status, done.out) == (0, TABLE)
    assert done.err.splitlines()[-7:] == [
        f"Written: 7 questions to {root}/questions.",
        "",
        "Next:",
        f"  evaluator questions list --bank {root}",
        f"  evaluator rubric derive --all --bank {root} --judge openai/MODEL",
        "A rubric is derived from a model answer, and 2 questions came without. Write one as",
        "model_answer, with model_answer_source: editors, in the question's file.",
    ]
    bank = load_bank(root)
    assert [question.number for question in bank.questions] == [1, 2, 3, 4, 5, 6, 7]
    assert all(len(line) <= 92 for file in root.rglob("*.yaml") for line in file.read_text("utf-8").splitlines())
    files = {file: file.stat().st_mtime_ns for file in root.rglob("*")}
    again = command("import", ARTICLE, "-o", str(root))
    assert again.out.splitlines()[1].split()[4:6] == ["is", "there"]
    assert f"{root} has all of them already; nothing was changed." in again.err
    assert {file: file.stat().st_mtime_ns for file in root.rglob("*")} == files
    assert command("questions", "list", "--bank", str(root)).status == 0


def test_other_words_need_force(command: Any, tmp_path: Path) -> None:
    """A file with other words is not overwritten, unless asked."""
    command("import", "-", "-o", str(tmp_path / "b"), stdin="1. Who pays?\nWe do.\n")
    refused = command("import", "-", "-o", str(tmp_path / "b"), stdin="1. Who pays?\nThey do.\n")
    assert refused.status == 2
    assert "differs" in refused.out
    assert refused.err.splitlines()[-2:] == [
        f"evaluator: {tmp_path / 'b'} has other words for pays.",
        "--force replaces their question and model answer; nothing was written.",
    ]
    assert load_bank(tmp_path / "b").find("pays").model_answer == "We do."
    assert command("import", "-", "-o", str(tmp_path / "b"), "--force", stdin="1. Who pays?\nThey do.\n").status == 0
    assert load_bank(tmp_path / "b").find("pays").model_answer == "They do."


def test_left_out_lines(command: Any) -> None:
    """Every line that was left out can be listed with its place and the reason."""
    done = command("import", ARTICLE, "--dry-run", "--left-out")
    listed = done.out.removeprefix(TABLE).splitlines()[1:]
    assert len(listed) == 17
    assert listed[9:11] == [
        "   14  related link: Related: Ten Formatters Compared",
        "   17  related link: Related: What Do Buddies Earn?",
    ]
    assert max(map(len, listed)) <= 80


def test_json(command: Any) -> None:
    """A program gets questions, what was left out, and remarks as JSON."""
    whole = json.loads(command("import", ARTICLE, "--dry-run", "--format", "json", "--level", "bonus").out)
    assert list(whole) == ["questions", "left_out", "remarks"]
    assert {question["level"] for question in whole["questions"]} == {"bonus"}
    assert whole["questions"][0]["status"] == "new"
    assert whole["left_out"][7] == {
        "where": 8,
        "reason": "heading",
        "text": "7 Questions for Engineering Managers, With Answers [2026]",
    }


@pytest.mark.parametrize(
    ("arguments", "stdin", "message"),
    [
        ([ARTICLE], "", "evaluator: An import needs a folder to write to.\nName it with -o, or look first with --dry-run.\n"),
        (["gone.txt", "--dry-run"], "", "evaluator: gone.txt is not there.\nGive the file of an article.\n"),
        (["-", "--dry-run"], "", "evaluator: standard input is empty.\nGive the file of an article.\n"),
        (
            ["-", "--dry-run"],
            "Nothing is asked.\n",
            "evaluator: standard input: no questions found in its 1 paragraph.\n"
            'Questions are numbered ("1. How do you ...?"), headings that ask, "Q:" with "A:", rows of a table '
            "(question | answer), or list items that ask.\n",
        ),
        ([ARTICLE, "-o", ARTICLE], "", f"evaluator: {ARTICLE} is a file, not the folder of a bank.\nName a folder with -o.\n"),
    ],
    ids=["no-output", "gone", "empty", "nothing", "file"],
)  # fmt: skip
def test_refusals(command: Any, arguments: list[str], stdin: str, message: str) -> None:
    """Wrong use and wrong input end with status 2 and two lines."""
    done = command("import", *arguments, stdin=stdin)
    assert (done.status, done.out, done.err) == (2, "", message)
