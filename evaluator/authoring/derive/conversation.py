"""The talk with the model about one question: renders, asks within the budget, keeps what was said, reads it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel

from evaluator.authoring.derive.coverage import substantive_spans
from evaluator.authoring.derive.replies import Replies, reply_key
from evaluator.authoring.derive.shapes import CriteriaReply, ExamplesReply, RedFlagsReply
from evaluator.domain import Criterion, Question, RedFlag, Usage
from evaluator.judges.llm import Asker, Estimate, read_as
from evaluator.prompts import Prompt, fence_answer
from evaluator.runs.batch.budget import Budget, BudgetSpentError

Step = Literal["criteria", "examples", "red_flags"]
Fault = Literal["empty", "malformed", "ambiguous", "truncated", "nothing"]

_SHAPES: dict[Step, type[BaseModel]] = {
    "criteria": CriteriaReply,
    "examples": ExamplesReply,
    "red_flags": RedFlagsReply,
}
_TOKENS: dict[Step, int] = {"criteria": 1400, "examples": 700, "red_flags": 300}


@dataclass(frozen=True, slots=True)
class Again:
    """Something that is asked for once more, and why."""

    id: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """What one request is about; see the user template for the fields."""

    step: Step
    trouble: Fault | Literal[""] = ""
    again: tuple[Again, ...] = ()
    settled: tuple[Criterion | RedFlag, ...] = ()
    uncovered: tuple[str, ...] = ()
    entry: Criterion | RedFlag | None = None
    wanted: tuple[int, int] = (0, 0)


class BudgetGate:
    """Counts every request that is sent, tries after faults of the transport too."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget

    @asynccontextmanager
    async def request(self) -> AsyncIterator[None]:
        """Take one request from the budget."""
        self._budget.take_call()
        yield

    def throttled(self, wait: float | None) -> None:
        """The asker waits by itself."""


@dataclass(slots=True)
class Conversation:
    """About one question with one model.

    `usage` is what this session paid for; `replayed` how many replies were there from an earlier one.
    """

    question: Question
    themes: tuple[str, ...]
    asker: Asker
    prompt: Prompt
    replies: Replies
    budget: Budget
    usage: Usage = field(default_factory=Usage)
    replayed: int = 0
    _asked: set[str] = field(default_factory=set, init=False)
    _slots: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._slots = asyncio.Semaphore(self.asker.parallel_calls)
        self.asker.send_through(BudgetGate(self.budget))

    async def ask(self, task: Task) -> tuple[dict[str, object] | None, Fault | Literal[""]]:
        """What the model replies, and what is wrong with its form ("" for nothing); nothing of it is checked.

        Raises:
            JudgeError: No reply came.
            BudgetSpentError: No further request may be sent.
        """
        shape = _SHAPES[task.step]
        system, user = self._messages(task)
        key = reply_key(self.asker.identity, system, user, str(shape.model_json_schema()))
        said = self.replies.find(key)
        if said is None:
            async with self._slots:
                estimate = self.asker.estimate(system, user, _TOKENS[task.step])
                share = self.budget.set_aside(estimate)
                if share is None:
                    raise BudgetSpentError
                used: Usage | None = None
                try:
                    said = await self.asker.ask(system, user, shape)
                    used = said.usage
                finally:
                    self.budget.settle(share, used)
            self.replies.add(key, said)
            self.usage = _sum(self.usage, said.usage)
        elif key not in self._asked:
            self.replayed += 1
        self._asked.add(key)  # what is asked twice in the same words is answered from what was said
        reading = read_as(shape, said.text, cut_off=said.cut_off)
        return reading.reply, reading.fault

    def estimate(self) -> Estimate:
        """What a derivation takes, roughly: a criterion for each sentence, one red flag, and nothing asked again."""
        items = len(substantive_spans(self.question.model_answer or "")) + 1
        steps: list[Step] = ["criteria", "red_flags"]
        steps += ["examples"] * items
        system, user = self._messages(Task("criteria"))
        asked = [self.asker.estimate(system, user, _TOKENS[step]) for step in steps]
        costs = [one.cost_usd for one in asked if one.cost_usd is not None]
        return Estimate(
            calls=len(asked),
            input_tokens=sum(one.input_tokens for one in asked),
            output_tokens=sum(one.output_tokens for one in asked),
            cost_usd=sum(costs) if len(costs) == len(asked) else None,
            messages=((system, user),),
        )

    def _messages(self, task: Task) -> tuple[str, str]:
        fence = fence_answer(self.question.model_answer or "")
        system = self.prompt.render_system(question=fence_answer(self.question.text), model_answer=fence)
        user = self.prompt.render_user(
            step=task.step,
            trouble=task.trouble,
            again=task.again,
            settled=task.settled,
            uncovered=[fence_answer(sentence).body for sentence in task.uncovered],
            themes=self.themes,
            entry=task.entry,
            is_flag=isinstance(task.entry, RedFlag),
            wanted=task.wanted,
        )
        return system, user


def _sum(one: Usage, other: Usage) -> Usage:
    known = one.cost_usd is not None and other.cost_usd is not None
    return Usage(
        calls=one.calls + other.calls,
        input_tokens=one.input_tokens + other.input_tokens,
        output_tokens=one.output_tokens + other.output_tokens,
        cost_usd=(one.cost_usd or 0.0) + (other.cost_usd or 0.0) if known else None,
        seconds=one.seconds + other.seconds,
    )
