"""`evaluator rubric derive` through its entry point."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from evaluator.authoring.derive import Workshop
from evaluator.cli import deriving
from evaluator.runs.batch.budget import Budget
from tests.authoring.derive_kit import MODEL_ANSWER, Kit, LetterEncoder, Model, criterion, red_flag, three

Command = Callable[..., Any]


@pytest.fixture
def kit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kit:
    """A bank of two questions; whatever judge is named, the kit's model answers."""
    monkeypatch.setenv("OPENAI_API_KEY", "not-needed")
    monkeypatch.setattr(deriving, "Encoder", LetterEncoder)
    kit = Kit(tmp_path)
    kit.question("silent", None)
    whole = deriving.open_workshop

    def opened(bank: Any, judge: str | None, base_url: str | None, **options: Any) -> Workshop:
        made = whole(bank, judge, base_url, **options)
        return kit.workshop(Budget(*options["limits"]), embedded=made.asker is None)

    monkeypatch.setattr(deriving, "open_workshop", opened)
    return kit


def test_derive_one(kit: Kit, command: Command) -> None:
    """A final rubric: what was made and what it took on standard output, the next step on standard error, status 0."""
    done = command("rubric", "derive", "on-call", "--bank", str(kit.root), "--judge", "openai/gpt-5-mini")
    assert done.status == 0
    assert done.out.startswith("on-call: final; 3 criteria; 1 red flag; 32 examples; 6 requests, $0.0")
    assert done.out.endswith("1 question: 1 final\n")
    assert done.err == f"Deriving on-call (1 of 1).\n  evaluator rubric check --bank {kit.root}\n"


def test_derive_all(kit: Kit, command: Command) -> None:
    """All questions in order, with why one is skipped; a second run finds nothing to do."""
    run = ("rubric", "derive", "--all", "--bank", str(kit.root), "--judge", "openai/gpt-5-mini")
    assert command(*run).out.endswith(
        "silent: skipped; it has no model answer to derive from\n2 questions: 1 final, 1 skipped\n"
    )
    kit.model = Model()
    again = command(*run)
    assert again.status == 0
    assert again.out.startswith("on-call: skipped; it has a final rubric; --update proposes changes\n")
    assert kit.model.users == []


def test_a_draft_says_why(kit: Kit, command: Command) -> None:
    """Every refusal that stands is printed, and the status is 1."""
    kit.model = Model(red_flags=[{"red_flags": [red_flag(penalty=0)]}] * 3)
    done = command("rubric", "derive", "on-call", "--bank", str(kit.root), "--judge", "openai/gpt-5-mini")
    assert done.status == 1
    assert "\n  refused: heroes: penalty: penalty must be a whole number from 5 to 30, not 0\n" in done.out
    assert "Drafts say in comments what is refused." in done.err


def test_as_json(kit: Kit, command: Command) -> None:
    """The same for programs."""
    done = command(
        "rubric", "derive", "on-call", "--bank", str(kit.root), "--judge", "openai/gpt-5-mini", "--format", "json"
    )
    (row,) = json.loads(done.out)
    assert (row["question"], row["status"], row["criteria"]) == ("on-call", "final", ["owner", "weeks", "monday"])
    assert (row["refused"], row["uncovered"], row["usage"]["calls"]) == ([], [], 6)


def test_budget(kit: Kit, command: Command) -> None:
    """A spent budget is status 4; the same command goes on."""
    run = ("rubric", "derive", "--all", "--bank", str(kit.root), "--judge", "openai/gpt-5-mini", "--max-calls", "4")
    first = command(*run)
    assert (first.status, first.out) == (4, "no question was finished\n")
    assert "The budget is spent." in first.err
    second = command(*run)
    assert second.status == 0
    assert "; 2 requests, $0.0009, 4 replies of an earlier run\n" in second.out.replace("4\n  replies", "4 replies")
    assert len(kit.model.users) == 6


def test_update(kit: Kit, command: Command) -> None:
    """The proposal is a diff; --apply writes it."""
    run = ("rubric", "derive", "on-call", "--bank", str(kit.root), "--judge", "openai/gpt-5-mini")
    command(*run)
    more = "Every night spent awake is paid with half a day off."
    kit.question("on-call", f"{MODEL_ANSWER} {more}")
    kit.model = Model(criteria=[three(), {"criteria": [criterion("night-pay", more)]}])
    proposed = command(*run, "--update")
    assert proposed.status == 0
    assert "--- rubrics/on-call.yaml\n+++ rubrics/on-call.yaml, derived anew\n" in proposed.out
    assert "\n+  - id: night-pay\n" in proposed.out
    assert "Nothing was written." in proposed.err
    assert [c.id for c in kit.rubric().criteria] == ["owner", "weeks", "monday"]
    assert command(*run, "--update", "--apply").status == 0
    assert [c.id for c in kit.rubric().criteria] == ["owner", "weeks", "monday", "night-pay"]
    assert kit.rubric().version == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["on-call"], "Deriving a rubric takes a language model, and none is configured."),
        ([], "Which question?"),
        (["on-call", "--all"], "--all and names of questions do not go together."),
        (["on-call", "--apply"], "--apply writes what --update shows."),
        (
            ["on-call", "--judge", "openai/x", "--check-with", "openai/gpt-5-mini", "--max-cost", "1"],
            "--max-cost does not see what the self-check by openai/gpt-5-mini costs.",
        ),
        (["nothing", "--judge", "embedded"], 'No question "nothing"'),
    ],
)
def test_wrong_use(kit: Kit, command: Command, arguments: list[str], message: str) -> None:
    """Each misuse is two lines on standard error and status 2."""
    done = command("rubric", "derive", *arguments, "--bank", str(kit.root))
    assert done.status == 2
    assert done.out == ""
    assert message in done.err


def test_a_judge_in_the_environment_counts(kit: Kit, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """EVALUATOR_JUDGE configures it; embedded, asked for by name, makes a draft of the sentences."""
    monkeypatch.setenv("EVALUATOR_JUDGE", "embedded")
    done = command("rubric", "derive", "on-call", "--bank", str(kit.root))
    assert done.status == 1
    assert done.out.startswith(
        "on-call: draft; 3 criteria; 0 red flags; 0 examples\n  refused: extracted: each criterion"
    )


def test_one_broken_rubric_does_not_stop_the_others(kit: Kit, command: Command) -> None:
    """With several questions a file that cannot be read is the outcome of its question."""
    kit.question("a-broken-one", MODEL_ANSWER)
    kit.file.parent.mkdir()
    (kit.file.parent / "a-broken-one.yaml").write_text("question: [", encoding="utf-8")
    done = command("rubric", "derive", "--all", "--bank", str(kit.root), "--judge", "openai/gpt-5-mini")
    assert done.status == 1
    assert done.out.startswith("a-broken-one: failed; 1 problem in the bank:")
    assert done.out.endswith("3 questions: 1 failed, 1 final, 1 skipped\n")


def test_a_model_that_goes_away_does_not_hide_what_was_done(kit: Kit, command: Command) -> None:
    """What was finished is printed before the error, and the status is that of an unreachable judge."""
    kit.question("pagers", MODEL_ANSWER.replace("Monday", "Tuesday"))
    gone = httpx2.Response(401, json={"error": {"message": "no"}})
    kit.model = Model(criteria=[three(), gone])
    done = command("rubric", "derive", "--all", "--bank", str(kit.root), "--judge", "openai/gpt-5-mini")
    assert done.status == 3
    assert done.out.startswith("on-call: final; ")
    assert "evaluator: The judge openai/gpt-5-mini answered with status 401" in done.err
