from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest

from evaluator.errors import ConfigurationError, JudgeError, RejectedError, ReplyError, UnreachableError
from evaluator.judges.llm import LLMJudge, LLMSettings

REQUEST = httpx2.Request("POST", "https://api.openai.com/v1/chat/completions")


def failed(status: int, message: str = "no", headers: dict[str, str] | None = None, **error: Any) -> httpx2.Response:
    """A response with an error in it."""
    return httpx2.Response(status, json={"error": {"message": message, **error}}, headers=headers)


def raised(kit: Any, *replies: Any, **settings: Any) -> JudgeError:
    """The error that the judge raises on these replies."""
    with pytest.raises(JudgeError) as caught:
        kit.assess(*replies, **settings)
    return caught.value


@pytest.mark.parametrize(
    ("status", "error", "kind", "reason"),
    [
        (401, {}, UnreachableError, "auth"),
        (403, {}, UnreachableError, "auth"),
        (404, {}, UnreachableError, "model_not_found"),
        (400, {}, RejectedError, "bad_request"),
        (402, {}, RejectedError, "quota_exceeded"),
        (413, {}, RejectedError, "too_long"),
        (422, {}, RejectedError, "bad_request"),
        (418, {}, RejectedError, "bad_request"),
        (400, {"code": "context_length_exceeded"}, RejectedError, "too_long"),
        (400, {"code": "content_filter"}, RejectedError, "content_filter"),
        (429, {"code": "insufficient_quota"}, RejectedError, "quota_exceeded"),
    ],
)
def test_what_does_not_pass_is_not_tried_again(
    kit: Any, status: int, error: dict[str, Any], kind: type[JudgeError], reason: str
) -> None:
    """A refusal that will not change is raised after one request, without waiting, with the error as its cause."""
    caught = raised(kit, failed(status, **error))
    assert (type(caught), caught.reason, caught.attempts) == (kind, reason, 1)
    assert kit.time.slept == []
    assert f"answered with status {status}: no" in caught.message
    assert type(caught.__cause__).__module__.startswith("openai")


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 529])
def test_what_may_pass_is_tried_again(kit: Any, status: int) -> None:
    """After a fault that may pass the same request is sent again, and every request is counted."""
    assessment = kit.assess(failed(status), failed(status), kit.good())
    assert [finding.verdict for finding in assessment.findings] == ["met", "partial"]
    assert assessment.usage.calls == 3
    assert kit.time.slept == [0.25, 0.5]
    assert kit.server.bodies[0] == kit.server.bodies[1] == kit.server.bodies[2]


@pytest.mark.parametrize(
    ("status", "reason"),
    [(408, "timeout"), (409, "conflict"), (429, "rate_limited"), (500, "server_error"), (503, "server_error")],
)
def test_faults_that_do_not_pass_end_after_the_attempts(kit: Any, status: int, reason: str) -> None:
    """The number of attempts is a bound, with waits that double."""
    caught = raised(kit, *[failed(status) for _ in range(4)], max_attempts=4)
    assert (type(caught), caught.reason, caught.attempts) == (RejectedError, reason, 4)
    assert kit.time.slept == [0.25, 0.5, 1.0]


@pytest.mark.parametrize(
    ("headers", "wait"),
    [({"Retry-After": "7"}, 7.0), ({"retry-after-ms": "1500"}, 1.5), ({"Retry-After": "soon"}, 0.25)],
)
def test_the_server_says_how_long_to_wait(kit: Any, headers: dict[str, str], wait: float) -> None:
    """Retry-After is honoured, in seconds or milliseconds; nonsense in it is ignored."""
    assert kit.assess(failed(429, headers=headers), kit.good()).usage.calls == 2
    assert kit.time.slept == [wait]


def test_retry_after_may_be_a_date(kit: Any) -> None:
    """A date that is over means no wait."""
    kit.assess(failed(429, headers={"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}), kit.good())
    assert kit.time.slept == [0.0]


def test_patience_ends(kit: Any) -> None:
    """A wait that is longer than the patience left is not begun."""
    caught = raised(
        kit, failed(429, headers={"Retry-After": "50"}), failed(429, headers={"Retry-After": "50"}), patience=60
    )
    assert (caught.reason, caught.attempts, kit.time.slept) == ("rate_limited", 2, [50.0])


def test_no_connection(kit: Any) -> None:
    """Where no connection can be made the judge is unreachable, and the message says what lies below."""
    caught = raised(kit, *[httpx2.ConnectError("Name or service not known") for _ in range(2)], max_attempts=2)
    assert (type(caught), caught.reason, caught.attempts) == (UnreachableError, "connection", 2)
    assert caught.message == "The judge openai/gpt-5-mini cannot be reached: Name or service not known"


@pytest.mark.parametrize(
    ("fault", "kind", "reason"),
    [
        (httpx2.ReadError("Connection reset by peer"), RejectedError, "connection"),
        (httpx2.RemoteProtocolError("Server disconnected"), RejectedError, "connection"),
        (httpx2.ReadTimeout("slow"), RejectedError, "timeout"),
        (httpx2.ConnectTimeout("silence"), UnreachableError, "timeout"),
    ],
)
def test_a_connection_that_breaks(kit: Any, fault: Exception, kind: type[JudgeError], reason: str) -> None:
    """A reset and a time-out are tried again and then told by their names."""
    caught = raised(kit, fault, fault, max_attempts=2)
    assert (type(caught), caught.reason, caught.attempts) == (kind, reason, 2)
    assert kit.assess(fault, kit.good()).usage.calls == 2


def test_a_server_that_never_ends(kit: Any) -> None:
    """The time for a request holds for all of it, however slowly something still arrives."""

    async def wait(_: httpx2.Request) -> httpx2.Response:
        await asyncio.Event().wait()
        raise AssertionError

    client = httpx2.AsyncClient(transport=httpx2.MockTransport(wait))
    settings = LLMSettings(spec="openai/gpt-5-mini", timeout=0.01, max_attempts=1)
    with pytest.raises(RejectedError) as caught:
        asyncio.run(LLMJudge(settings, http_client=client).assess(kit.case()))
    assert caught.value.reason == "timeout"


def test_an_unknown_fault_below_openai_is_told_and_not_repeated(kit: Any) -> None:
    """Whatever openai wraps as a connection error: the message is that of the cause, and it is not tried again."""
    caught = raised(kit, LookupError("no recording for this request"))
    assert (type(caught), caught.reason, caught.attempts) == (UnreachableError, "connection", 1)
    assert "no recording for this request" in caught.message


def test_an_error_in_the_place_of_a_completion(kit: Any) -> None:
    """A gateway that says 200 and sends an error is understood by the code in it."""
    error = httpx2.Response(200, json={"error": {"message": "upstream is down", "code": 502}})
    assert kit.assess(error, kit.good()).usage.calls == 2
    refused = httpx2.Response(200, json={"error": {"message": "bad key", "code": 401}})
    assert raised(kit, refused).reason == "auth"


def test_broken_http_json_is_tried_again(kit: Any) -> None:
    """A body that ends in the middle is a fault of the transport."""
    broken = httpx2.Response(200, text='{"choices": [', headers={"content-type": "application/json"})
    assert kit.assess(broken, kit.good()).usage.calls == 2
    caught = raised(kit, broken, broken, max_attempts=2)
    assert (type(caught), caught.reason) == (ReplyError, "malformed")


def test_usage_is_counted_even_when_nothing_comes_of_it(kit: Any) -> None:
    """An error says how many requests and tokens were spent."""
    caught = raised(kit, kit.completion("nonsense"), failed(401))
    assert caught.reason == "auth"
    assert caught.usage is not None
    assert (caught.usage.calls, caught.usage.input_tokens, caught.usage.output_tokens) == (2, 1000, 100)


PAGE = "<!doctype html><title>Open WebUI</title>"


@pytest.mark.parametrize(
    "page",
    [
        httpx2.Response(200, html=PAGE),
        httpx2.Response(200, text=f"\n {PAGE}"),
        httpx2.Response(200, text="Welcome", headers={"content-type": "text/html; charset=utf-8"}),
        httpx2.Response(404, html=PAGE),
        httpx2.Response(405, html=PAGE),
    ],
)
def test_a_web_page_is_no_reply(kit: Any, page: httpx2.Response) -> None:
    """A server that sends a page is no judge: it is asked once, and the message tells of the base URL, not the page."""
    caught = raised(kit, page, spec="qwen3", base_url="http://localhost:8080")
    assert (type(caught), caught.reason, caught.attempts) == (UnreachableError, "no_api", 1)
    assert caught.message == "The judge qwen3 at http://localhost:8080 answers with a web page and not as an API."
    assert caught.hint == "Is /v1 missing in --base-url?"
    there = raised(kit, page, spec="qwen3", base_url="http://localhost:8080/v1")
    assert there.hint == "Check the base URL, and whether a proxy or a page to log in stands in between."


def test_a_page_of_a_gateway_is_tried_again(kit: Any) -> None:
    """A page with which a gateway says that the server is down may pass."""
    assert kit.assess(httpx2.Response(502, html=PAGE), kit.good()).usage.calls == 2


def test_json_that_is_said_to_be_html(kit: Any) -> None:
    """A completion counts, whatever the server calls it."""
    good = kit.good()
    odd = httpx2.Response(200, content=good.content, headers={"content-type": "text/html"})
    assert kit.assess(odd).usage.calls == 1


def test_a_missing_key_is_a_matter_of_configuration(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a key nothing is sent, and the message says which variable to set."""
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(ConfigurationError) as caught:
        kit.assess()
    assert str(caught.value) == "No key for openai: set OPENAI_API_KEY."
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "sk-admin-0123456789")  # the client can be made with it, and then not ask
    with pytest.raises(ConfigurationError, match="No key for openai: set OPENAI_API_KEY"):
        kit.assess()
    assert kit.server.requests == []


@pytest.mark.parametrize(
    ("provider", "hint"), [("opnai", "Did you mean openai?"), ("nobody", "Providers are anthropic, anyscale, ")]
)
def test_an_unknown_provider(kit: Any, capfd: pytest.CaptureFixture[str], provider: str, hint: str) -> None:
    """The one that was meant is named, or else all of them; nothing is printed on the way."""
    with pytest.raises(ConfigurationError) as caught:
        kit.assess(spec=f"{provider}/model")
    assert caught.value.message == f'There is no provider "{provider}".'
    assert caught.value.hint.startswith(hint)
    assert capfd.readouterr() == ("", "")
