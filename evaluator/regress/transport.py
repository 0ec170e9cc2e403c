"""Transports that stand between a judge and its server: one replays and has no network, one records."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import httpx2

from evaluator.judges.llm.failures import redact
from evaluator.regress.cassette import allowed_headers, body_of
from evaluator.regress.recording import Exchange, bare_url, request_key

_SUCCESS = range(200, 300)
_REFUSALS = (400, 422, 501)
"""What a server says of an option it does not take. The judge then asks without: a part of the recording."""


@dataclass(frozen=True, slots=True)
class Miss:
    """A request that is in no recording. `played` says how often the same request was answered before it."""

    method: str
    url: str
    body: Any
    played: int = 0


class MissError(httpx2.TransportError):
    """Raised to the client in place of a reply."""


@dataclass(slots=True)
class Deck:
    """The recorded exchanges of one case and one repeat, each to be played once."""

    exchanges: Iterable[Exchange]
    misses: list[Miss] = field(default_factory=list)
    played: list[Exchange] = field(default_factory=list)
    _waiting: dict[tuple[str, str, str], list[Exchange]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for exchange in self.exchanges:
            self._waiting[exchange.key].append(exchange)

    def draw(self, method: str, url: str, body: object) -> Exchange | None:
        """The next reply to this request, or None; the same request again gets the next one recorded for it."""
        waiting = self._waiting[request_key(method, url, body)]
        if not waiting:
            return None
        self.played.append(waiting.pop(0))
        return self.played[-1]

    @property
    def left(self) -> list[Exchange]:
        """What was not played."""
        return [exchange for waiting in self._waiting.values() for exchange in waiting]

    def times(self, method: str, url: str, body: object) -> int:
        """How often this request was played."""
        key = request_key(method, url, body)
        return sum(exchange.key == key for exchange in self.played)


class ReplayTransport(httpx2.AsyncBaseTransport):
    """Answers from a deck, and from nowhere else."""

    def __init__(self, deck: Deck) -> None:
        self._deck = deck

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The recorded reply.

        Raises:
            MissError: There is none. The deck has noted the request.
        """
        method, url, body = request.method, str(request.url), body_of(await request.aread())
        exchange = self._deck.draw(method, url, body)
        if exchange is None:
            self._deck.misses.append(Miss(method, bare_url(url), body, self._deck.times(method, url, body)))
            raise MissError("this request is in no recording", request=request)
        return _response(exchange, request)


class RecordTransport(httpx2.AsyncBaseTransport):
    """Answers from a deck, and asks the server for what the deck does not have.

    Args:
        deck: What is recorded already.
        server: Sends requests.
        repeat: The number given to new exchanges.
        keep: Called with each new exchange.

    `lost` has the requests that got no reply in the end, and why.
    """

    def __init__(
        self, deck: Deck, server: httpx2.AsyncBaseTransport, repeat: int, keep: Callable[[Exchange], None]
    ) -> None:
        self._deck, self._server, self._repeat, self._keep = deck, server, repeat, keep
        self.lost: dict[tuple[str, str, str], str] = {}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The recorded reply, or the server's. What passes by itself (rate limits, faults) is not recorded."""
        raw = await request.aread()
        method, url, body = request.method, str(request.url), body_of(raw)
        exchange = self._deck.draw(method, url, body)
        if exchange is not None:
            return _response(exchange, request)
        key = request_key(method, url, body)
        self.lost[key] = "no reply came"
        response = await self._server.handle_async_request(request)
        content = await response.aread()
        await response.aclose()
        status = response.status_code
        text = content.decode(response.encoding or "utf-8", "replace")
        if status not in _SUCCESS and status not in _REFUSALS:
            # Status and headers as they came (Retry-After counts), without an encoding that is undone already.
            self.lost[key] = f"the server said {status}"
            kept = {k: v for k, v in response.headers.items() if k in ("content-type", "retry-after")}
            return httpx2.Response(status, headers=kept, content=content, request=request)
        exchange = Exchange(
            method=method,
            url=bare_url(url),
            request=body,
            status=status,
            reply=body_of(redact(text)),  # servers and models repeat keys, also in what looks like a reply
            headers=tuple(allowed_headers(dict(response.headers)).items()),
            repeat=self._repeat,
        )
        del self.lost[key]
        self._deck.played.append(exchange)
        self._keep(exchange)
        return _response(exchange, request)

    async def aclose(self) -> None:
        """Close the connections to the server."""
        await self._server.aclose()


def _response(exchange: Exchange, request: httpx2.Request) -> httpx2.Response:
    text = exchange.reply if isinstance(exchange.reply, str) else json.dumps(exchange.reply)
    return httpx2.Response(exchange.status, headers=dict(exchange.headers), content=text.encode(), request=request)
