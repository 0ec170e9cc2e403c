"""Judge every case of a suite from its recordings: no network, no key, the same result every time."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from evaluator.domain import Graded, Ungraded
from evaluator.errors import JudgeError, Problem
from evaluator.judges import Judge
from evaluator.judges.catalog import build_judge
from evaluator.judges.llm import LLMJudge
from evaluator.regress.recording import Exchange, digest, read_recording
from evaluator.regress.suite import Suite, Trial
from evaluator.regress.transport import Deck, Miss, ReplayTransport
from evaluator.runs import grade_one

_ELSEWHERE = ("OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID")
"""Variables that would change what is sent, or be sent."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What recording would take, roughly; `usd` is None where the price is unknown."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    usd: float | None = 0.0

    def __add__(self, other: Cost) -> Cost:
        usd = None if self.usd is None or other.usd is None else self.usd + other.usd
        return Cost(
            self.calls + other.calls,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            usd,
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one case.

    `evaluations` has one entry for each repeat, and is empty where the case could not be replayed: because of `misses`
    (requests of today that are not recorded) or of a `problem` with its file. `left` counts recorded exchanges that
    the judge no longer makes; `cost` is what recording the misses would take; `exchanges` is what was recorded.
    """

    trial: Trial
    evaluations: tuple[Graded | Ungraded, ...] = ()
    misses: tuple[Miss, ...] = ()
    problem: Problem | None = None
    left: int = 0
    cost: Cost = Cost()
    exchanges: tuple[Exchange, ...] = ()

    @property
    def recording(self) -> str:
        """The digest of the replies of the first repeat, or "" where nothing is recorded."""
        first = [one for one in self.exchanges if one.repeat == 0]
        return digest(first) if first else ""


def replay(suite: Suite) -> tuple[Outcome, ...]:
    """Judge all cases of a suite; those of an embedded judge are judged anew."""
    with sealed_environment():
        return asyncio.run(_replay(suite))


def replay_one(suite: Suite, trial: Trial) -> Outcome:
    """Judge one case."""
    with sealed_environment():
        return asyncio.run(outcome_of(suite, trial))


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


def make_judge(suite: Suite, trial: Trial, transport: httpx2.AsyncBaseTransport, *, attempts: int = 1) -> LLMJudge:
    """The judge of one case. Each case has its own: what it learns of its server stays in its own recording."""
    client = httpx2.AsyncClient(transport=transport, trust_env=False)
    settings = suite.settings_of(trial).model_copy(update={"max_attempts": attempts})
    return LLMJudge(settings, http_client=client, prompts=suite.prompts)


async def _replay(suite: Suite) -> tuple[Outcome, ...]:
    if suite.recorded:
        return tuple([await outcome_of(suite, trial) for trial in suite.trials])
    judge = build_judge(suite.settings)
    try:
        return tuple([await _judged(suite, trial, judge) for trial in suite.trials])
    finally:
        await judge.aclose()


async def outcome_of(suite: Suite, trial: Trial) -> Outcome:
    """Judge one case, in an environment that is sealed already."""
    if not suite.recorded:
        return await _judged(suite, trial, build_judge(suite.settings))
    file = suite.cassette(trial)
    exchanges = read_recording(file) if file.exists() else ()
    if isinstance(exchanges, Problem):
        judge = make_judge(suite, trial, ReplayTransport(Deck(())))
        return Outcome(trial, problem=exchanges, cost=_whole(judge, trial, suite.repeats))
    repeats = max([suite.repeats, *(one.repeat + 1 for one in exchanges)])
    evaluations: list[Graded | Ungraded] = []
    misses: list[Miss] = []
    left = 0
    for repeat in range(repeats):
        deck = Deck([one for one in exchanges if one.repeat == repeat])
        evaluation = await _play(suite, trial, deck)
        misses += deck.misses
        left += len(deck.left)
        evaluations += [evaluation] if evaluation is not None and not deck.misses else []
    if misses:
        judge = make_judge(suite, trial, ReplayTransport(Deck(())))
        return Outcome(trial, misses=tuple(misses), cost=_part(judge, trial, len(misses)), exchanges=exchanges)
    return Outcome(trial, tuple(evaluations), left=left, exchanges=exchanges)


async def _play(suite: Suite, trial: Trial, deck: Deck) -> Graded | Ungraded | None:
    judge = make_judge(suite, trial, ReplayTransport(deck))
    try:
        return await grade_one(trial.case, suite.scale, judge)
    except JudgeError:
        if not deck.misses:
            raise
        return None
    finally:
        await judge.aclose()


async def _judged(suite: Suite, trial: Trial, judge: Judge) -> Outcome:
    return Outcome(trial, (await grade_one(trial.case, suite.scale, judge),))


def _whole(judge: LLMJudge, trial: Trial, repeats: int) -> Cost:
    estimate = judge.estimate(trial.case)
    return _part(judge, trial, estimate.calls * repeats)


def _part(judge: LLMJudge, trial: Trial, calls: int) -> Cost:
    """The cost of some of the calls of a case, taken as alike."""
    estimate = judge.estimate(trial.case)
    share = calls / estimate.calls
    usd = None if estimate.cost_usd is None else estimate.cost_usd * share
    return Cost(calls, round(estimate.input_tokens * share), round(estimate.output_tokens * share), usd)
