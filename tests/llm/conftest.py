"""A small question with its rubric, a server that is a function, and a clock that nobody waits for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from evaluator.domain import Answer, Assessment, Criterion, Examples, Question, RedFlag, Rubric
from evaluator.judges.llm import LLMJudge, LLMSettings
from evaluator.judges.llm.patience import Time
from evaluator.judges.protocol import Case

_ANTHROPIC = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")
MARKER_KEY = "sk-marker-0123456789abcdef"
ANSWER = (
    "We wrote down one definition of each metric for every team. A nightly job pulls the numbers from GitHub, "
    'and nobody types "by hand". We never ranked anybody.'
)

Reply = httpx2.Response | Exception | Callable[[httpx2.Request], httpx2.Response]


class Server:
    """Answers each request with the next of its replies, and keeps what it was sent."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.requests: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        """As a transport calls it."""
        self.requests.append(request)
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply if isinstance(reply, httpx2.Response) else reply(request)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """The JSON of each request."""
        return [json.loads(request.content) for request in self.requests]

    @property
    def users(self) -> list[str]:
        """The user message of each request."""
        return [str(body["messages"][1]["content"]) for body in self.bodies]


class FakeTime:
    """A clock that moves only when somebody sleeps; chance gives 0, so that waits are exact."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        """Move the clock."""
        self.slept.append(seconds)
        self.now += seconds

    def as_time(self) -> Time:
        """For the judge."""
        return Time(clock=lambda: self.now, sleep=self.sleep, chance=lambda: 0.0)


def completion(content: str | None, *, finish: str = "stop", **message: Any) -> httpx2.Response:
    """A chat completion with this content."""
    choice = {
        "index": 0,
        "finish_reason": finish,
        "message": {"role": "assistant", "content": content, "refusal": None, **message},
    }
    return httpx2.Response(200, json=_completion([choice]))


def _completion(choices: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "stub",
        "choices": choices,
        "usage": {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100},
    }


def no_choices() -> httpx2.Response:
    """A completion without any choice."""
    return httpx2.Response(200, json=_completion([]))


def criterion(id_: str = "same-meaning", **changes: Any) -> dict[str, Any]:
    """A reply on one criterion; by default a good one on the first."""
    if id_ == "same-meaning":
        reply = {"quotes": ["one definition of each metric for every team"], "points": [True], "gap": ""}
    else:
        reply = {"quotes": ["pulls the numbers from GitHub"], "points": [True, False], "gap": "No system named."}
    return {"id": id_, **reply, "suggestion": "Name the systems." if reply["gap"] else "", **changes}


def red_flag(**changes: Any) -> dict[str, Any]:
    """A reply on the red flag; by default it is not there."""
    return {"id": "league-table", "quote": "", "present": False, **changes}


def reply_of(*criteria: dict[str, Any], flags: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    """A reply; by default a good one on everything."""
    return {
        "criteria": list(criteria) if criteria else [criterion(), criterion("automatic")],
        "red_flags": [red_flag()] if flags is None else flags,
        "strengths": ["Clear definitions"],
        **more,
    }


def good() -> httpx2.Response:
    """A completion that passes all checks at once."""
    return completion(json.dumps(reply_of()))


class Kit:
    """What the tests of this folder build with."""

    MARKER_KEY = MARKER_KEY
    ANSWER = ANSWER
    completion = staticmethod(completion)
    no_choices = staticmethod(no_choices)
    criterion = staticmethod(criterion)
    red_flag = staticmethod(red_flag)
    reply_of = staticmethod(reply_of)
    good = staticmethod(good)

    def __init__(self) -> None:
        self.server = Server()
        self.time = FakeTime()

    def case(self, text: str = ANSWER) -> Case:
        """The question, its rubric of two criteria and one red flag, and an answer."""
        question = Question(
            id="dora",
            level="advanced",
            themes=("dora",),
            text="How did you roll out DORA?",
            model_answer="One meaning.",
        )
        rubric = Rubric(
            question="dora",
            version=1,
            criteria=(
                Criterion(
                    id="same-meaning",
                    statement="The metrics mean the same to all teams.",
                    weight=3,
                    points=("The metrics mean the same to all teams.",),
                    advice="Say how you agreed on one meaning.",
                    examples=Examples(accept=("One rulebook.",), reject=("Definitions matter.",)),
                ),
                Criterion(
                    id="automatic",
                    statement="The numbers come from tools, by themselves.",
                    weight=2,
                    points=("A tool makes the numbers.", "No one gathers them."),
                    advice="Say which systems feed the numbers.",
                ),
            ),
            red_flags=(
                RedFlag(id="league-table", statement="Teams are ranked.", penalty=15, advice="Leave rankings out."),
            ),
        )
        return Case(question, rubric, Answer(id="a1", question_id="dora", text=text))

    def judge(self, *replies: Reply, **settings: Any) -> LLMJudge:
        """A judge whose server gives these replies."""
        self.server.replies += replies
        client = httpx2.AsyncClient(transport=httpx2.MockTransport(self.server))
        chosen = LLMSettings(**{"spec": "openai/gpt-5-mini", **settings})
        return LLMJudge(chosen, http_client=client, time=self.time.as_time())

    def assess(self, *replies: Reply, text: str = ANSWER, **settings: Any) -> Assessment:
        """Let that judge assess the answer. No reply may be left over."""
        judge = self.judge(*replies, **settings)
        try:
            return asyncio.run(judge.assess(self.case(text)))
        finally:
            assert self.server.replies == []


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_ADMIN_KEY", *_ANTHROPIC):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", MARKER_KEY)


@pytest.fixture
def kit() -> Kit:
    """A fresh server, a fresh clock."""
    return Kit()
