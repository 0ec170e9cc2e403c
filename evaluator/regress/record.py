"""Record what is missing from the judge of a suite, one request at a time; what it still asks for is kept."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2

from evaluator.errors import ConfigurationError, InputError, Problem
from evaluator.regress.baseline import Accepted, read_baseline
from evaluator.regress.recording import Exchange, digest, read_recording, write_recording
from evaluator.regress.replay import Outcome, replay, strays
from evaluator.regress.suite import Suite
from evaluator.regress.transport import Deck, RecordTransport
from evaluator.regress.trial import Cost, Trial

_ATTEMPTS = 6


@dataclass(frozen=True, slots=True)
class Replaced:
    """Cases that lose exchanges when they are recorded: the judge no longer asks for them, or is asked anew.

    `accepted` is the head of the baseline that was made from these exchanges, None where none was.
    """

    accepted: Accepted | None
    trials: tuple[Trial, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be recorded: the cases, what that would take, what it replaces, and files that no case uses."""

    suite: Suite
    trials: tuple[Trial, ...]
    cost: Cost
    strays: tuple[Path, ...]
    anew: bool = False
    replaced: tuple[Replaced, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came of recording one case.

    `failure` is why it is not complete, or ""; `unusable` is why no verdict or rubric came of the replies, or "".
    """

    trial: Trial
    exchanges: int
    failure: str = ""
    unusable: str = ""


def plan(suite: Suite, *, anew: bool = False, repeats: int | None = None) -> Plan:
    """Find out what is missing.

    Args:
        suite: The suite.
        anew: Record everything, also what is there.
        repeats: How often each case is to be recorded, where that is more than the suite says.

    Raises:
        ConfigurationError: The judge of the suite sends nothing, or a variable would send its requests elsewhere.
        InputError: The baseline is damaged.
    """
    if not suite.recorded:
        raise ConfigurationError("The embedded judge sends nothing: there is nothing to record.")
    if suite.settings.base_url is None and os.environ.get("OPENAI_BASE_URL"):
        raise ConfigurationError(
            "OPENAI_BASE_URL is set, and the suite names no base_url.",
            "Unset it, or write base_url into suite.yaml, so that replaying knows it too.",
        )
    wanted = suite if repeats is None else replace(suite, repeats=max(repeats, suite.repeats))
    seen = _nothing(wanted) if anew else replay(wanted)
    unfinished = [one for one in seen if one.misses or one.problem or one.left]
    cost = sum((one.cost for one in unfinished), Cost())
    trials = tuple(one.trial for one in unfinished)
    return Plan(wanted, trials, cost, strays(suite), anew, tuple(_replaced(wanted, unfinished)))


def record(planned: Plan, done: Callable[[Recorded], None], *, server: httpx2.AsyncBaseTransport | None = None) -> None:
    """Record all cases of a plan, in order. Every reply is on disk before the next request is sent.

    Args:
        planned: What to record.
        done: Called after each case.
        server: Sends requests; None for the network.

    Raises:
        UnreachableError: The judge was never reached. What was recorded so far is kept.
    """
    asyncio.run(_record(planned, done, server))


def prune(planned: Plan) -> tuple[Path, ...]:
    """Remove files that no case uses, and return them."""
    for file in planned.strays:
        try:
            file.unlink()
        except OSError as error:
            raise InputError(f"{file} cannot be removed: {error.strerror or error}.") from error
    return planned.strays


def _nothing(suite: Suite) -> tuple[Outcome, ...]:
    """What a suite would miss without any recording."""
    return replay(replace(suite, root=suite.root / "no recording"))


def _replaced(suite: Suite, unfinished: Sequence[Outcome]) -> Iterator[Replaced]:
    baseline = read_baseline(suite.baseline)
    known = baseline.cases if baseline else {}
    of_baseline: dict[bool, list[Trial]] = {True: [], False: []}
    for one in unfinished:
        exchanges = one.exchanges or _recorded(suite, one.trial)
        if len(exchanges) > one.requests:
            found = digest(exchange for exchange in exchanges if exchange.repeat == 0)
            same = one.trial.id in known and known[one.trial.id].recording == found
            of_baseline[same].append(one.trial)
    for same, trials in of_baseline.items():
        if trials:
            yield Replaced(baseline.accepted if baseline and same else None, tuple(trials))


def _recorded(suite: Suite, trial: Trial) -> tuple[Exchange, ...]:
    """What is recorded of a case; nothing where that cannot be read."""
    file = suite.cassette(trial)
    found = read_recording(file) if file.exists() else ()
    return () if isinstance(found, Problem) else found


async def _record(planned: Plan, done: Callable[[Recorded], None], server: httpx2.AsyncBaseTransport | None) -> None:
    for trial in planned.trials:
        done(await _record_case(planned, trial, server))


async def _record_case(planned: Plan, trial: Trial, server: httpx2.AsyncBaseTransport | None) -> Recorded:
    """Record one case; a case that is complete keeps only the exchanges that were made."""
    suite, file = planned.suite, planned.suite.cassette(trial)
    before = read_recording(file) if file.exists() and not planned.anew else ()
    known = list[Exchange]() if isinstance(before, Problem) else list(before)
    kept: list[Exchange] = []
    unusable: list[str] = []
    for repeat in range(max([suite.repeats, *(one.repeat + 1 for one in known)])):
        rest = [one for one in known if one.repeat > repeat]
        deck = Deck([one for one in known if one.repeat == repeat])

        def keep(
            _: Exchange, *, deck: Deck = deck, kept: tuple[Exchange, ...] = tuple(kept), rest: list[Exchange] = rest
        ) -> None:
            write_recording(file, [*kept, *deck.played, *deck.left, *rest])

        transport = RecordTransport(deck, server or httpx2.AsyncHTTPTransport(), repeat, keep)
        played = await trial.play(transport, _ATTEMPTS)
        if transport.lost:
            return Recorded(trial, len(kept) + len(deck.played), played.why or "; ".join(transport.lost.values()))
        kept += deck.played
        unusable += [played.result.reason] if played.result.reason else []
    if kept or file.exists():
        write_recording(file, kept)
    return Recorded(trial, len(kept), unusable="; ".join(dict.fromkeys(unusable)))
