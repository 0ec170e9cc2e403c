"""One request to one model, by whichever client instructor provides for it.

Clients that speak OpenAI's protocol are asked for the raw completion, with our own schema: repair needs the text of
broken replies, too. Other clients (anthropic, google, ...) are asked through instructor's own mode.

What a server does not support (a schema, a temperature, a seed, a name of a limit) is learned from its refusals.
"""

from __future__ import annotations

import json
import logging
import os
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal, Protocol

from pydantic import BaseModel

from evaluator.errors import ConfigurationError
from evaluator.judges.llm.failures import ErrorInBodyError, WebPageError, is_page, redact
from evaluator.judges.llm.reply import Reply, reply_schema
from evaluator.judges.llm.settings import LLMSettings, Target

Format = Literal["json_schema", "json_object", "text"]
Finish = Literal["stop", "length", "content_filter", "refused"]

_WEAKER: dict[Format, Format] = {"json_schema": "json_object", "json_object": "text"}
_REFUSES_OPTION = (400, 422, 501)
_BAD_GATEWAY = 502
_SENT = ("API_KEY", "AUTH_TOKEN", "TOKEN", "ADMIN_KEY", "ORG_ID", "PROJECT_ID")
"""Ends of the names of variables that clients send in headers."""
_SENDABLE = re.compile(r"[!-~]+")
_NOWHERE = logging.NullHandler()  # without one, errors would go to standard error


@dataclass(frozen=True, slots=True)
class Request:
    """The two messages, the most tokens that the reply may have (None: the server's own bound), and its shape."""

    system: str
    user: str
    max_tokens: int | None = None
    shape: type[BaseModel] = Reply


@dataclass(frozen=True, slots=True)
class Completion:
    """What came back: text, how it ended, and tokens (`cached_tokens` are part of `input_tokens`)."""

    text: str
    finish: Finish
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Options:
    """What is sent along with the messages, as far as the server is known to take it."""

    format: Format
    temperature: float | None
    seed: int | None
    limit_name: Literal["max_tokens", "max_completion_tokens"]

    def without(self, complaint: str) -> Options | None:
        """Options without the one that the server complains of; None where it complains of something else."""
        if self.temperature is not None and "temperature" in complaint:
            return replace(self, temperature=None)
        if self.seed is not None and "seed" in complaint:
            return replace(self, seed=None)
        if self.limit_name == "max_tokens" and "max_tokens" in complaint and "max_completion_tokens" in complaint:
            return replace(self, limit_name="max_completion_tokens")
        if self.format != "text" and any(word in complaint for word in ("response_format", "schema", "grammar")):
            return replace(self, format=_WEAKER[self.format])
        return None


class Channel(Protocol):
    """Sends one request, once."""

    async def send(self, request: Request, options: Options) -> Completion:
        """Send it; raises what the client raises."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


def first_options(settings: LLMSettings, target: Target) -> Options:
    """What is sent before anything is known about the server."""
    modern = target.provider == "openai" and target.base_url is None
    return Options(
        format="json_schema",
        temperature=settings.temperature,
        seed=settings.seed,
        limit_name="max_completion_tokens" if modern else "max_tokens",
    )


def complaint_of(exception: Exception) -> str:
    """What a server, or a client that has no such setting, says about what it refuses to take; "" for other faults."""
    link: BaseException | None = exception
    while link is not None:
        if getattr(link, "status_code", None) in _REFUSES_OPTION or (
            isinstance(link, TypeError) and "unexpected keyword" in str(link)
        ):
            return f"{getattr(link, 'param', None)} {link}".lower()
        link = link.__cause__
    return ""


def open_channel(settings: LLMSettings, target: Target, http_client: Any = None) -> Channel:  # noqa: ANN401
    """Build the client.

    Args:
        settings: Gives the time for one request.
        target: Where to.
        http_client: An `httpx2.AsyncClient` to use in place of openai's own; only for OpenAI's protocol.

    Raises:
        ConfigurationError: a key in the environment cannot be sent.
        Exception: whatever openai or instructor raise about a missing key or package, or an unknown provider.
    """
    _check_keys("openai" if target.base_url is not None else target.provider)
    _hush_instructor()
    import instructor  # noqa: PLC0415 - late, see the docstring of the package
    import openai  # noqa: PLC0415

    if target.base_url is not None:
        client: Any = instructor.from_provider(
            f"openai/{target.model}",
            async_client=True,
            base_url=target.base_url,
            api_key=os.environ.get("OPENAI_API_KEY") or "not-needed",
        )
    else:
        client = instructor.from_provider(f"{target.provider}/{target.model}", async_client=True)
    raw = getattr(client, "client", None)
    if isinstance(raw, openai.AsyncOpenAI):
        own = {} if http_client is None else {"http_client": http_client}
        return OpenAIChannel(raw.with_options(max_retries=0, timeout=settings.timeout, **own), target.model)
    return InstructorChannel(client, target.model)


def _check_keys(provider: str) -> None:
    """Refuse what cannot stand in a header: clients fail at it late, and some say the key."""
    head = provider.upper().replace("-", "_")
    for name in (f"{head}_{tail}" for tail in _SENT):
        value = os.environ.get(name)
        if value and not _SENDABLE.fullmatch(value):
            raise ConfigurationError(
                f"The environment variable {name} holds a character that no key has.",
                "Copy the key once more, whole: without spaces, line ends or dots that stand for what was left out.",
            )


def _hush_instructor() -> None:
    """Redact what instructor logs: every error that it raises, with what the server said."""
    logging.getLogger("instructor").addHandler(_NOWHERE)
    for name in ("instructor.auto_client", "instructor.v2.retry"):
        logging.getLogger(name).addFilter(_redact_record)


def _redact_record(record: logging.LogRecord) -> bool:
    record.msg, record.args, record.exc_info = redact(record.getMessage()), (), None
    return True


class OpenAIChannel:
    """Chat completions in OpenAI's protocol."""

    def __init__(self, client: Any, model: str) -> None:  # noqa: ANN401 - openai's overloads fit no dictionary
        import httpx2  # noqa: PLC0415 - late, see the docstring of the package

        self._client = client
        self._model = model
        self._response = httpx2.Response

    async def send(self, request: Request, options: Options) -> Completion:
        """Send one request without any retry of the client.

        By the client's `post`: its `chat.completions.create` compares each request and each reply with openai's types,
        which takes longer than all checks here, and would change neither.
        """
        body: dict[str, Any] = {
            "messages": [
                {"role": "system", "content": request.system},
                {"role": "user", "content": request.user},
            ],
            "model": self._model,
        }
        if request.max_tokens is not None:
            body[options.limit_name] = request.max_tokens
        if options.format == "json_object":
            body["response_format"] = {"type": "json_object"}
        if options.seed is not None:
            body["seed"] = options.seed
        if options.temperature is not None:
            body["temperature"] = options.temperature
        if options.format == "json_schema":
            schema = {"name": "reply", "strict": True, "schema": _schema(request.shape)}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        response = await self._client.post(
            "/chat/completions", body=body, cast_to=self._response, options={"security": {"bearer_auth": True}}
        )
        return _read_completion(_content(response))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


class InstructorChannel:
    """Any other client, in the mode that instructor takes for it. Neither seed nor limit are sent: names differ."""

    def __init__(self, client: Any, model: str) -> None:  # noqa: ANN401
        self._client = client
        self._model = model

    async def send(self, request: Request, options: Options) -> Completion:
        """Send one request; a reply that instructor cannot read is read from what it keeps of it."""
        from instructor.core.exceptions import (  # noqa: PLC0415 - late, see the docstring of the package
            IncompleteOutputException,
            InstructorRetryException,
        )

        temperature = {} if options.temperature is None else {"temperature": options.temperature}
        try:
            reply, raw = await self._client.create_with_completion(
                messages=[
                    {"role": "system", "content": request.system},
                    {"role": "user", "content": request.user},
                ],
                response_model=request.shape,
                max_retries=0,
                strict=False,
                **temperature,
            )
        except IncompleteOutputException as error:
            return _foreign(error.last_completion, _text_of(error.last_completion), "length")
        except InstructorRetryException as error:
            if error.last_completion is None:
                raise
            return _foreign(error.last_completion, _text_of(error.last_completion), "stop")
        return _foreign(raw, reply.model_dump_json(), "stop")

    async def close(self) -> None:
        """Leave it to the client: they do not agree on a name for this."""


_schema = lru_cache(reply_schema)


def _content(response: Any) -> object:  # noqa: ANN401 - httpx2 is not imported here
    """The JSON of a response, or its text where the server does not say that it is JSON and it is not.

    Raises:
        WebPageError: it is a page for people.
        JSONDecodeError: the server says that it is JSON.
    """
    says_json = response.headers.get("content-type", "*").partition(";")[0].endswith("json")
    try:
        return response.json()
    except (ValueError, RecursionError) as error:  # besides no JSON: no encoding, 5,000 digits, 1,000 lists in lists
        if is_page(response):
            raise WebPageError from error
        if not says_json:
            return response.text
        if isinstance(error, json.JSONDecodeError):
            raise
        raise json.JSONDecodeError(str(error), "", 0) from error


def _read_completion(reply: object) -> Completion:
    if isinstance(reply, str):
        return Completion(reply, "stop")
    usage = _of(reply, "usage")
    tokens = {
        "input_tokens": _tokens(usage, "prompt_tokens"),
        "output_tokens": _tokens(usage, "completion_tokens"),
        "cached_tokens": _tokens(_of(usage, "prompt_tokens_details"), "cached_tokens"),
    }
    choices = _of(reply, "choices")
    if not isinstance(choices, list) or not choices:
        error = _of(reply, "error")
        if isinstance(error, dict):
            code = error.get("code")
            raise ErrorInBodyError(str(error.get("message", "")), code if isinstance(code, int) else _BAD_GATEWAY)
        return Completion("", "stop", **tokens)
    message = _of(choices[0], "message")
    if refusal := _of(message, "refusal"):
        return Completion(str(refusal), "refused", **tokens)
    content = _of(message, "content")
    reason = _of(choices[0], "finish_reason")
    finish: Finish = "content_filter" if reason == "content_filter" else "length" if reason == "length" else "stop"
    return Completion(content if isinstance(content, str) else "", finish, **tokens)


def _of(part: object, name: str) -> object:
    """A key of a reply; None where the server left it out, or sent something else than an object."""
    return part.get(name) if isinstance(part, dict) else None


def _tokens(usage: object, name: str) -> int:
    """A number of tokens, which some servers send as 12.0 or as "12"."""
    try:
        return max(0, int(str(_of(usage, name) or 0).removesuffix(".0")))
    except ValueError:
        return 0


def _foreign(raw: Any, text: str, finish: Finish) -> Completion:  # noqa: ANN401
    usage = getattr(raw, "usage", None) or getattr(raw, "usage_metadata", None)
    return Completion(
        text,
        finish,
        _count(usage, "input_tokens", "prompt_tokens", "prompt_token_count"),
        _count(usage, "output_tokens", "completion_tokens", "candidates_token_count"),
    )


def _count(usage: object, *names: str) -> int:
    for name in names:
        value = getattr(usage, name, None)
        if isinstance(value, int):
            return value
    return 0


def _text_of(raw: Any) -> str:  # noqa: ANN401
    """The text or the tool call of a completion of another make; "" where it is not known how to find it."""
    if getattr(raw, "choices", None):
        message = raw.choices[0].message
        calls = getattr(message, "tool_calls", None)
        return str(calls[0].function.arguments if calls else message.content or "")
    for part in getattr(raw, "content", None) or ():
        if getattr(part, "input", None):
            return json.dumps(part.input)
        if getattr(part, "text", None):
            return str(part.text)
    return str(getattr(raw, "text", "") or "")
