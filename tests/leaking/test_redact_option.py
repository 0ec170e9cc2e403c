"""`--redact` on the command line: what leaves the machine, and what the reader gets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.leaking.conftest import Command, Provider

ANSWER = "I asked Priya Raman at priya@example.com, and Sable Point Bank agreed to one definition of each metric.\n"
JUDGE = ("--judge", "openai/gpt-5-mini", "--attempts", "1", "--redact")
HIDDEN = ("Priya", "Raman", "example.com", "Sable Point", "Ada Byron")


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    """A list with the company of the answer."""
    file = tmp_path / "list.txt"
    file.write_text("company: Sable Point Bank\n", encoding="utf-8")
    return file


def test_grade(provider: Provider, command: Command, listed: Path) -> None:
    """The request has placeholders; quotes and feedback have what stood there, at the offsets of the answer."""
    status, out, _ = command("grade", "dora-rollout", *JUDGE, "--redact-list", listed, "--format", "json", stdin=ANSWER)
    assert status == 0
    assert "I asked [NAME_1] at [EMAIL_1], and [COMPANY_1] agreed" in provider.sent[0]
    assert not [word for word in HIDDEN if word in "".join(provider.sent)]
    graded = json.loads(out)
    quotes = [one for criterion in graded["criteria"] for one in criterion["evidence"]]
    assert quotes
    assert all(ANSWER[one["start"] : one["end"]] == one["quote"] for one in quotes)
    assert graded["criteria"][0]["gap"] in ("", "Priya Raman is asked.")
    assert "NAME_1" not in out


def test_batch(provider: Provider, command: Command, listed: Path, tmp_path: Path) -> None:
    """The same in a batch; the same command with another list grades again."""
    answers, run = tmp_path / "answers.jsonl", tmp_path / "cohort.run"
    row = {"id": "ada-byron-1", "candidate": "Ada Byron", "question": "dora-rollout", "answer": ANSWER}
    answers.write_text(json.dumps(row) + "\n", encoding="utf-8")
    assert command("batch", answers, "--run", run, *JUDGE, "--redact-list", listed)[0] == 0
    assert len(provider.sent) == 1
    assert not [word for word in HIDDEN if word in provider.sent[0]]
    assert command("batch", answers, "--run", run, *JUDGE, "--redact-list", listed)[0] == 0
    assert len(provider.sent) == 1
    assert command("batch", answers, "--run", run, *JUDGE)[0] == 0
    assert len(provider.sent) == 2


def test_dry_run(provider: Provider, command: Command, listed: Path) -> None:
    """A dry run shows what would be sent, without personal data."""
    status, out, _ = command("grade", "dora-rollout", *JUDGE, "--redact-list", listed, "--dry-run", stdin=ANSWER)
    assert (status, provider.sent) == (0, [])
    assert "[NAME_1]" in out
    assert not [word for word in HIDDEN if word in out]


def test_a_list_needs_the_option(command: Command, listed: Path) -> None:
    """A list alone would hide nothing, so it is refused."""
    status, _, err = command("grade", "dora-rollout", "--redact-list", listed, stdin=ANSWER)
    assert status == 2
    assert err.endswith("has no effect by itself.\nAdd --redact.\n")
