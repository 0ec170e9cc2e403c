"""Asking a model for a structured reply that is no assessment, for instance for the criteria of a rubric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from evaluator.domain import Usage
from evaluator.judges.llm.channel import Request
from evaluator.judges.llm.connection import Connection
from evaluator.judges.llm.parsing import Lists, Reading, read_reply
from evaluator.judges.llm.patience import Meter, Time
from evaluator.judges.llm.pricing import CHARACTERS_PER_TOKEN, Estimate
from evaluator.judges.llm.settings import LLMSettings
from evaluator.judges.protocol import Gate


@dataclass(frozen=True, slots=True)
class Said:
    """What a model wrote, whether it was cut off at the token limit, and what it used."""

    text: str
    cut_off: bool
    usage: Usage


class Asker:
    """Sends one request at a time for somebody who knows what to do with the reply; believes nothing, reads nothing.

    Args:
        settings: The model, and how to ask; `calls`, `prompt` and `max_repairs` have no meaning here.
        http_client: An `httpx2.AsyncClient` in place of openai's own, for instance with a transport for tests.
        time: Clock, sleep and chance, for tests.

    Raises:
        ConfigurationError: The settings name no model.
    """

    def __init__(self, settings: LLMSettings, *, http_client: Any = None, time: Time | None = None) -> None:  # noqa: ANN401
        self._settings = settings
        self._connection = Connection(settings, http_client, time)

    @property
    def spec(self) -> str:
        """The specification as the user gave it."""
        return self._settings.spec

    @property
    def place(self) -> str:
        """Model and server, for messages."""
        return self._connection.target.place

    @property
    def identity(self) -> str:
        """All that decides what comes back to the same messages, as text with stable order."""
        chosen, target = self._settings, self._connection.target
        return f"{target.place};max_tokens={chosen.max_tokens};temperature={chosen.temperature};seed={chosen.seed}"

    @property
    def parallel_calls(self) -> int:
        """How many requests may be under way at the same time."""
        return self._settings.parallel_calls

    async def ask(self, system: str, user: str, shape: type[BaseModel]) -> Said:
        """Ask once; faults of the transport are tried again, what the reply holds is not looked at.

        Raises:
            JudgeError: No reply came, or the model refused.
            ConfigurationError: The client cannot be set up.
        """
        meter = Meter()
        clock = self._connection.time.clock
        started = clock()
        request = Request(system, user, self._settings.max_tokens, shape)
        completion = await self._connection.send(request, meter, "do it")
        usage = meter.usage(self._connection.price, clock() - started)
        return Said(completion.text, completion.finish == "length", usage)

    def estimate(self, system: str, user: str, output_tokens: int) -> Estimate:
        """What asking this would take, without asking anybody."""
        tokens_in = -(-(len(system) + len(user)) // CHARACTERS_PER_TOKEN)
        cost = self._connection.price.of(tokens_in, output_tokens)
        return Estimate(1, tokens_in, output_tokens, cost, ((system, user),))

    def send_through(self, gate: Gate) -> None:
        """Pass `gate` before each request from now on."""
        self._connection.sender.gate = gate

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        await self._connection.aclose()


def read_as(shape: type[BaseModel], text: str, *, cut_off: bool) -> Reading:
    """Find a reply of this shape in what a model wrote; nothing in it has been checked."""
    return read_reply(text, cut_off=cut_off, lists=_lists(shape))


def _lists(shape: type[BaseModel]) -> Lists:
    """The fields of a shape, all of them lists: of objects with these keys, or of text."""
    found: dict[str, tuple[str, ...]] = {}
    for name, info in shape.model_fields.items():
        inner: type = getattr(info.annotation, "__args__", (str,))[0]
        found[name] = tuple(inner.model_fields) if issubclass(inner, BaseModel) else ()
    return found
