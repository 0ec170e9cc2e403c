"""A stub judge in OpenAI's protocol on 127.0.0.1: fixed latency, replies that pass the checks, faults on demand.

    python benchmarks/stub_server.py --port 8099 --latency-ms 200 --fault 429:0.1,truncated:0.1 --seed 7
    evaluator grade dora-rollout answer.md --judge stub --base-url http://127.0.0.1:8099/v1
    curl -s :8099/stats                                            # counters
    curl -s -X POST ':8099/reset?latency_ms=50&fault=reset:0.2'    # other settings, counters at zero

It reads ids and numbers of points from the system message and cuts its quotes from the fenced answer of the user
message. Which points are true depends only on the answer and the id, so what a judge made of a faulty reply can be
compared with what it should have made. Faults, each `kind:rate`, drawn by seed and number of the request: 429 (with
Retry-After), 500, slow (ten times the latency), truncated, malformed, reset. Standard library only.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import json
import random
import re
import time
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

FAULTS = ("429", "500", "slow", "truncated", "malformed", "reset")
_CRITERION = re.compile(r'<criterion id="([^"]+)">\n(.*?)</criterion>', re.DOTALL)
_POINT = re.compile(r"^\d+\. ", re.MULTILINE)
_RED_FLAG = re.compile(r'<red_flag id="([^"]+)">')
_ANSWER = re.compile(r"<answer-([0-9a-f]+)>\n(.*?)\n</answer-\1>", re.DOTALL)
_NOTE = re.compile(r"^- ([^:\n]+): ", re.MULTILINE)
_SLOW_FACTOR = 10
_QUOTE_WORDS = 8


@dataclass
class Config:
    """Latency in milliseconds, faults, seed, and the seconds of Retry-After."""

    latency_ms: float = 200.0
    fault: str = ""
    seed: int = 0
    retry_after: float = 1.0


@dataclass
class Stats:
    """Counters since the start or the last reset."""

    requests: int = 0
    ok: int = 0
    inflight: int = 0
    peak_inflight: int = 0
    prompt_chars: int = 0
    completion_chars: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    started: float = field(default_factory=time.process_time)


def points_of(answer: str, id_: str, count: int) -> list[bool]:
    """Which points of a criterion the stub calls true for an answer: a matter of chance, always the same."""
    digest = hashlib.sha256(f"{id_}\0{answer}".encode("utf-8", "surrogatepass")).digest()
    return [byte % 2 == 0 for byte in digest[:count]]


def reply_to(system: str, user: str) -> dict[str, Any]:
    """A reply that passes the checks of the judge, on what the note asks for or on everything."""
    match = _ANSWER.search(user)
    answer = match[2] if match else ""
    wanted = set(_NOTE.findall(user[match.end() :])) if match else set()
    words = answer.split(" ")
    criteria = []
    for number, (id_, text) in enumerate(_CRITERION.findall(system)):
        if wanted and id_ not in wanted:
            continue
        points = points_of(answer, id_, len(_POINT.findall(text)))
        start = min(2 * number, max(0, len(words) - _QUOTE_WORDS))
        missing = not all(points)
        criteria.append(
            {
                "id": id_,
                "quotes": [" ".join(words[start : start + _QUOTE_WORDS])] if any(points) else [],
                "points": points,
                "gap": "You leave out a part of this." if missing else "",
                "suggestion": "Say what you did and what came of it." if missing else "",
            }
        )
    flags = [
        {"id": id_, "quote": "", "present": False} for id_ in _RED_FLAG.findall(system) if not wanted or id_ in wanted
    ]
    return {"criteria": criteria, "red_flags": flags, "strengths": ["You are concrete."]}


def draw_fault(number: int, config: Config) -> str:
    """The fault of the n-th request, or ""; depends on nothing but number, faults and seed."""
    left = random.Random(f"{config.seed}:{number}").random()  # noqa: S311 - no secret hangs on it
    for part in filter(None, config.fault.split(",")):
        kind, _, rate = part.partition(":")
        if left < float(rate):
            return kind
        left -= float(rate)
    return ""


class Stub:
    """The server: one handler for each connection, kept alive."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.stats = Stats()

    async def serve(self, port: int) -> asyncio.Server:
        """Listen; port 0 takes a free one."""
        return await asyncio.start_server(self._connection, "127.0.0.1", port, backlog=1024, limit=1 << 24)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                length = re.search(r"^content-length: *(\d+)", head, re.IGNORECASE | re.MULTILINE)
                body = await reader.readexactly(int(length[1])) if length else b""
                method, target = head.split(" ", 2)[:2]
                answered = await self._route(method, target, body)
                if answered is None:
                    writer.transport.abort()
                    return
                status, content, headers = answered
                writer.write(_http(status, content, headers))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _route(self, method: str, target: str, body: bytes) -> tuple[int, object, dict[str, str]] | None:
        url = urlsplit(target)
        if method == "POST" and url.path.endswith("/chat/completions"):
            self.stats.inflight += 1
            self.stats.peak_inflight = max(self.stats.peak_inflight, self.stats.inflight)
            try:
                return await self._complete(json.loads(body))
            finally:
                self.stats.inflight -= 1
        if url.path == "/stats":
            seconds = round(time.process_time() - self.stats.started, 3)
            return 200, {**asdict(self.stats), "server_cpu_s": seconds, "config": asdict(self.config)}, {}
        if method == "POST" and url.path == "/reset":
            return self._reset(dict(parse_qsl(url.query)))
        return 404, {"error": {"message": f"no such path: {url.path}"}}, {}

    def _reset(self, changes: dict[str, str]) -> tuple[int, object, dict[str, str]]:
        known = asdict(self.config)
        if unknown := sorted(set(changes) - set(known)):
            return 400, {"error": {"message": f"unknown: {unknown}; known: {sorted(known)}"}}, {}
        for name, value in changes.items():
            setattr(self.config, name, type(known[name])(value))
        self.stats = Stats(inflight=self.stats.inflight)
        return 200, asdict(self.config), {}

    async def _complete(self, request: dict[str, Any]) -> tuple[int, object, dict[str, str]] | None:
        stats, config = self.stats, self.config
        number, stats.requests = stats.requests, stats.requests + 1
        system, user = (str(message.get("content") or "") for message in request["messages"][:2])
        stats.prompt_chars += len(system) + len(user)
        fault = draw_fault(number, config)
        if fault:
            stats.faults[fault] = stats.faults.get(fault, 0) + 1
        if fault == "429":
            error = {"message": "rate limited (stub)", "code": "rate_limit_exceeded"}
            return 429, {"error": error}, {"Retry-After": str(config.retry_after)}
        await asyncio.sleep(config.latency_ms / 1000 * (_SLOW_FACTOR if fault == "slow" else 1))
        if fault == "500":
            return 500, {"error": {"message": "stub failure"}}, {}
        if fault == "reset":
            return None
        content, finish = json.dumps(reply_to(system, user)), "stop"
        if fault == "truncated":
            content, finish = content[: len(content) * 2 // 3], "length"
        elif fault == "malformed":
            content = "Sure! Here is the result: " + content.replace('"', "'")
        stats.completion_chars += len(content)
        stats.ok += fault in ("", "slow")
        return 200, _completion(number, str(request.get("model")), content, finish, len(system) + len(user)), {}


def _completion(number: int, model: str, content: str, finish: str, prompt_chars: int) -> dict[str, Any]:
    tokens_in, tokens_out = prompt_chars // 4, max(1, len(content) // 4)
    message = {"role": "assistant", "content": content, "refusal": None}
    return {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "choices": [{"index": 0, "finish_reason": finish, "message": message}],
        "usage": {"prompt_tokens": tokens_in, "completion_tokens": tokens_out, "total_tokens": tokens_in + tokens_out},
    }


def _http(status: int, content: object, headers: dict[str, str]) -> bytes:
    body = json.dumps(content).encode()
    lines = [f"HTTP/1.1 {status} Stub", "Content-Type: application/json", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8099)
    parser.add_argument("--latency-ms", type=float, default=200.0)
    parser.add_argument("--fault", default="", help=f"kind:rate,... of {', '.join(FAULTS)}")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--retry-after", type=float, default=1.0)
    return parser


async def main() -> None:
    """Serve until interrupted."""
    given = _parser().parse_args()
    server = await Stub(Config(given.latency_ms, given.fault, given.seed, given.retry_after)).serve(given.port)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())
