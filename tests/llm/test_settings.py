from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from pydantic import ValidationError

from evaluator.errors import ConfigurationError, PromptError
from evaluator.judges.llm import LLMJudge, LLMSettings
from evaluator.judges.llm.settings import target_of


@pytest.mark.parametrize(
    ("spec", "base_url", "provider", "model"),
    [
        ("openai/gpt-5-mini", None, "openai", "gpt-5-mini"),
        ("together/meta-llama/Llama-3", None, "together", "meta-llama/Llama-3"),
        ("qwen3", "http://localhost:1/v1", "openai", "qwen3"),
        ("openai/qwen3", "http://localhost:1/v1", "openai", "qwen3"),
    ],
)
def test_a_specification_is_provider_and_model(spec: str, base_url: str | None, provider: str, model: str) -> None:
    """The first slash separates the two; with a base URL the provider may be left out."""
    target = target_of(LLMSettings(spec=spec, base_url=base_url))
    assert (target.provider, target.model, target.base_url) == (provider, model, base_url)


@pytest.mark.parametrize("spec", ["gpt-5-mini", "openai/", "/gpt-5-mini", "/"])
def test_half_a_specification_is_refused(spec: str) -> None:
    """Without provider or without model there is no judge."""
    with pytest.raises(ConfigurationError, match="names no judge"):
        LLMJudge(LLMSettings(spec=spec))


@pytest.mark.parametrize(
    "base_url", ["localhost:8080/v1", "ftp://host/v1", "http://", "http://host:0/v1", "http://[x/v1"]
)
def test_what_is_no_address_is_refused(base_url: str) -> None:
    """A base URL is an absolute HTTP address."""
    with pytest.raises(ConfigurationError, match="no base URL"):
        LLMJudge(LLMSettings(spec="m", base_url=base_url))


@pytest.mark.parametrize(
    ("base_url", "said"),
    [
        (
            "http://localhost:99999/v1",
            ['"http://localhost:99999/v1" is no base URL', "a port is a number from 1 to 65535"],
        ),
        ("localhost:8080/v1", ['"localhost:8080/v1" is no base URL', 'for instance "http://localhost:8080/v1"']),
        ("me:hidden-1@host/v1", ['"host/v1" is no base URL', '"http://host/v1"']),
        ("http://me:hidden-1@[x/v1?key=hidden-1", ['"[x/v1" is no base URL', 'Write it as "http://host:port']),
    ],
)
def test_what_is_wrong_with_an_address(base_url: str, said: list[str]) -> None:
    """The message repeats the address without anything secret, and says what is wanted."""
    with pytest.raises(ConfigurationError) as caught:
        target_of(LLMSettings(spec="m", base_url=base_url))
    assert all(text in str(caught.value) for text in said)
    assert "hidden-1" not in str(caught.value)


@pytest.mark.parametrize("key", ["sk-marker-0123\u2026", "sk-marker-0123\n", "sk-marker 0123", "sk-marker-\udce9"])
@pytest.mark.parametrize("base_url", [None, "http://localhost:1/v1"])
def test_a_key_that_cannot_be_sent(kit: Any, monkeypatch: pytest.MonkeyPatch, key: str, base_url: str | None) -> None:
    """A key with a character that no header can hold is refused before anything is sent, by the variable's name."""
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(ConfigurationError, match="OPENAI_API_KEY holds a character that no key has") as caught:
        kit.assess(base_url=base_url)
    assert "marker" not in str(caught.value)
    assert kit.server.requests == []


@pytest.mark.parametrize("base_url", ["https://me:hidden-1@host/v1", "https://host/v1?key=hidden-1"])
def test_a_secret_in_the_address_is_refused_and_not_shown(base_url: str) -> None:
    """Keys belong into the environment; the message does not repeat them."""
    with pytest.raises(ConfigurationError, match="https://host/v1 holds") as caught:
        LLMJudge(LLMSettings(spec="m", base_url=base_url))
    assert "hidden-1" not in str(caught.value)


@pytest.mark.parametrize(
    "wrong", [{"timeout": 0}, {"max_attempts": 0}, {"calls": "per-word"}, {"max_repairs": -1}, {"k": 1}]
)
def test_settings_are_checked(wrong: dict[str, Any]) -> None:
    """Values out of range and unknown settings are refused."""
    with pytest.raises(ValidationError):
        LLMSettings.model_validate({"spec": "openai/x", **wrong})


def test_an_unknown_prompt_is_refused() -> None:
    """The prompt is looked up when the judge is made."""
    with pytest.raises(PromptError, match="grade/v99"):
        LLMJudge(LLMSettings(spec="openai/x", prompt="grade/v99"))


def test_clients_are_imported_late() -> None:
    """Making a judge imports neither openai nor instructor nor the price list."""
    code = (
        "import sys; from evaluator.judges.llm import LLMJudge, LLMSettings;"
        "LLMJudge(LLMSettings(spec='openai/x')).identity;"
        "print([name for name in ('openai', 'instructor', 'genai_prices', 'httpx2') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
