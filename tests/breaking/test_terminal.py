"""Without a terminal nobody is asked, nothing is drawn, and what is said stands in plain lines."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from pathlib import Path

import pytest

from evaluator.errors import RejectedError
from evaluator.judges.llm import LLMJudge, LLMSettings
from evaluator.judges.llm.patience import Time
from tests.breaking.conftest import CLEAN, ROOT, Under
from tests.factory import CASE
from tests.runs.kit import answers_file, rows

SUITE = "judge: openai/m\nbase_url: http://127.0.0.1:1/v1\nanswers: [a.jsonl]\ncases: [a1]\n"
HALF = b'{"id": "x", "choices": [{"message": {"content": "{\\"criteria\\": ['


def test_progress_without_a_terminal(under: Under, tmp_path: Path) -> None:
    """The progress of a batch is whole lines: no bar, no colour, nothing that moves a cursor."""
    made = under("batch", answers_file(tmp_path, rows(30)), "--run", tmp_path / "r")
    assert made.status == 0
    assert any(line.startswith("30 of 30: 30 graded, 0 ungraded, 0 waiting; ") for line in made.lines())
    assert not {"\r", "\x1b", "\b"} & set(made.out + made.err)


def test_question_without_a_terminal(under: Under, tmp_path: Path) -> None:
    """Where a person would be asked, nothing is sent, and the option is named that answers."""
    (tmp_path / "suite.yaml").write_text(SUITE, encoding="utf-8")
    (tmp_path / "a.jsonl").write_text(
        '{"question_id": "dora-rollout", "text": "We ask.", "id": "a1"}\n', encoding="utf-8"
    )
    made = under("regress", "record", tmp_path)
    assert made.status == 2
    assert made.lines()[-2:] == ["evaluator: Nothing was sent: there is no terminal to ask at.", "Add --yes to send."]


def test_no_answer_without_a_terminal(under: Under) -> None:
    """Without a file and without a terminal the answer is what standard input holds: nothing, and so ungraded."""
    made = under("grade", "dora-rollout")
    assert made.status == 1
    assert "Not graded" in made.out
    assert made.lines() == []


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of Unix")
@pytest.mark.parametrize(
    ("closed", "status"), [("questions list >&-", 0), ("questions list 2>&-", 0), ("grade dora-rollout <&-", 1)]
)
def test_stream_that_is_closed(closed: str, status: int) -> None:
    """A standard stream that is closed from the start is an empty one."""
    command = f"exec {sys.executable} -c 'from evaluator.cli.main import run; run()' {closed}"
    made = subprocess.run(["/bin/sh", "-c", command], cwd=ROOT, env=CLEAN, capture_output=True, check=False)
    assert (made.returncode, made.stderr) == (status, b"")


@pytest.mark.block_network(allowed_hosts=["127.0.0.1"])
def test_server_that_stalls_in_the_middle_of_a_reply() -> None:
    """A server that sends half a reply and then nothing is a time-out, each attempt with its own; nothing hangs."""
    asked: list[asyncio.Task[None] | None] = []

    async def stall(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(asyncio.current_task())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n" + HALF)
        await reader.read()  # until the client hangs up
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async def no_sleep(seconds: float) -> None:
        del seconds

    async def ask() -> None:
        server = await asyncio.start_server(stall, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        judge = LLMJudge(
            LLMSettings(spec="openai/m", base_url=url, max_attempts=2, timeout=0.8),
            time=Time(clock=lambda: 0.0, sleep=no_sleep, chance=lambda: 0.0),
        )
        try:
            await judge.assess(CASE)
        finally:
            await judge.aclose()
            server.close()
            await asyncio.gather(*(task for task in asked if task), return_exceptions=True)
            await server.wait_closed()

    with pytest.raises(RejectedError) as caught:
        asyncio.run(ask())
    assert (caught.value.reason, caught.value.attempts) == ("timeout", 2)
    assert asked  # a machine that is busy may run out of time before the server is asked again
