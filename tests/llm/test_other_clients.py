"""Clients that do not speak OpenAI's protocol go through instructor's own mode. Here instructor itself is real."""

from __future__ import annotations

import asyncio
import json
import sys
import tomllib
from importlib.metadata import metadata
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import instructor
import openai
import pytest
from instructor.auto_client import supported_providers
from instructor.core.exceptions import InstructorRetryException

from evaluator.domain import Assessment
from evaluator.errors import ConfigurationError, JudgeError
from evaluator.judges.llm.channel import _foreign, _text_of
from evaluator.judges.llm.providers import PROVIDERS


def tool_call(arguments: str, finish: str = "tool_calls") -> httpx2.Response:
    """A completion that calls instructor's tool."""
    call = {"id": "c1", "type": "function", "function": {"name": "Reply", "arguments": arguments}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    usage = {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12}
    choices = [{"index": 0, "finish_reason": finish, "message": message}]
    body = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": choices, "usage": usage}
    return httpx2.Response(200, json=body)


def assess(kit: Any, monkeypatch: pytest.MonkeyPatch, *replies: httpx2.Response, **settings: Any) -> Assessment:
    """Assess with a client that does not show what lies below it, as those of other providers do."""
    transport = httpx2.AsyncClient(transport=httpx2.MockTransport(kit.server))
    below = instructor.from_openai(openai.AsyncOpenAI(max_retries=0, http_client=transport), model="claude")

    def from_provider(model: str, *, async_client: bool) -> object:
        assert (model, async_client) == ("anthropic/claude", True)
        return SimpleNamespace(create_with_completion=below.create_with_completion)

    monkeypatch.setattr(instructor, "from_provider", from_provider)
    judge = kit.judge(*replies, spec="anthropic/claude", **settings)
    done: Assessment = asyncio.run(judge.assess(kit.case()))
    return done


def test_a_reply_in_a_tool_call(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reply is asked for in instructor's own mode, once; the reply passes the same checks."""
    assessment = assess(kit, monkeypatch, tool_call(json.dumps(kit.reply_of())))
    assert [finding.verdict for finding in assessment.findings] == ["met", "partial"]
    assert (assessment.usage.calls, assessment.usage.input_tokens, assessment.usage.output_tokens) == (1, 10, 2)
    (body,) = kit.server.bodies
    assert body["tools"][0]["function"]["name"] == "Reply"
    assert body["temperature"] == 0.0
    assert "seed" not in body
    assert [message["role"] for message in body["messages"]] == ["system", "user"]


def test_a_reply_that_instructor_cannot_read(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a broken or cut-off reply holds is kept, and only the rest is asked again."""
    partly = {"criteria": [kit.criterion()], "red_flags": [kit.red_flag()]}
    rest = json.dumps(kit.reply_of(kit.criterion("automatic"), flags=[]))
    assessment = assess(kit, monkeypatch, tool_call(json.dumps(partly)), tool_call(rest))
    assert [finding.flags for finding in assessment.findings] == [(), ("asked_again",)]
    whole = json.dumps(kit.reply_of())
    cut = tool_call(whole[: whole.index('"automatic"')], finish="length")
    again = assess(kit, monkeypatch, cut, tool_call(json.dumps(kit.reply_of(kit.criterion("automatic")))))
    assert [finding.flags for finding in again.findings] == [(), ("asked_again",)]


def test_a_fault_below_instructor(kit: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """The fault that instructor wraps is understood, and repeated by us alone. No key is logged."""
    busy = httpx2.Response(429, json={"error": {"message": "busy"}})
    assert assess(kit, monkeypatch, busy, tool_call(json.dumps(kit.reply_of()))).usage.calls == 2
    with pytest.raises(JudgeError) as caught:
        assess(kit, monkeypatch, httpx2.Response(401, json={"error": {"message": f"bad {kit.MARKER_KEY}"}}))
    assert (caught.value.reason, caught.value.attempts) == ("auth", 1)
    assert "bad [secret]" in caplog.text
    assert kit.MARKER_KEY not in caplog.text
    assert kit.MARKER_KEY not in repr(caught.value) + repr(caught.value.__cause__) + str(caught.value)


def test_a_temperature_that_is_refused(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The refusal is understood although instructor wraps it."""
    no = httpx2.Response(400, json={"error": {"message": "temperature is not supported"}})
    assert assess(kit, monkeypatch, no, tool_call(json.dumps(kit.reply_of()))).usage.calls == 2
    assert ["temperature" in body for body in kit.server.bodies] == [True, False]


def wrapped(cause: Exception) -> InstructorRetryException:
    """What instructor raises for an error of a client."""
    error = InstructorRetryException(str(cause), n_attempts=1, total_usage=0)
    error.__cause__ = cause
    return error


def test_a_setting_that_the_client_does_not_have(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client without a temperature is asked without one, as a server that refuses it."""
    sent: list[dict[str, Any]] = []

    async def create(**keywords: Any) -> Any:
        sent.append(keywords)
        if "temperature" in keywords:
            raise wrapped(TypeError("create() got an unexpected keyword argument 'temperature'"))
        return keywords["response_model"].model_validate(kit.reply_of()), None

    monkeypatch.setattr(instructor, "from_provider", lambda *_, **__: SimpleNamespace(create_with_completion=create))
    assert len(kit.assess(spec="anthropic/claude").findings) == 2
    assert ["temperature" in keywords for keywords in sent] == [True, False]


def test_a_key_that_is_missed_late(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anthropic's client looks for its key with the first request; the message names the variable."""

    async def create(**_: Any) -> None:
        raise wrapped(TypeError("Could not resolve authentication method. Expected either api_key or auth_token"))

    monkeypatch.setattr(instructor, "from_provider", lambda *_, **__: SimpleNamespace(create_with_completion=create))
    with pytest.raises(ConfigurationError) as caught:
        kit.assess(spec="anthropic/claude")
    assert str(caught.value) == "No key for anthropic: set ANTHROPIC_API_KEY."
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-0123456789")
    with pytest.raises(JudgeError, match="Could not resolve"):
        kit.assess(spec="anthropic/claude")


def test_a_package_that_is_missing(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says which package a provider needs, and how to install it for the interpreter that runs."""
    monkeypatch.setitem(sys.modules, "anthropic", None)
    with pytest.raises(ConfigurationError) as caught:
        kit.assess(spec="anthropic/claude")
    assert caught.value.message == "The judge anthropic/claude needs a package that is not installed: anthropic."
    assert caught.value.hint == f'Run: {sys.executable} -m pip install "{PROVIDERS["anthropic"].package}"'


def test_the_providers_are_those_of_instructor() -> None:
    """Every provider is in the table, and every package in it is an extra: instructor's or, for anthropic, our own."""
    assert sorted(PROVIDERS) == sorted(supported_providers)
    extras = metadata("instructor").get_all("Provides-Extra") or []
    for name, provider in PROVIDERS.items():
        package, _, extra = provider.package.rstrip("]").partition("[")
        assert package != "instructor" or extra in extras, name
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["optional-dependencies"]["anthropic"] == [PROVIDERS["anthropic"].package]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (SimpleNamespace(content=[SimpleNamespace(type="tool_use", input={"a": 1})]), '{"a": 1}'),
        (SimpleNamespace(content=[SimpleNamespace(type="text", text="hello", input=None)]), "hello"),
        (SimpleNamespace(text="hello"), "hello"),
        (SimpleNamespace(), ""),
        (None, ""),
    ],
)
def test_text_of_foreign_completions(raw: object, text: str) -> None:
    """The text is found where the libraries are known to put it, and is empty elsewhere."""
    assert _text_of(raw) == text


def test_tokens_of_foreign_completions() -> None:
    """Tokens are found under the names that the libraries use."""
    anthropic = SimpleNamespace(usage=SimpleNamespace(input_tokens=5, output_tokens=3))
    google = SimpleNamespace(usage_metadata=SimpleNamespace(prompt_token_count=7, candidates_token_count=1))
    assert [
        (c.input_tokens, c.output_tokens) for c in (_foreign(anthropic, "", "stop"), _foreign(google, "", "stop"))
    ] == [
        (5, 3),
        (7, 1),
    ]
