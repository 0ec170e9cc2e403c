"""With the embedded judge no command opens a connection."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
import typer.main

from evaluator.bank import Bank
from evaluator.cli.main import app
from tests.leaking.conftest import Command
from tests.regress.conftest import Bench

ARTICLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "article.txt"
ANSWER = "I asked Priya Raman to write one definition of each metric for every team, and a nightly job pulls them.\n"
QUESTION = "dora-rollout"
NEEDS_A_MODEL = {"regress record"}
"""What is of no use without a server: a recording is one of its replies."""


@pytest.fixture(autouse=True)
def sockets_refuse(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Whoever looks up a host or connects is refused and noted; at the end nobody has."""
    tried: list[str] = []

    def refuse(*arguments: object, **_: object) -> NoReturn:
        tried.append(repr(arguments))
        raise OSError("the network is out of reach")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    for name in ("getaddrinfo", "gethostbyname", "create_connection"):
        monkeypatch.setattr(socket, name, refuse)
    yield tried
    assert tried == []


def commands(group: Any, before: str = "") -> set[str]:
    """All commands of a group, with the names of the groups before them."""
    found: set[str] = set()
    for name, command in group.commands.items():
        found |= commands(command, f"{before}{name} ") if hasattr(command, "commands") else {before + name}
    return found


def test_every_command(command: Command, tmp_path: Path, bank: Bank) -> None:
    """All of them end well without a network, and none is forgotten here."""
    answer, answers, run = tmp_path / "answer.md", tmp_path / "answers.jsonl", tmp_path / "cohort.run"
    labels, made = tmp_path / "labels.jsonl", tmp_path / "bank"
    answer.write_text(ANSWER, encoding="utf-8")
    row = {"id": "a1", "candidate": "Ada", "question": QUESTION, "answer": ANSWER}
    answers.write_text(json.dumps(row) + "\n", encoding="utf-8")
    given = dict.fromkeys((c.id for c in bank.rubric(QUESTION).criteria), "met")
    given |= dict.fromkeys((f.id for f in bank.rubric(QUESTION).red_flags), "missed")
    labels.write_text(json.dumps({"answer_id": "a1", "labels": given}) + "\n", encoding="utf-8")
    bench = Bench(tmp_path / "bench")
    bench.record()
    bench.accept()
    suite = ("--prompts", bench.prompts)
    lines: dict[str, tuple[object, ...]] = {
        "questions list": (),
        "questions show": (QUESTION,),
        "rubric list": (),
        "rubric show": (QUESTION,),
        "rubric check": (QUESTION,),
        "judges": (),
        "schema": (),
        "grade": (QUESTION, answer, "--redact"),
        "batch": (answers, "--run", run),
        "report": (run, "-o", tmp_path / "page.html"),
        "export": (run, "--rows", "findings"),
        "agree": (run, labels, "--resamples", "10"),
        "import": (ARTICLE, "-o", made),
        "rubric derive": ("on-call-rotation-dread", "--bank", made, "--judge", "embedded"),
        "regress run": (bench.root, *suite),
        "regress accept": (bench.root, "--reason", "Again.", *suite),
        "regress compare": (bench.root, bench.root),
    }
    assert commands(typer.main.get_command(app)) - NEEDS_A_MODEL <= set(lines)
    for name, arguments in lines.items():
        status, out, err = command(*name.split(), *arguments)
        assert status in (0, 1), (name, out, err)
        assert status == 0 or name in ("rubric derive", "regress compare", "rubric check"), (name, out, err)
        assert "Traceback" not in err


def test_the_net_is_really_out_of_reach(
    command: Command, monkeypatch: pytest.MonkeyPatch, sockets_refuse: list[str]
) -> None:
    """The same guard stops a judge that does ask a server."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-none")
    status, _, err = command("grade", QUESTION, "--judge", "openai/gpt-5-mini", "--attempts", "1", stdin=ANSWER)
    assert (status, bool(sockets_refuse)) == (3, True), err
    sockets_refuse.clear()
