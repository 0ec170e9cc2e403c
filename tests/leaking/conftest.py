"""The command in this process, and a provider that is a function."""

from __future__ import annotations

import io
import json
import sys
import traceback
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from evaluator.cli import wiring
from evaluator.cli.main import run
from evaluator.errors import EvaluatorError
from evaluator.judges.llm import LLMJudge
from tests.agreeing import completion_that_agrees

MARKER = "sk-marker-5f2e8c01d7"

Command = Callable[..., tuple[int, str, str]]


class Provider:
    """Grades everything as met, or does what `fault` says; keeps the bodies that it was sent."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.fault: Callable[[httpx2.Request], httpx2.Response] | None = None

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        """As a transport calls it."""
        self.sent.append(request.content.decode())
        if self.fault is not None:
            return self.fault(request)
        system, user = (message["content"] for message in json.loads(request.content)["messages"])
        quote = user.split("\n")[1]
        body = completion_that_agrees(system, [quote], gap="[NAME_1] is asked.", strength="Asked [NAME_1].")
        body["usage"] = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
        return httpx2.Response(200, json=body)


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    """What every LLM judge of the command line talks to."""
    made = Provider()
    monkeypatch.setenv("OPENAI_API_KEY", MARKER)
    for name in ("OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(httpx2, "AsyncHTTPTransport", lambda: httpx2.MockTransport(made))

    def build(settings: Any) -> LLMJudge:
        return LLMJudge(settings, http_client=httpx2.AsyncClient(transport=httpx2.MockTransport(made)))

    monkeypatch.setattr(wiring, "build_judge", build)
    return made


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs `evaluator ...`: status, standard output, standard error."""

    def call(*arguments: object, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["evaluator", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8"))
        status = 0
        try:
            run()
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else 1
        except EvaluatorError:  # --debug: what Python would print
            status = 1
            traceback.print_exc()
        said = capsys.readouterr()
        return status, said.out, said.err

    return call
