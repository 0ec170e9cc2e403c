"""What goes wrong between us and a provider, in our words. This is the only place that knows foreign exceptions.

The table names every exception class of openai and instructor (a test holds it); classes are named, not imported, so
that this module costs nothing. Client libraries of the same make as openai (anthropic, groq, ...) name their classes
alike and are found by those names; other libraries are understood by their HTTP status.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from evaluator.errors import (
    ConfigurationError,
    EvaluatorError,
    InputError,
    JudgeError,
    RejectedError,
    ReplyError,
    UnreachableError,
)

Kind = Literal["unreachable", "rejected", "reply", "configuration", "bug"]

_CLASSES: dict[Kind, type[JudgeError]] = {
    "unreachable": UnreachableError,
    "rejected": RejectedError,
    "reply": ReplyError,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """What a class of failure means: the kind of our error, its reason, whether to try again, and what to do."""

    kind: Kind
    reason: str
    again: bool = False
    hint: str = ""


_AUTH = Rule("unreachable", "auth", hint="Check the key in the environment, for instance OPENAI_API_KEY.")
_NO_MODEL = Rule("unreachable", "model_not_found", hint="Check the name of the model and the base URL.")
_NO_API = Rule("unreachable", "no_api", hint="Is /v1 missing in --base-url?")
_ELSEWHERE = "Check the base URL, and whether a proxy or a page to log in stands in between."
_CONNECTION = Rule("unreachable", "connection", again=True, hint="Check the base URL and the network.")
_DROPPED = Rule("rejected", "connection", again=True, hint="Try again later.")
_NO_SERVER = Rule("unreachable", "timeout", again=True, hint="Check the base URL and the network.")
_TOO_SLOW = Rule("rejected", "timeout", again=True, hint="Try again later, or allow more time for one request.")
_RATE = Rule("rejected", "rate_limited", again=True, hint="Try again later, or run fewer requests at a time.")
_QUOTA = Rule("rejected", "quota_exceeded", hint="Check plan and billing of the account.")
_SERVER = Rule("rejected", "server_error", again=True, hint="Try again later.")
_CONFLICT = Rule("rejected", "conflict", again=True, hint="Try again later.")
_BAD = Rule("rejected", "bad_request", hint="The model or the server may not support a setting of this judge.")
_LONG = Rule("rejected", "too_long", hint="Use a model with a larger context, or one call for each criterion.")
_FILTERED = Rule("rejected", "content_filter", hint="The provider's filter stopped the answer or the reply.")
_CUT = Rule("reply", "truncated", hint="Allow longer replies.")
_BROKEN = Rule("reply", "malformed", again=True)
_SETUP = Rule("configuration", "configuration", hint="Check the name of the judge and its key in the environment.")
_LOCAL = Rule("configuration", "configuration", hint="The fault lies on this machine: a file, a setting, its limits.")
_BUG = Rule("bug", "bug")

_BY_STATUS = {
    400: _BAD,
    401: _AUTH,
    402: _QUOTA,
    403: _AUTH,
    404: _NO_MODEL,
    408: _TOO_SLOW,
    409: _CONFLICT,
    413: _LONG,
    422: _BAD,
    429: _RATE,
}

# "status": decided by the HTTP status; "cause": decided by the exception that this one wraps.
TABLE: dict[str, Rule | Literal["status", "cause"]] = {
    # openai: what a request can raise
    "openai.APIConnectionError": "cause",
    "openai.APITimeoutError": "cause",
    "openai.APIStatusError": "status",
    "openai.BadRequestError": "status",
    "openai.AuthenticationError": _AUTH,
    "openai.OAuthError": _AUTH,
    "openai.PermissionDeniedError": _AUTH,
    "openai.NotFoundError": _NO_MODEL,
    "openai.ConflictError": _CONFLICT,
    "openai.UnprocessableEntityError": "status",
    "openai.RateLimitError": "status",
    "openai.InternalServerError": _SERVER,
    "openai.APIResponseValidationError": _BROKEN,
    "openai.LengthFinishReasonError": _CUT,
    "openai.ContentFilterFinishReasonError": _FILTERED,
    "openai.APIError": _SERVER,
    # openai: what setting up a client can raise
    "openai.OpenAIError": _SETUP,
    "openai.SubjectTokenProviderError": _AUTH,
    "openai.MutuallyExclusiveAuthError": _SETUP,
    "openai.MissingDependencyError": _SETUP,
    "openai._AmbiguousModuleClientUsageError": _SETUP,
    # openai: what only our misuse could raise
    "openai.InvalidWebhookSignatureError": _BUG,
    "openai.WebSocketConnectionClosedError": _BUG,
    "openai.WebSocketQueueFullError": _BUG,
    "openai.StreamAlreadyConsumed": _BUG,
    "openai.MissingStreamClassError": _BUG,
    "openai.APIRemovedInV1": _BUG,
    # instructor
    "instructor.InstructorError": "cause",
    "instructor.InstructorRetryException": "cause",
    "instructor.IncompleteOutputException": _CUT,
    "instructor.ValidationError": _BROKEN,
    "instructor.AsyncValidationError": _BROKEN,
    "instructor.ResponseParsingError": _BROKEN,
    "instructor.ProviderError": "cause",
    "instructor.ConfigurationError": _SETUP,
    "instructor.RegistryError": _SETUP,
    "instructor.ModeError": _SETUP,
    "instructor.ClientError": _SETUP,
    "instructor.TokenBudgetError": _BUG,
    "instructor.TokenBudgetExceeded": _BUG,
    "instructor.TokenUsageUnavailableError": _BUG,
    "instructor.ValidationContextError": _BUG,
    "instructor.MultimodalError": _BUG,
    "instructor.RemoteFetchError": _BUG,
    # ours, and what lies below them
    "evaluator.WebPageError": _NO_API,
    "httpx2.ConnectError": _CONNECTION,
    "httpx2.ConnectTimeout": _NO_SERVER,
    "httpx2.PoolTimeout": _TOO_SLOW,
    "httpx2.TimeoutException": _TOO_SLOW,
    "httpx2.UnsupportedProtocol": Rule("unreachable", "connection", hint="Check the base URL."),
    "httpx2.InvalidURL": Rule("unreachable", "connection", hint="Check the base URL."),
    "httpx2.ProxyError": _CONNECTION,
    "httpx2.LocalProtocolError": Rule("unreachable", "connection", hint="Check the key and the base URL."),
    "httpx2.TransportError": _DROPPED,
    "httpx2.RequestError": _DROPPED,
    "builtins.TimeoutError": _TOO_SLOW,
    "builtins.ConnectionError": _CONNECTION,
    "socket.gaierror": _CONNECTION,
    "ssl.SSLError": _CONNECTION,
    "aiohttp.ClientConnectionError": _CONNECTION,
    "requests.RequestException": _CONNECTION,
    "builtins.OSError": _LOCAL,
    "json.JSONDecodeError": _BROKEN,
    "pydantic_core.ValidationError": _BROKEN,
}

_UNKNOWN_BELOW = {
    "openai": Rule("unreachable", "connection"),
    "instructor": Rule("rejected", "provider_error"),
}

_TOO_LONG = re.compile(
    r"context[ _](?:length|size|window)|too many tokens|maximum.{0,20}tokens|too long", re.IGNORECASE
)
_SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL", re.IGNORECASE)
_SHORTEST_SECRET = 8
_SHOWN_CHARACTERS = 300
_SERVER_ERRORS = 500
_WRONG_METHOD = 405
_PAGES = ("text/html", "application/xhtml+xml")
_BLANK = b"\xef\xbb\xbf \t\r\n"


class ErrorInBodyError(Exception):
    """A server said 200 and sent an error in place of a completion, as some gateways do."""

    def __init__(self, message: str, status_code: int) -> None:
        super().__init__(message)
        self.status_code = status_code


class WebPageError(Exception):
    """A server sent a page for people, as it does at an address below which there is no API."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A foreign exception in our words. `wait` is what the server asked for, in seconds, or None."""

    error: EvaluatorError
    again: bool
    wait: float | None


def translate(exception: Exception, place: str) -> Failure | None:
    """Put a foreign exception into our words; None for one that no provider is to blame for (a bug).

    Args:
        exception: What was raised. Keys that it happens to hold are struck out in place: it stays the cause.
        place: Which judge, for the message.
    """
    for link in causes(exception):
        if isinstance(link, InputError):  # a transport of ours could not keep what came: asking again pays again
            return Failure(InputError(link.message, link.hint), again=False, wait=None)
    rule, source = _rule(exception)
    _strike_out(exception)
    if source is not exception:
        _strike_out(source)
    if rule.kind == "bug":
        return None
    said = "" if rule is _NO_API else _said(source)
    message = f"The judge {place} {_what(rule, source)}" + (f": {said}" if said else ".")
    if rule.kind == "configuration":
        return Failure(ConfigurationError(message, rule.hint), again=False, wait=None)
    hint = _ELSEWHERE if rule is _NO_API and (" at http" not in place or place.endswith("/v1")) else rule.hint
    error = _CLASSES[rule.kind](rule.reason, message, hint)
    return Failure(error, rule.again, _wait(source) if rule.again else None)


def redact(text: str) -> str:
    """The text with every value struck out that the environment holds under the name of a key, token or password."""
    for name, value in os.environ.items():
        if len(value) >= _SHORTEST_SECRET and _SECRET_NAME.search(name) and value in text:
            text = text.replace(value, "[secret]")
    return text


def _rule(exception: BaseException) -> tuple[Rule, BaseException]:
    """The rule for an exception, and the exception (it or one below it) that says most."""
    entry = _entry(exception)
    cause = exception.__cause__
    if entry == "cause" and cause is not None:
        rule, source = _rule(cause)
        # Anything may lie below, an error of another library for instance: it is told, and not tried again.
        return (
            (_UNKNOWN_BELOW.get(_root(exception), _UNKNOWN_BELOW["openai"]), cause)
            if rule.kind == "bug"
            else (rule, source)
        )
    if entry == "cause":
        return (_TOO_SLOW if "Timeout" in type(exception).__name__ else _CONNECTION), exception
    if entry is _NO_MODEL and is_page(getattr(exception, "response", None)):
        return _NO_API, exception
    if isinstance(entry, Rule):
        return entry, exception
    status = _status(exception)
    if status == _WRONG_METHOD and is_page(getattr(exception, "response", None)):
        return _NO_API, exception
    return (_BUG if status is None else _rule_for_status(status, exception)), exception


def is_page(response: Any) -> bool:  # noqa: ANN401 - of httpx2, which is not imported here, or of another library
    """Whether a response that holds no JSON is for people: HTML or XML."""
    kind = str(getattr(response, "headers", {}).get("content-type", "")).partition(";")[0].strip().lower()
    body = getattr(response, "content", b"")
    return kind in _PAGES or (isinstance(body, bytes) and body.lstrip(_BLANK).startswith(b"<"))


def _entry(exception: BaseException) -> Rule | Literal["status", "cause"]:
    for level in type(exception).__mro__:
        root = _root(level)
        for name in (f"{root}.{level.__name__}", f"openai.{level.__name__}" if _is_client_library(root) else ""):
            if name in TABLE:
                return TABLE[name]
    return "status"


def _root(thing: object) -> str:
    """The package that a class, or the class of an exception, comes from."""
    kind = thing if isinstance(thing, type) else type(thing)
    return kind.__module__.partition(".")[0]


def _is_client_library(root: str) -> bool:
    return root in ("anthropic", "groq", "cerebras", "writerai")


def _status(exception: BaseException) -> int | None:
    for name in ("status_code", "code", "http_status"):
        value = getattr(exception, name, None)
        if isinstance(value, int):
            return value
    return None


def _rule_for_status(status: int, exception: BaseException) -> Rule:
    code = str(getattr(exception, "code", "") or "")
    text = str(exception)
    if "content_filter" in code or "content_filter" in text:
        return _FILTERED
    if code == "insufficient_quota" or "insufficient_quota" in text:
        return _QUOTA
    if status in (400, 413, 422) and ("context_length" in code or _TOO_LONG.search(text)):
        return _LONG
    return _BY_STATUS.get(status, _SERVER if status >= _SERVER_ERRORS else _BAD)


def _what(rule: Rule, source: BaseException) -> str:
    if rule.kind == "configuration":
        return "cannot be set up"
    if rule.reason == "timeout":
        return "did not reply in time"
    if rule.reason == "connection":
        return "cannot be reached" if rule.kind == "unreachable" else "broke off the connection"
    if rule is _NO_API:
        return "answers with a web page and not as an API"
    if rule.reason == "malformed":
        return "sent something that is no completion"
    status = _status(source)
    return f"answered with status {status}" if status is not None else f"failed ({rule.reason})"


def _said(exception: BaseException) -> str:
    """What the exception says, in one short line; the server's own words where it sent some."""
    body = getattr(exception, "body", None)
    text = body.get("message") if isinstance(body, dict) else None
    said = str(text or str(exception) or type(exception).__name__)
    line = " ".join(redact(said).split())
    line = "".join(c if c.isprintable() else "?" for c in line)  # what acts on a terminal, or cannot be stored
    return line if len(line) <= _SHOWN_CHARACTERS else line[: _SHOWN_CHARACTERS - 3] + "..."


def _wait(exception: BaseException) -> float | None:
    """Seconds that the server asks to wait (Retry-After as a number or a date, or in milliseconds)."""
    headers = getattr(getattr(exception, "response", None), "headers", None)
    if headers is None:
        return None
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = headers.get(name)
        if value is None:
            continue
        try:
            return max(0.0, float(value) * unit)
        except ValueError:
            pass
        try:
            until = parsedate_to_datetime(value)
        except (ValueError, OverflowError):
            continue
        until = until if until.tzinfo else until.replace(tzinfo=UTC)  # it has none where the header names none
        return max(0.0, (until - datetime.now(UTC)).total_seconds())
    return None


def causes(exception: BaseException) -> Iterator[BaseException]:
    """An exception and what it came of, each once."""
    seen: set[int] = set()
    current: BaseException | None = exception
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _strike_out(exception: BaseException) -> None:
    """Strike out secrets in an exception and in what it wraps: servers echo keys in their messages."""
    for link in causes(exception):
        args = tuple(_clean(part) for part in link.args)
        if args != link.args:
            link.args = args
        for name in ("message", "body"):
            value = getattr(link, "__dict__", {}).get(name)
            if (cleaned := _clean(value)) != value:
                setattr(link, name, cleaned)


def _clean(value: object) -> object:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return value
