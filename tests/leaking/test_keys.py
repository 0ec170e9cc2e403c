"""A key in the environment stays there: it is in nothing that is printed, logged or written."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import httpx2
import pytest

from evaluator.regress import plan, record
from tests.leaking.conftest import MARKER, Command, Provider
from tests.regress.conftest import Bench

ANSWER = "I asked Priya Raman to write one definition of each metric for every team, and a nightly job pulls them.\n"
JUDGE = ("--judge", "openai/gpt-5-mini", "--attempts", "1")


def refused(_: httpx2.Request) -> httpx2.Response:
    """The key is wrong, and the server says which."""
    return httpx2.Response(401, json={"error": {"message": f"Incorrect API key provided: {MARKER}"}})


def broken(request: httpx2.Request) -> httpx2.Response:
    """A failure whose page repeats the request with its headers."""
    return httpx2.Response(403, text=f"<pre>{dict(request.headers)}</pre>")


def echoing(request: httpx2.Request) -> httpx2.Response:
    """A reply of no use that repeats the key."""
    message = {"role": "assistant", "content": f"no JSON, but {request.headers['authorization']}"}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    return httpx2.Response(
        200, json={"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    )


FAULTS = [None, refused, broken, echoing]


def written(folder: Path) -> str:
    """All that stands in files below a folder, as far as it is text."""
    return "\n".join(f.read_bytes().decode("utf-8", "replace") for f in sorted(folder.rglob("*")) if f.is_file())


@pytest.fixture(autouse=True)
def everything_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Logs of all libraries, down to the last detail."""
    caplog.set_level(logging.DEBUG)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.__name__ if f else "fine")
def test_grade(
    fault: object, provider: Provider, command: Command, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Grading one answer, with each format and with a traceback, whatever the provider does."""
    provider.fault = fault  # type: ignore[assignment]
    said = ""
    for form in ("text", "json", "markdown"):
        status, out, err = command("grade", "dora-rollout", *JUDGE, "--format", form, "--debug", stdin=ANSWER)
        assert (status == 0) == (fault is None)
        said += out + err
    _, out, err = command("grade", "dora-rollout", *JUDGE, "-o", tmp_path / "out.txt", stdin=ANSWER)
    assert provider.sent
    assert MARKER not in said + out + err + caplog.text + written(tmp_path)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.__name__ if f else "fine")
def test_batch(
    fault: object, provider: Provider, command: Command, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A run, its report and its exports."""
    provider.fault = fault  # type: ignore[assignment]
    answers, run = tmp_path / "answers.jsonl", tmp_path / "cohort.run"
    row = {"id": "a1", "candidate": "Ada", "question": "dora-rollout", "answer": ANSWER}
    answers.write_text(json.dumps(row) + "\n", encoding="utf-8")
    said = [command("batch", answers, "--run", run, *JUDGE, "--debug")]
    said.append(command("batch", answers, "--run", run, *JUDGE, "--format", "json"))
    said.append(command("report", run, "-o", tmp_path / "page.html"))
    said.append(command("export", run, "--format", "jsonl", "-o", tmp_path / "rows.jsonl"))
    said.append(command("export", run, "--rows", "findings", "-o", tmp_path / "rows.csv"))
    assert provider.sent
    assert run.exists()
    assert MARKER not in f"{said}{caplog.text}{written(tmp_path)}"


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.__name__ if f else "fine")
def test_record(fault: object, provider: Provider, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A recording, also one in which the server repeats the key in an error or a reply that is of no use."""
    bench = Bench(tmp_path / "bench")
    bench.change(cases=["a-weak"], per_criterion=[], invariants={})
    provider.fault = fault  # type: ignore[assignment]
    said: list[object] = []
    try:
        record(plan(bench.load()), said.append, server=httpx2.MockTransport(provider))
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not tell
        said += [repr(error), str(error), repr(error.__cause__)]
    assert provider.sent
    assert MARKER not in f"{said}{caplog.text}{written(tmp_path)}"
