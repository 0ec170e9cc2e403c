from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from evaluator.runs.batch.pool import PauseError, Pool


class Clock:
    """Moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 50.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        """Move."""
        self.slept.append(seconds)
        self.now += seconds


def pool(most: int, clock: Clock | None = None) -> Pool:
    """A pool with a clock that nobody waits for."""
    clock = clock or Clock()
    return Pool(most, clock=lambda: clock.now, sleep=clock.sleep)


async def _succeed(gate: Pool, times: int) -> None:
    for _ in range(times):
        async with gate.request():
            pass


def test_as_many_as_wanted_at_a_time() -> None:
    """Of ten requests through a pool of three, three run at a time, and all run."""

    async def run() -> tuple[int, int]:
        gate, most, done = pool(3), 0, 0

        async def one() -> None:
            nonlocal most, done
            async with gate.request():
                most = max(most, gate.running)
                await asyncio.sleep(0)
            done += 1

        await asyncio.gather(*(one() for _ in range(10)))
        return most, done

    assert asyncio.run(run()) == (3, 10)


def test_halves_once_for_all_that_were_on_their_way() -> None:
    """Four requests that are refused together halve the limit once; the next one that is refused halves it again."""

    async def run() -> list[int]:
        gate, seen = pool(16), []
        async with AsyncExitStack() as others:
            for _ in range(3):
                await others.enter_async_context(gate.request())
            with pytest.raises(RuntimeError):
                async with gate.request():
                    raise RuntimeError
            gate.throttled(None)
            seen.append(gate.limit)
            await others.aclose()  # three end ...
        for _ in range(3):
            gate.throttled(None)  # ... and were refused too
        seen.append(gate.limit)
        with pytest.raises(RuntimeError):
            async with gate.request():
                raise RuntimeError
        gate.throttled(None)
        seen.append(gate.limit)
        return seen

    assert asyncio.run(run()) == [8, 8, 4]


def test_recovers() -> None:
    """After a cut from eight to four, thirty-two requests that go well make it eight again, and no more."""

    async def run() -> list[int]:
        gate, seen = pool(8), []
        gate.throttled(None)
        for _ in range(5):
            seen.append(gate.limit)
            await _succeed(gate, 8)
        return [*seen, gate.limit]

    assert asyncio.run(run()) == [4, 5, 6, 7, 8, 8]


def test_never_below_one() -> None:
    """However often it is refused, one request may run."""

    async def run() -> int:
        gate = pool(4)
        for _ in range(6):
            gate.throttled(None)
            with pytest.raises(RuntimeError):
                async with gate.request():
                    raise RuntimeError
        return gate.limit

    assert asyncio.run(run()) == 1


def test_retry_after_holds_for_all() -> None:
    """Within the seconds that the server names no request starts, whoever sends it."""
    clock = Clock()

    async def run() -> None:
        gate = pool(4, clock)
        gate.throttled(7.0)
        gate.throttled(3.0)
        await _succeed(gate, 2)

    asyncio.run(run())
    assert clock.slept == [7.0]


def test_a_waiting_request_that_is_cancelled_leaves_its_place() -> None:
    """A request that is given up while it waits does not block those behind it."""

    async def run() -> int:
        gate, done = pool(1), 0

        async def one() -> None:
            nonlocal done
            async with gate.request():
                await asyncio.sleep(0)
            done += 1

        tasks = [asyncio.create_task(one()) for _ in range(4)]
        await asyncio.sleep(0)
        tasks[1].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return done

    assert asyncio.run(run()) == 3


def test_before_each_request() -> None:
    """What is called before a request can refuse it, and the place is free again."""

    def refuse() -> None:
        raise ValueError

    async def run() -> int:
        gate = Pool(2, before=refuse)
        with pytest.raises(ValueError, match=r"^$"):
            async with gate.request():
                pass
        return gate.running

    assert asyncio.run(run()) == 0


def test_replies_that_come_together_are_read_one_after_the_other() -> None:
    """An answered request gives its place to the next before its reply is read; replies are read in their order."""

    async def run() -> list[str]:
        said: list[str] = []
        gate = Pool(3, after=lambda: said.append("answered"))

        async def one(name: int) -> None:
            async with gate.request():
                said.append(f"sent {name}")
                await asyncio.sleep(0)
            said.append(f"read {name}")

        await asyncio.gather(*(one(name) for name in range(5)))
        assert gate.unread == 0
        return said

    said = asyncio.run(run())
    assert said[:8] == ["sent 0", "sent 1", "sent 2", "answered", "answered", "answered", "sent 3", "sent 4"]
    assert [line for line in said if line.startswith("read")] == [f"read {name}" for name in range(5)]


def test_a_reply_that_is_given_up_holds_up_no_other() -> None:
    """A request that is cancelled after its answer came, before it was read, leaves the turn to those behind it."""

    async def run() -> int:
        gate, read = pool(2), 0

        async def one() -> None:
            nonlocal read
            async with gate.request():
                await asyncio.sleep(0)
            read += 1

        tasks = [asyncio.create_task(one()) for _ in range(2)]
        for _ in range(3):
            await asyncio.sleep(0)
        assert gate.unread == 2
        tasks[0].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return read

    assert asyncio.run(run()) == 1


@pytest.mark.parametrize(("asked", "shut"), [(60.0, False), (60.5, True)])
def test_a_pause_longer_than_patience_shuts_the_pool(asked: float, shut: bool) -> None:
    """A request waits for a pause within patience; after a longer one it is refused, also when most of it is over."""
    clock, told = Clock(), list[float]()
    gate = Pool(2, clock=lambda: clock.now, sleep=clock.sleep, paused=told.append, patience=60)
    gate.throttled(asked)
    clock.now += 50
    if shut:
        with pytest.raises(PauseError):
            asyncio.run(_succeed(gate, 1))
    else:
        asyncio.run(_succeed(gate, 1))
    assert (gate.shut, told, gate.pause, clock.slept) == (shut, [asked], 10.5 if shut else 0, [] if shut else [10.0])
