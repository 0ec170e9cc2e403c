"""Play every case of a suite from its recordings: no network, no key, the same result every time."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from evaluator.errors import JudgeError, Problem
from evaluator.regress.recording import Exchange, digest, read_recording
from evaluator.regress.suite import Suite
from evaluator.regress.transport import Deck, Miss, ReplayTransport
from evaluator.regress.trial import Cost, Played, Trial, cost_of

_ELSEWHERE = ("OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID")
"""Variables that would change what is sent, or be sent."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one case.

    `played` has one entry for each repeat, and is empty where the case could not be replayed: because of `misses`
    (requests of today that are not recorded) or of a `problem` with its file. `left` counts recorded exchanges that
    the judge no longer makes, `requests` those that it made; `cost` is what recording the misses would take;
    `exchanges` is what was recorded.
    """

    trial: Trial
    played: tuple[Played, ...] = ()
    misses: tuple[Miss, ...] = ()
    problem: Problem | None = None
    left: int = 0
    cost: Cost = field(default_factory=Cost)
    exchanges: tuple[Exchange, ...] = ()
    requests: int = 0

    @property
    def recording(self) -> str:
        """The digest of the replies of the first repeat, or "" where nothing is recorded."""
        first = [one for one in self.exchanges if one.repeat == 0]
        return digest(first) if first else ""


def replay(suite: Suite) -> tuple[Outcome, ...]:
    """Play all cases of a suite; those of an embedded judge are judged anew."""
    with sealed_environment():
        return asyncio.run(_replay(suite))


def strays(suite: Suite) -> tuple[Path, ...]:
    """Files in the folder of recordings that belong to no case."""
    wanted = {suite.cassette(trial) for trial in suite.trials} if suite.recorded else set()
    if not suite.cassettes.is_dir():
        return ()
    files = (file for file in suite.cassettes.rglob("*") if file.is_file() and not file.name.startswith("."))
    return tuple(sorted(file for file in files if file not in wanted))


@contextmanager
def sealed_environment() -> Iterator[None]:
    """No key, server or account of this machine has a say while the block runs."""
    saved = {name: os.environ.pop(name, None) for name in (*_ELSEWHERE, "OPENAI_API_KEY")}
    os.environ["OPENAI_API_KEY"] = "not-needed"
    try:
        yield
    finally:
        for name, value in saved.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


async def outcome_of(suite: Suite, trial: Trial) -> Outcome:
    """Play one case, in an environment that is sealed already."""
    if not suite.recorded:
        return Outcome(trial, (await trial.play(None),))
    file = suite.cassette(trial)
    exchanges = read_recording(file) if file.exists() else ()
    if isinstance(exchanges, Problem):
        return Outcome(trial, problem=exchanges, cost=cost_of(trial, trial.estimate().calls * suite.repeats))
    decks: list[Deck] = []
    played: list[Played] = []
    for repeat in range(max([suite.repeats, *(one.repeat + 1 for one in exchanges)])):
        deck = Deck([one for one in exchanges if one.repeat == repeat])
        one = await _play(trial, deck)
        decks.append(deck)
        played += [one] if one is not None and not deck.misses else []
    requests = sum(len(deck.played) for deck in decks)
    missed = [deck for deck in decks if deck.misses]
    if missed:
        calls = sum(trial.to_record(len(deck.misses), len(deck.played)) for deck in missed)
        misses = tuple(miss for deck in missed for miss in deck.misses)
        return Outcome(trial, misses=misses, cost=cost_of(trial, calls), exchanges=exchanges, requests=requests)
    left = sum(len(deck.left) for deck in decks)
    return Outcome(trial, tuple(played), left=left, exchanges=exchanges, requests=requests)


async def _replay(suite: Suite) -> tuple[Outcome, ...]:
    return tuple([await outcome_of(suite, trial) for trial in suite.trials])


async def _play(trial: Trial, deck: Deck) -> Played | None:
    try:
        return await trial.play(ReplayTransport(deck))
    except JudgeError:
        if not deck.misses:
            raise
        return None
