"""The judge: renders, asks, checks, asks again for what failed, and says what it used."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from evaluator.domain import Assessment, Rubric
from evaluator.errors import JudgeError, RejectedError, ReplyError
from evaluator.judges.llm.channel import Channel, Completion, Request, first_options, open_channel
from evaluator.judges.llm.failures import translate
from evaluator.judges.llm.parsing import read_reply
from evaluator.judges.llm.patience import Meter, Sender, Time
from evaluator.judges.llm.pricing import CHARACTERS_PER_TOKEN, Estimate, Price, output_tokens
from evaluator.judges.llm.repair import Progress, Redo
from evaluator.judges.llm.reply import schema_digest
from evaluator.judges.llm.settings import LLMSettings, target_of
from evaluator.judges.protocol import Case, Gate, JudgeIdentity
from evaluator.prompts import Fence, fence_answer, load_prompt

_FIRST_LIMIT_RAISE = 2
_WHY = {
    "empty": "sent empty replies",
    "malformed": "sent replies that are not the JSON object it was asked for",
    "ambiguous": "sent replies with more than one JSON object",
    "truncated": "sent replies that were cut off",
    "quote_not_found": "quoted what does not stand in the answer",
    "not_judged": "left out every criterion",
}


@dataclass(slots=True)
class _Part:
    """One line of calls: its progress, and the error that ended it early, if one did."""

    progress: Progress
    ended_by: JudgeError | None = None

    @property
    def failure(self) -> str:
        return self.ended_by.reason if self.ended_by else ""


class LLMJudge:
    """Asks a language model to judge an answer, and believes of the reply only what passes the checks.

    Nothing is sent, and openai and instructor are not imported, before the first assessment. One judge can be used
    from several event loops, one after the other; each has its own connections, which `aclose` closes.

    Args:
        settings: What to ask, and how.
        http_client: An `httpx2.AsyncClient` in place of openai's own, for instance with a transport for tests.
        time: Clock, sleep and chance, for tests.
        prompts: The folder that holds the prompts; None for the shipped ones.

    Raises:
        ConfigurationError: the settings name no judge.
        PromptError: there is no such prompt.
    """

    def __init__(
        self,
        settings: LLMSettings,
        *,
        http_client: Any = None,  # noqa: ANN401 - httpx2 is not imported here
        time: Time | None = None,
        prompts: Path | None = None,
    ) -> None:
        self._settings = settings
        self._target = target_of(settings)
        self._prompt = load_prompt(settings.prompt, prompts)
        self._http_client = http_client
        self._time = time or Time()
        self._price = Price(self._target)
        self._sender = Sender(
            place=self._target.place,
            options=first_options(settings, self._target),
            timeout=settings.timeout,
            max_attempts=settings.max_attempts,
            patience=settings.patience,
            time=self._time,
        )
        self._channels: WeakKeyDictionary[asyncio.AbstractEventLoop, Channel] = WeakKeyDictionary()

    def __repr__(self) -> str:
        return f"LLMJudge({self._target.place!r}, {self._prompt.identity!r})"

    @property
    def identity(self) -> JudgeIdentity:
        """The specification, the model, the prompt with its digest, and all settings that can change a result."""
        chosen = self._settings
        settings = {
            "base_url": self._target.base_url,
            "calls": chosen.calls,
            "max_repairs": chosen.max_repairs,
            "max_tokens": chosen.max_tokens,
            "mode": "json_schema",
            "schema": schema_digest(),
            "seed": chosen.seed,
            "temperature": chosen.temperature,
        }
        return JudgeIdentity(
            judge=chosen.spec,
            model=self._target.model,
            prompt=self._prompt.identity,
            settings=json.dumps(settings, sort_keys=True, separators=(",", ":")),
        )

    async def assess(self, case: Case) -> Assessment:
        """Assess one answer.

        What a reply leaves open, or gets wrong, is asked again; what then is still open is unassessed, with the
        reason as a flag. An error while asking again loses nothing that is settled.

        Returns:
            One finding per criterion and per red flag, in rubric order.

        Raises:
            JudgeError: not one criterion could be judged.
            ConfigurationError: the client cannot be set up: no key, no such provider, a package missing.
        """
        started = self._time.clock()
        meter = Meter()
        channel = self._channel()
        fence = fence_answer(case.answer.text)
        slots = asyncio.Semaphore(self._settings.parallel_calls)

        async def run(rubric: Rubric) -> _Part:
            async with slots:
                return await self._judge_part(channel, case, rubric, fence, meter)

        done = await asyncio.gather(*(run(rubric) for rubric in self._parts(case.rubric)), return_exceptions=True)
        parts: list[_Part] = []
        for part in done:
            if isinstance(part, BaseException):
                raise part
            parts.append(part)
        usage = meter.usage(self._price, self._time.clock() - started)
        if all(part.progress.hopeless for part in parts if part.progress.rubric.criteria):
            error = self._nothing_judged(parts)
            error.attempts = meter.calls
            error.usage = usage
            raise error from error.__cause__
        return Assessment(
            findings=tuple(found for part in parts for found in part.progress.findings(part.failure)),
            red_flags=tuple(found for part in parts for found in part.progress.red_flags(part.failure)),
            strengths=tuple(dict.fromkeys(text for part in parts for text in part.progress.strengths))[:3],
            usage=usage,
        )

    def estimate(self, case: Case) -> Estimate:
        """What assessing this answer would take, without asking anybody."""
        fence = fence_answer(case.answer.text)
        parts = self._parts(case.rubric)
        requests = [self._request(case, rubric, fence, ()) for rubric in parts]
        characters = sum(len(request.system) + len(request.user) for request in requests)
        tokens_in = -(-characters // CHARACTERS_PER_TOKEN)
        tokens_out = sum(output_tokens(len(rubric.criteria), len(rubric.red_flags)) for rubric in parts)
        return Estimate(
            calls=len(requests),
            input_tokens=tokens_in,
            output_tokens=tokens_out,
            cost_usd=self._price.of(tokens_in, tokens_out),
            messages=tuple((request.system, request.user) for request in requests),
        )

    def send_through(self, gate: Gate) -> None:
        """Pass `gate` before each request from now on."""
        self._sender.gate = gate

    async def aclose(self) -> None:
        """Close the connections of the running event loop. The judge can be used again afterwards."""
        channel = self._channels.pop(asyncio.get_running_loop(), None)
        if channel is not None:
            await channel.close()

    def _channel(self) -> Channel:
        loop = asyncio.get_running_loop()
        channel = self._channels.get(loop)
        if channel is None:
            try:
                channel = open_channel(self._settings, self._target, self._http_client)
            except Exception as exception:
                failure = translate(exception, self._target.place)
                if failure is None:
                    raise
                raise failure.error from exception
            self._channels[loop] = channel
        return channel

    def _parts(self, rubric: Rubric) -> tuple[Rubric, ...]:
        """What each line of calls judges: all at once, or each criterion by itself and then the red flags."""
        if self._settings.calls == "per-answer":
            return (rubric,)
        parts = [rubric.model_copy(update={"criteria": (criterion,), "red_flags": ()}) for criterion in rubric.criteria]
        if rubric.red_flags:
            parts.append(rubric.model_copy(update={"criteria": ()}))
        return tuple(parts)

    def _request(self, case: Case, rubric: Rubric, fence: Fence, redo: tuple[Redo, ...]) -> Request:
        return Request(
            system=self._prompt.render_system(question=case.question, rubric=rubric),
            user=self._prompt.render_user(fence=fence, redo=redo),
            max_tokens=self._settings.max_tokens,
        )

    async def _judge_part(self, channel: Channel, case: Case, rubric: Rubric, fence: Fence, meter: Meter) -> _Part:
        part = _Part(Progress(rubric, case.answer.text))
        request = self._request(case, rubric, fence, ())
        for _ in range(1 + self._settings.max_repairs):
            try:
                completion = await self._sender.send(channel, request, meter)
                _raise_for_refusal(completion, self._target.place)
            except JudgeError as error:
                part.ended_by = error
                break
            part.progress.take(read_reply(completion.text, cut_off=completion.finish == "length"))
            redo = part.progress.redo()
            if not redo:
                break
            limit = request.max_tokens
            if limit is not None and completion.finish == "length":
                limit *= _FIRST_LIMIT_RAISE
            request = Request(request.system, self._prompt.render_user(fence=fence, redo=redo), limit)
        return part

    def _nothing_judged(self, parts: list[_Part]) -> JudgeError:
        """The error to raise: the one that ended a part, or that the replies were of no use."""
        for part in parts:
            if part.ended_by is not None:
                return part.ended_by
        problem = parts[0].progress.main_problem
        why = _WHY.get(problem, "judged no criterion in a way that passes the checks")
        return ReplyError(
            problem,
            f"The judge {self._target.place} {why}.",
            "Try another model, or one call for each criterion.",
        )


def _raise_for_refusal(completion: Completion, place: str) -> None:
    if completion.finish == "refused":
        said = " ".join(completion.text.split())[:200]
        raise RejectedError("refused", f"The judge {place} refused to judge this answer: {said}")
    if completion.finish == "content_filter":
        raise RejectedError("content_filter", f"The content filter of {place} stopped the reply.")
