"""What every judge is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from evaluator.domain import Answer, Assessment, Question, Rubric, Usage


@dataclass(frozen=True, slots=True)
class Case:
    """All that a judge is given: one answer, its question and its rubric."""

    question: Question
    rubric: Rubric
    answer: Answer


@dataclass(frozen=True, slots=True)
class JudgeIdentity:
    """Who judged.

    `judge` is the specification as the user gives it ("embedded", "openai/gpt-5-mini"); `model` the exact model;
    `prompt` name, version and digest of its templates, or None; `settings` every other thing that could change a
    result (temperature, reply schema, call mode, ...), as text with stable order, for the fingerprint.
    """

    judge: str
    model: str
    prompt: str | None
    settings: str


class Gate(Protocol):
    """What a judge passes before each of its requests, so that a run can hold all of them to one limit."""

    def request(self) -> AbstractAsyncContextManager[None]:
        """Wait for leave to send one request; the block is the request, and an error that leaves it is its failure."""
        ...

    def throttled(self, wait: float | None) -> None:
        """The server asks for fewer requests, and for none within `wait` seconds (None: it does not say)."""
        ...


class OpenGate:
    """Lets every request pass at once."""

    @asynccontextmanager
    async def request(self) -> AsyncIterator[None]:
        """Nothing to wait for."""
        yield

    def throttled(self, wait: float | None) -> None:
        """Nothing to hold back; the judge waits by itself."""


def note_usage(error: BaseException, usage: Usage) -> None:
    """Let an error that ends an assessment say what the requests before it have used."""
    vars(error)["usage"] = usage


def usage_of(error: BaseException) -> Usage | None:
    """What was used before this error; None where nobody counted."""
    usage = getattr(error, "usage", None)
    return usage if isinstance(usage, Usage) else None


@runtime_checkable
class GatedJudge(Protocol):
    """A judge that sends requests, and can be made to send them through a gate."""

    def send_through(self, gate: Gate) -> None:
        """Pass `gate` before each request from now on."""
        ...


class Judge(Protocol):
    """Reads one answer and returns an assessment."""

    @property
    def identity(self) -> JudgeIdentity:
        """Who this judge is; the same for all of its assessments."""
        ...

    def trust(self, rubric: Rubric) -> str:
        """How far to trust this judge on answers to this question: one or two sentences for the reader."""
        ...

    async def assess(self, case: Case) -> Assessment:
        """Assess one answer.

        Returns:
            One finding per criterion and per red flag, in rubric order.

        Raises:
            JudgeError: the answer could not be judged; the reason says why.
        """
        ...

    async def aclose(self) -> None:
        """Let go of connections and the like; the judge can be used again afterwards."""
        ...
