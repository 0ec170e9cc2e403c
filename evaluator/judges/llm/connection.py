"""What every use of one model shares: its target and price, the sender, and the channel of each event loop."""

from __future__ import annotations

import asyncio
from typing import Any
from weakref import WeakKeyDictionary

from evaluator.errors import JudgeError, RejectedError
from evaluator.judges.llm.channel import Channel, Completion, Request, first_options, open_channel
from evaluator.judges.llm.failures import translate
from evaluator.judges.llm.line import one_line
from evaluator.judges.llm.patience import Meter, Sender, Time
from evaluator.judges.llm.pricing import Price
from evaluator.judges.llm.providers import no_provider, what_is_missing
from evaluator.judges.llm.settings import LLMSettings, target_of

_SHOWN_CHARACTERS = 200
_FIRST_LULL = 0.1
"""Seconds after the first request, when its reply is likely to be still on its way."""


class Connection:
    """Opens nothing before the first request. Usable from several event loops, one after the other.

    Args:
        settings: The model, its server, and how long to be patient.
        http_client: An `httpx2.AsyncClient` in place of openai's own.
        time: Clock, sleep and chance, for tests.

    Raises:
        ConfigurationError: the settings name no model.
    """

    def __init__(self, settings: LLMSettings, http_client: Any = None, time: Time | None = None) -> None:  # noqa: ANN401
        self.target = target_of(settings)
        self.price = Price(self.target)
        self.time = time or Time()
        self.sender = Sender(
            place=self.target.place,
            options=first_options(settings, self.target),
            timeout=settings.timeout,
            max_attempts=settings.max_attempts,
            patience=settings.patience,
            time=self.time,
        )
        self._settings = settings
        self._http_client = http_client
        self._channels: WeakKeyDictionary[asyncio.AbstractEventLoop, Channel] = WeakKeyDictionary()

    async def send(self, request: Request, meter: Meter, what: str) -> Completion:
        """Send a request, again after faults that pass.

        Args:
            request: What to send.
            meter: Counts what it uses.
            what: What the model was asked to do, for the message of a refusal ("judge this answer").

        Raises:
            JudgeError: No reply came, or the model refused.
            ConfigurationError: The client cannot be set up: no key, no such provider, a package missing.
        """
        channel = self.channel()
        try:
            completion = await self.sender.send(channel, request, meter)
        except Exception as exception:  # some clients look for their key only now
            cause = exception.__cause__ if isinstance(exception, JudgeError) and exception.__cause__ else exception
            missing = what_is_missing(cause, self.target)
            if missing is None:
                raise
            raise missing from cause
        place = self.target.place
        if completion.finish == "refused":
            said = one_line(completion.text, _SHOWN_CHARACTERS)
            raise RejectedError("refused", f"The judge {place} refused to {what}: {said}")
        if completion.finish == "content_filter":
            raise RejectedError("content_filter", f"The content filter of {place} stopped the reply.")
        return completion

    def channel(self) -> Channel:
        """The channel of the running event loop.

        Raises:
            ConfigurationError: The client cannot be set up.
        """
        loop = asyncio.get_running_loop()
        channel = self._channels.get(loop)
        if channel is None:
            try:
                channel = open_channel(self._settings, self.target, self._http_client)
            except Exception as exception:
                failure = translate(exception, self.target.place)  # first, as it strikes out keys
                missing = no_provider(self.target) or what_is_missing(exception, self.target)
                if missing is not None:
                    raise missing from exception
                if failure is None:
                    raise
                raise failure.error from exception
            self._channels[loop] = channel
            loop.call_later(_FIRST_LULL, self.price.load)
        return channel

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        channel = self._channels.pop(asyncio.get_running_loop(), None)
        if channel is not None:
            await channel.close()
