"""How many requests run at a time: fewer when the server asks for it, by and by more again when it does not."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

RECOVERY = 0.125
"""How much each request that goes well adds to the limit: from a half back to the whole in four rounds or so."""

LULL = 0.001
"""Seconds between two replies that are read, in which other requests go out and other replies come in."""


class PauseError(Exception):
    """The server asks for a pause that is longer than patience. The answer that the request is for stays waiting."""


class Pool:
    """A gate for requests whose width adapts, for one event loop.

    When the server says that it is too much, the limit is halved, once for all requests that were on their way at
    that moment, and no request starts within the time that the server asks for. Each request that goes well then
    raises the limit a little, up to the most that is wanted.

    Replies that come together are read one after the other, with a lull between them: to check one takes longer than
    to send a request, and the server would wait for the requests behind it.

    Args:
        most: Requests at a time, at least 1.
        before: Called before each request; an error that it raises goes to the judge in place of the request.
        after: Called when a request has been answered, before its reply is read.
        paused: Called with the seconds of a pause that the server asks for.
        patience: Seconds; after the server has asked for a longer pause no request starts any more.
        clock: Seconds, from anywhere.
        sleep: Waits so many seconds.
    """

    def __init__(  # noqa: PLR0913 - each with a default
        self,
        most: int,
        *,
        before: Callable[[], None] = lambda: None,
        after: Callable[[], None] = lambda: None,
        paused: Callable[[float], None] = lambda _: None,
        patience: float = math.inf,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._most = most
        self._limit = float(most)
        self._before = before
        self._after = after
        self._paused = paused
        self._patience = patience
        self._clock = clock
        self._sleep = sleep
        self._closed_until = -math.inf
        self._shut = False
        self._running = 0
        self._ended_since_cut = 0
        self._running_at_cut = -1
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._unread: deque[asyncio.Future[None]] = deque()
        self._reading = False

    @property
    def limit(self) -> int:
        """How many requests may run at a time now."""
        return max(1, int(self._limit))

    @property
    def running(self) -> int:
        """How many do."""
        return self._running

    @property
    def unread(self) -> int:
        """How many requests are answered, and their replies wait to be read."""
        return len(self._unread)

    @property
    def shut(self) -> bool:
        """Whether the server has asked for a pause that is longer than patience."""
        return self._shut

    @property
    def pause(self) -> float:
        """Seconds until requests may start again."""
        return max(0.0, self._closed_until - self._clock())

    @asynccontextmanager
    async def request(self) -> AsyncIterator[None]:
        """Wait for a place, and hold it during the block; after it, wait until the reply may be read.

        Raises:
            PauseError: The wait would be longer than patience.
        """
        await self._enter()
        try:
            self._before()
            yield
        except BaseException:
            self._leave()
            raise
        self._leave()
        self._limit = min(float(self._most), self._limit + RECOVERY)
        self._wake()
        await self._turn_to_read()

    def throttled(self, wait: float | None) -> None:
        """The server asks for fewer requests, and for none within `wait` seconds (None: it does not say)."""
        if self._ended_since_cut > self._running_at_cut:
            self._limit = max(1.0, self._limit / 2)
            self._running_at_cut = self._running
            self._ended_since_cut = 0
        if wait is not None:
            self._closed_until = max(self._closed_until, self._clock() + wait)
            self._shut = self._shut or wait > self._patience
            self._paused(wait)

    async def _enter(self) -> None:
        while True:
            if self._shut:
                self._wake()  # those behind it are refused too
                raise PauseError
            if self.pause:
                await self._sleep(self.pause)
                continue
            if self._running < self.limit:
                self._running += 1
                return
            place = asyncio.get_running_loop().create_future()
            self._waiting.append(place)
            try:
                await place
            except asyncio.CancelledError:
                if place.done() and not place.cancelled():
                    self._wake()  # the place was ours; hand it on
                raise

    def _leave(self) -> None:
        self._running -= 1
        self._ended_since_cut += 1
        self._wake()

    def _wake(self) -> None:
        free = self.limit - self._running
        while free > 0 and self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                free -= 1

    async def _turn_to_read(self) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._unread.append(turn)
        self._after()
        if not self._reading:
            self._lull()
        await turn

    def _lull(self) -> None:
        self._reading = bool(self._unread)
        if self._reading:
            asyncio.get_running_loop().call_later(LULL, self._read_one)

    def _read_one(self) -> None:
        turn = self._unread.popleft()
        if not turn.done():
            turn.set_result(None)
        # This comes after what waits for the turn, so that the lull begins when the reply has been read.
        asyncio.get_running_loop().call_soon(self._lull)
