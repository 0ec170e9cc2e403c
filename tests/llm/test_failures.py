from __future__ import annotations

import importlib
import inspect
import pkgutil
import socket
import traceback
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import httpx2
import instructor
import openai
import pytest
from instructor.core.exceptions import IncompleteOutputException, InstructorRetryException

from evaluator.errors import ConfigurationError, JudgeError, RejectedError, ReplyError, UnreachableError
from evaluator.judges.llm.failures import TABLE, redact, translate

# Modules that need a package of another provider, or that start something when they are imported.
_NOT_IMPORTED = ("instructor.cli", "instructor.v2.providers", "instructor.providers", "openai.cli", "openai.helpers")


def modules(package: ModuleType) -> Iterator[ModuleType]:
    """A package and all of its modules that can be imported here."""
    yield package
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + ".", onerror=lambda _: None):
        if not found.name.startswith((*_NOT_IMPORTED, "openai.types")) and not found.name.endswith("__main__"):
            try:
                yield importlib.import_module(found.name)
            except Exception:  # noqa: BLE001, S112 - needs what is not installed
                continue


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("package", [openai, instructor])
def test_every_foreign_exception_has_a_counterpart(package: ModuleType) -> None:
    """No exception class of openai or instructor is missing in the table, so that none leaks through unseen."""
    found = {
        f"{package.__name__}.{name}"
        for module in modules(package)
        for name, member in list(vars(module).items())
        if inspect.isclass(member)
        and issubclass(member, Exception)
        and not issubclass(member, Warning)
        and member.__module__.partition(".")[0] == package.__name__
        and name == member.__name__
    }
    assert len(found) > 15
    assert sorted(found - set(TABLE)) == []
    assert sorted(name for name in set(TABLE) - found if name.startswith(f"{package.__name__}.")) == []


def test_a_bug_is_not_translated() -> None:
    """An exception that no provider is to blame for is left alone."""
    assert translate(TypeError("ours"), "x") is None


def test_what_instructor_wraps_is_told_by_its_cause() -> None:
    """An error that instructor raises for another library is understood by that library's error."""

    class RateLimitError(Exception):
        status_code = 429

    RateLimitError.__module__ = "anthropic"
    wrapper = InstructorRetryException("gave up", n_attempts=1, total_usage=None)
    wrapper.__cause__ = RateLimitError("slow down")
    failure = translate(wrapper, "anthropic/x")
    assert failure is not None
    assert isinstance(failure.error, RejectedError)
    assert (failure.error.reason, failure.again) == ("rate_limited", True)
    wrapper.__cause__ = KeyError("odd")
    failure = translate(wrapper, "anthropic/x")
    assert failure is not None
    assert isinstance(failure.error, RejectedError)
    assert (failure.error.reason, failure.again) == ("provider_error", False)


def test_a_connection_of_another_client_that_fails_for_an_unlisted_cause() -> None:
    """Whatever lies below the connection error of a library like openai: it is told, and not tried again."""

    class APIConnectionError(Exception):
        pass

    APIConnectionError.__module__ = "anthropic"
    error = APIConnectionError("Connection error.")
    error.__cause__ = LookupError("no recording for this request")
    failure = translate(error, "anthropic/x")
    assert failure is not None
    assert isinstance(failure.error, UnreachableError)
    assert failure.error.message == "The judge anthropic/x cannot be reached: no recording for this request"
    assert (failure.error.reason, failure.again) == ("connection", False)


@pytest.mark.parametrize(
    ("exception", "kind", "reason"),
    [
        (openai.OpenAIError("Missing credentials"), ConfigurationError, None),
        (IncompleteOutputException(), ReplyError, "truncated"),
        (openai.ContentFilterFinishReasonError(), RejectedError, "content_filter"),
        (TimeoutError(), RejectedError, "timeout"),
        (ConnectionRefusedError("refused"), UnreachableError, "connection"),
        (socket.gaierror(-2, "Name or service not known"), UnreachableError, "connection"),
        (FileNotFoundError(2, "No such file or directory"), ConfigurationError, None),
        (httpx2.UnsupportedProtocol("no scheme"), UnreachableError, "connection"),
    ],
)
def test_single_rows(exception: Exception, kind: type[Exception], reason: str | None) -> None:
    """Some rows that no request of the other tests reaches."""
    failure = translate(exception, "x")
    assert failure is not None
    assert type(failure.error) is kind
    assert getattr(failure.error, "reason", None) == reason


def test_a_fault_of_this_machine_is_not_tried_again(kit: Any) -> None:
    """A file that cannot be used, met while a request is sent, says nothing of the judge and is met once."""
    sent: list[httpx2.Request] = []

    def full(request: httpx2.Request) -> httpx2.Response:
        sent.append(request)
        raise OSError(28, "No space left on device")

    with pytest.raises(ConfigurationError, match="No space left on device"):
        kit.assess(full)
    assert len(sent) == 1


def test_no_key_in_any_message(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that echoes keys cannot make us print them: not in the error, not in its cause, not in a traceback."""
    monkeypatch.setenv("SOME_API_TOKEN", "token-of-somebody-else")
    echo = f"Incorrect API key provided: {kit.MARKER_KEY} (or token-of-somebody-else)"
    reply = httpx2.Response(401, json={"error": {"message": echo, "keys": [kit.MARKER_KEY]}})
    with pytest.raises(JudgeError) as caught:
        kit.assess(reply)
    cause = caught.value.__cause__
    shown = "".join(traceback.format_exception(caught.value))
    for text in (str(caught.value), repr(caught.value), str(cause), repr(cause), repr(vars(cause)), shown):
        assert kit.MARKER_KEY not in text
        assert "token-of-somebody-else" not in text
    assert "Incorrect API key provided: [secret] (or [secret])" in caught.value.message


def test_no_key_in_any_repr(kit: Any) -> None:
    """Neither the judge nor what it is made of shows a key."""
    judge = kit.judge()
    assert repr(judge).startswith("LLMJudge('openai/gpt-5-mini', 'grade/v1@")
    for thing in (
        judge,
        judge.identity,
        judge._settings,
        judge._connection.sender,
        judge.estimate(kit.case()),
        vars(judge),
    ):
        assert kit.MARKER_KEY not in repr(thing)


def test_redact_leaves_short_and_harmless_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only values of some length, under the name of a secret, are struck out."""
    monkeypatch.setenv("MY_KEY", "abc")
    monkeypatch.setenv("MY_PLACE", "somewhere-in-europe")
    monkeypatch.setenv("MY_PASSWORD", "correct-horse")
    assert redact("abc somewhere-in-europe correct-horse") == "abc somewhere-in-europe [secret]"
