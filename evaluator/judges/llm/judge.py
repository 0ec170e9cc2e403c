"""The judge: renders, asks, checks, asks again for what failed, and says what it used."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluator.domain import Assessment, Question, Rubric
from evaluator.errors import JudgeError, ReplyError
from evaluator.honesty import no_answer
from evaluator.judges.llm.channel import Request
from evaluator.judges.llm.connection import Connection
from evaluator.judges.llm.parsing import read_reply
from evaluator.judges.llm.patience import Meter, Time
from evaluator.judges.llm.pricing import CHARACTERS_PER_TOKEN, Estimate, output_tokens
from evaluator.judges.llm.repair import Progress, Redo
from evaluator.judges.llm.reply import schema_digest
from evaluator.judges.llm.settings import LLMSettings
from evaluator.judges.protocol import Case, Gate, JudgeIdentity, note_usage
from evaluator.prompts import Fence, fence_answer, load_prompt

_LIMIT_RAISE = 2
_KEPT_SYSTEMS = 64
_WHY = {
    "empty": "sent empty replies",
    "malformed": "sent replies that are not the JSON object it was asked for",
    "ambiguous": "sent replies with more than one JSON object",
    "truncated": "sent replies that were cut off",
    "quote_not_found": "quoted what does not stand in the answer",
    "not_judged": "left out every criterion",
    "wrong_number_of_points": "did not give one true or false for every point",
    "contradiction": "judged criteria twice, with different results",
    "unreadable": "left out keys, or gave them the wrong type",
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
        self._connection = Connection(settings, http_client, time)
        self._target = self._connection.target
        self._prompt = load_prompt(settings.prompt, prompts)
        self._systems: deque[tuple[Question, Rubric, str]] = deque(maxlen=_KEPT_SYSTEMS)

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
        clock = self._connection.time.clock
        started = clock()
        meter = Meter()
        self._connection.channel()  # an error of the set-up is no error of one part
        fence = fence_answer(case.answer.text)
        try:
            parts = await self._judge_parts(case, fence, meter)
        except BaseException as end:  # also when the batch ends here: what was sent was sent all the same
            note_usage(end, meter.usage(self._connection.price, clock() - started))
            raise
        usage = meter.usage(self._connection.price, clock() - started)
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
            cost_usd=self._connection.price.of(tokens_in, tokens_out),
            messages=tuple((request.system, request.user) for request in requests),
            near=self._connection.price.near_name(),
        )

    def send_through(self, gate: Gate) -> None:
        """Pass `gate` before each request from now on."""
        self._connection.sender.gate = gate

    def trust(self, rubric: Rubric) -> str:
        """What is checked, and what is not known."""
        model = self._target.model
        return (
            f"A quote counts only if code found it in the answer. How well {model} agrees with people on questions "
            f'such as "{rubric.question}" is not known here; compare it with labels of your own before you rely on its '
            "scores."
        )

    async def aclose(self) -> None:
        """Close the connections of the running event loop. The judge can be used again afterwards."""
        await self._connection.aclose()

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
            system=self._system(case.question, rubric),
            user=self._prompt.render_user(fence=fence, redo=redo),
            max_tokens=self._settings.max_tokens,
        )

    def _system(self, question: Question, rubric: Rubric) -> str:
        """The system message, rendered once for all answers of a question; the last 64 are kept."""
        for known, kept, text in self._systems:
            if known is question and kept is rubric:
                return text
        text = self._prompt.render_system(question=question, rubric=rubric)
        self._systems.append((question, rubric, text))
        return text

    async def _judge_parts(self, case: Case, fence: Fence, meter: Meter) -> list[_Part]:
        rubrics = self._parts(case.rubric)
        if len(rubrics) == 1:
            return [await self._judge_part(case, rubrics[0], fence, meter)]
        slots = asyncio.Semaphore(self._settings.parallel_calls)

        async def run(rubric: Rubric) -> _Part:
            async with slots:
                return await self._judge_part(case, rubric, fence, meter)

        done = await asyncio.gather(*(run(rubric) for rubric in rubrics), return_exceptions=True)
        parts: list[_Part] = []
        for part in done:
            if isinstance(part, BaseException):
                raise part
            parts.append(part)
        return parts

    async def _judge_part(self, case: Case, rubric: Rubric, fence: Fence, meter: Meter) -> _Part:
        part = _Part(Progress(rubric, case.answer.text))
        request = self._request(case, rubric, fence, ())
        for _ in range(1 + self._settings.max_repairs):
            try:
                completion = await self._connection.send(request, meter, "judge this answer")
            except JudgeError as error:
                part.ended_by = error
                break
            part.progress.unbelieved = no_answer(
                case.answer.text, case.question, case.rubric
            )  # not before: the server can begin meanwhile
            part.progress.take(read_reply(completion.text, cut_off=completion.finish == "length"))
            redo = part.progress.redo()
            if not redo:
                break
            limit = request.max_tokens
            if limit is not None and completion.finish == "length":
                limit *= _LIMIT_RAISE
            request = Request(request.system, self._prompt.render_user(fence=fence, redo=redo), limit)
        return part

    def _nothing_judged(self, parts: list[_Part]) -> JudgeError:
        """The error to raise: the one that ended a part, or that the replies were of no use."""
        judging = [part for part in parts if part.progress.rubric.criteria]
        for part in judging:
            if part.ended_by is not None:
                return part.ended_by
        problem = Counter(part.progress.main_problem for part in judging).most_common(1)[0][0]
        why = _WHY.get(problem, "judged no criterion in a way that passes the checks")
        return ReplyError(
            problem,
            f"The judge {self._target.place} {why}.",
            "Try another model, or one call for each criterion.",
        )
