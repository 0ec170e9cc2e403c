"""Replays what a real model said. How to record is in cassettes/README.md."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from vcr import VCR
from vcr.cassette import Cassette
from vcr.errors import CannotOverwriteExistingCassetteException

from evaluator.bank import Bank
from evaluator.domain import Answer, Assessment
from evaluator.errors import JudgeError
from evaluator.judges import Case
from evaluator.judges.llm import LLMJudge, LLMSettings
from evaluator.regress.cassette import allowed_headers, body_of, difference
from tests.vcrpy_yaml import ReadableYaml, same_request

ROOT = Path(__file__).resolve().parent.parent.parent
SERVER = os.environ.get("RECORD_FROM", "http://127.0.0.1:8077/v1")
MODEL = "qwen2.5-coder-1.5b-instruct-q4_k_m"

Assess = Callable[..., Assessment]


def pytest_recording_configure(config: pytest.Config, vcr: VCR) -> None:
    """Store recordings as readable YAML, and find them by method, path and body."""
    del config
    vcr.register_serializer("yaml", ReadableYaml)
    vcr.register_matcher("request", same_request)


@pytest.fixture(scope="session")
def vcr_config() -> dict[str, Any]:
    """Nothing is kept of the headers but what is on the allow-list."""
    return {
        "serializer": "yaml",
        "match_on": ["request"],
        "decode_compressed_response": True,
        "before_record_request": _request,
        "before_record_response": _response,
    }


def _request(request: Any) -> Any:
    request.headers = allowed_headers(dict(request.headers))
    return request


def _response(response: dict[str, Any]) -> dict[str, Any]:
    return {**response, "headers": allowed_headers(response["headers"])}


@pytest.fixture(scope="module")
def vcr_cassette_dir(request: pytest.FixtureRequest) -> str:
    """cassettes/<test module>/<test name>.yaml."""
    return str(ROOT / "cassettes" / request.path.stem)


@pytest.fixture(autouse=True)
def played_to_the_end(vcr: Cassette | None) -> Iterator[None]:
    """A recording that a test does not use up is stale."""
    yield
    if vcr is not None and not vcr.dirty:
        assert vcr.all_played, "the recording holds exchanges that the judge no longer makes: record it anew"


@pytest.fixture(scope="session")
def gold() -> dict[str, str]:
    """The labelled answers by id."""
    lines = (ROOT / "tests" / "gold" / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    return {row["id"]: row["text"] for row in map(json.loads, lines)}


@pytest.fixture
def assess(bank: Bank, monkeypatch: pytest.MonkeyPatch, vcr: Cassette) -> Assess:
    """Has an answer to a question of the shipped bank judged by the recorded model."""
    monkeypatch.setenv("OPENAI_API_KEY", "not-needed")

    def run(question: str, text: str, **settings: Any) -> Assessment:
        given = {
            "timeout": 900,
            "max_attempts": 1,
            "max_repairs": 0,
            "max_tokens": 1800,
            "parallel_calls": 1,
            **settings,
        }
        chosen = LLMSettings(spec=f"openai/{MODEL}", base_url=SERVER, **given)
        found = bank.find(question)
        case = Case(found, bank.rubric(found.id), Answer(id="recorded", question_id=found.id, text=text))
        try:
            return asyncio.run(LLMJudge(chosen).assess(case))
        except JudgeError as error:
            explain_miss(error, vcr)
            raise

    return run


def explain_miss(error: BaseException, cassette: Cassette) -> None:
    """Fail with the difference in the prompt where an error comes from a request that was never recorded."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, CannotOverwriteExistingCassetteException):
            sent = body_of(cause.failed_request.body)
            recorded = [body_of(request.body) for request in cassette.requests]
            nearest = min(
                (difference(body, sent) for body in recorded), key=len, default=["nothing is recorded at all"]
            )
            lines = nearest or ["it was recorded, and has been played already"]
            pytest.fail("the request of today is not in the recording:\n" + "\n".join(lines), pytrace=False)
        cause = cause.__cause__ or cause.__context__
