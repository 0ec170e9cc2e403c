"""Sending a request until it is answered or patience ends. All retries happen here, and every request is counted."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from evaluator.domain import Usage
from evaluator.errors import JudgeError
from evaluator.judges.llm.channel import Channel, Completion, Options, Request, complaint_of
from evaluator.judges.llm.failures import translate
from evaluator.judges.llm.pricing import Price
from evaluator.judges.protocol import Gate, OpenGate

_FIRST_WAIT = 0.5
_LONGEST_WAIT = 30.0


@dataclass(frozen=True, slots=True)
class Time:
    """Clock, sleep and chance, so that tests need not wait. `chance` gives a number from 0 to 1."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random


@dataclass(slots=True)
class Meter:
    """What one assessment has used so far."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0

    def add(self, completion: Completion) -> None:
        """Count the tokens of a reply."""
        self.input_tokens += completion.input_tokens
        self.output_tokens += completion.output_tokens
        self.cached_tokens += completion.cached_tokens

    def usage(self, price: Price, seconds: float) -> Usage:
        """The sum, with its price."""
        return Usage(
            calls=self.calls,
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
            cost_usd=price.of(self.input_tokens, self.output_tokens, self.cached_tokens),
            seconds=seconds,
        )


@dataclass(slots=True)
class Sender:
    """Sends the requests of one judge and remembers what the server does not take.

    `place` is for messages; `timeout` and `patience` are in seconds; `options` change when the server refuses one.
    The time that a request waits at the `gate` is not counted as its own.
    """

    place: str
    options: Options
    timeout: float
    max_attempts: int
    patience: float
    time: Time
    gate: Gate = field(default_factory=OpenGate)

    async def send(self, channel: Channel, request: Request, meter: Meter) -> Completion:
        """Send a request, again after faults that pass.

        Raises:
            JudgeError: the fault does not pass, or patience has ended; the last fault is the cause.
            ConfigurationError: the client cannot work as it is set up.
        """
        started = self.time.clock()
        failures = 0
        options = self.options
        while True:
            asked = self.time.clock()
            try:
                async with self.gate.request():
                    started += self.time.clock() - asked
                    options = self.options
                    meter.calls += 1
                    async with asyncio.timeout(self.timeout):
                        completion = await channel.send(request, options)
            except Exception as exception:  # noqa: BLE001 - a table sorts them; what is not in it is raised again
                if self._learn(exception, options):
                    continue
                failures += 1
                await self._wait_or_raise(exception, failures, started, meter)
            else:
                meter.add(completion)
                return completion

    def _learn(self, exception: Exception, used: Options) -> bool:
        """Whether the server refused one of the options used, which is now left out."""
        fewer = used.without(complaint_of(exception))
        if fewer is None:
            return False
        if self.options == used:  # else another request has learned it meanwhile
            self.options = fewer
        return True

    async def _wait_or_raise(self, exception: Exception, failures: int, started: float, meter: Meter) -> None:
        failure = translate(exception, self.place)
        if failure is None:
            raise exception
        error = failure.error
        if isinstance(error, JudgeError):
            error.attempts = meter.calls
        if isinstance(error, JudgeError) and error.reason == "rate_limited":
            self.gate.throttled(failure.wait)
        wait = self._wait(failures, failure.wait)
        left = self.patience - (self.time.clock() - started)
        if not failure.again or failures >= self.max_attempts or wait > left:
            raise error from exception
        await self.time.sleep(wait)

    def _wait(self, failures: int, asked: float | None) -> float:
        """Seconds before the next attempt: what the server asked for, or 0.5, 1, 2, ... with a random part."""
        if asked is not None:
            return asked * (1 + 0.1 * self.time.chance())
        return min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** (failures - 1)) * (0.5 + 0.5 * self.time.chance())
