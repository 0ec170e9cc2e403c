"""What one can choose about the LLM judge."""

from __future__ import annotations

import os
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field

from evaluator.domain import Frozen
from evaluator.errors import ConfigurationError

_DEFAULT_PROVIDER = "openai"


class LLMSettings(Frozen):
    """The settings of one LLM judge. Keys are no settings: they are read from the environment by the provider's client.

    Attributes:
        spec: Provider and model as instructor names them ("openai/gpt-5-mini", "ollama/qwen3"). With `base_url`, any
            text before the first slash is dropped and a bare model name will do.
        base_url: An OpenAI-compatible server, for instance "http://localhost:8080/v1". Without it, OPENAI_BASE_URL
            counts for the provider "openai".
        calls: One call for all criteria, or one call for each criterion (dearer, agrees better with people).
        prompt: Name and version of the prompt.
        temperature: None sends none. A model that refuses it is asked without.
        seed: None sends none. A model that refuses it is asked without.
        max_tokens: Upper bound of the reply in tokens; None leaves it to the server. Doubled after a cut-off reply.
        timeout: Seconds for one request, all of it.
        max_attempts: How often one request is sent when the transport or the server fails, first time included.
        patience: Seconds after the first attempt during which a failed request may still be sent again.
        max_repairs: How often the model is asked again for what failed the checks of its reply.
        parallel_calls: How many calls of one answer run at the same time with one call for each criterion.
    """

    spec: str = Field(min_length=1)
    base_url: str | None = None
    calls: Literal["per-answer", "per-criterion"] = "per-answer"
    prompt: str = "grade/v1"
    temperature: float | None = Field(default=0.0, ge=0)
    seed: int | None = 0
    max_tokens: int | None = Field(default=None, ge=1)
    timeout: float = Field(default=120.0, gt=0)
    max_attempts: int = Field(default=6, ge=1)
    patience: float = Field(default=180.0, ge=0)
    max_repairs: int = Field(default=2, ge=0)
    parallel_calls: int = Field(default=4, ge=1)


class Target(Frozen):
    """Where requests go: instructor's provider, the model, and the server where that is not the provider's own."""

    provider: str
    model: str
    base_url: str | None

    @property
    def place(self) -> str:
        """For messages: "openai/gpt-5-mini" or "qwen3 at http://localhost:8080/v1"."""
        return f"{self.model} at {self.base_url}" if self.base_url else f"{self.provider}/{self.model}"


def target_of(settings: LLMSettings) -> Target:
    """Split the specification and settle the server.

    Raises:
        ConfigurationError: no provider, no model, or a server address that is none or that holds a secret.
    """
    provider, slash, model = settings.spec.partition("/")
    if not slash and settings.base_url:
        provider, model = _DEFAULT_PROVIDER, settings.spec
    if not provider or not model:
        raise ConfigurationError(
            f'"{settings.spec}" names no judge.', 'Write provider and model, for instance "openai/gpt-5-mini".'
        )
    base_url = settings.base_url
    if base_url is None and provider == _DEFAULT_PROVIDER:
        base_url = os.environ.get("OPENAI_BASE_URL") or None
    if base_url is not None:
        _check_url(base_url)
        base_url = base_url.rstrip("/")
    return Target(provider=provider, model=model, base_url=base_url)


def _check_url(base_url: str) -> None:
    try:
        parts = urlsplit(base_url)
        if parts.username or parts.password or parts.query:
            shown = f"{parts.scheme}://{parts.hostname or ''}{parts.path}"
            raise ConfigurationError(
                f"The base URL {shown} holds a user, a password or a query.", "Put the key into OPENAI_API_KEY instead."
            )
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return
    except ValueError:  # a port that is none, a bracket too many
        pass
    shown = base_url.rpartition("@")[2].partition("?")[0]  # what stands before and behind may be secret
    hint = 'Write it as "http://host:port/v1", without "/chat/completions"; a port is a number from 1 to 65535.'
    if "://" not in base_url:
        hint = f'Put "http://" or "https://" before it, for instance "http://{shown}".'
    raise ConfigurationError(f'"{shown}" is no base URL.', hint)
