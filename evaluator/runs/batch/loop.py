"""The loop of a batch: begins answers as long as it may, saves each as it ends, and stops without losing anything."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import cast

from evaluator.domain import Answer, Graded, Ungraded, Usage
from evaluator.errors import EvaluatorError, JudgeError, UnreachableError
from evaluator.judges import Case, GatedJudge, Judge, note_usage, usage_of
from evaluator.runs.batch.budget import Budget, BudgetSpentError, Share
from evaluator.runs.batch.course import Ended, Limits, Progress, Stop
from evaluator.runs.batch.estimate import foresee
from evaluator.runs.batch.plan import Catalog, Part, Plan, lasts
from evaluator.runs.batch.pool import PauseError, Pool
from evaluator.runs.fingerprint import Conditions, fingerprint_of, text_digest
from evaluator.runs.grade_one import grade_one, ungraded
from evaluator.runs.store import RunStore

_GIVE_UP_AFTER = 3
"""So many answers in a row that did not reach the judge, and the others would not either."""

_CHUNK = 100

_PASSES = frozenset(
    ("malformed", "truncated", "ambiguous", "timeout", "connection", "server_error", "conflict", "rate_limited")
)
"""Reasons that have to do with the moment more than with the answer."""

_MOST_AGAIN = 0.2
"""When more than this share of the answers failed, the moment is not to blame."""

_MOST_UNSAVED = 64
"""So many answers may wait to be saved while others are judged: a disk takes some milliseconds for each."""


@dataclass(slots=True)
class _Unsaved:
    """An evaluation on its way into the run, and why it did not get there."""

    number: int
    evaluation: Graded | Ungraded
    under: Conditions
    digest: str
    error: Exception | None = None


class Batch:
    """Judges what a plan has queued. One object for one run of the loop.

    Args:
        store: The run, whose lock the caller holds.
        catalog: What answers are judged by.
        judge: Who judges.
        limits: How many at a time.
        budget: The most that may be used.
        observe: Called after each answer, and when the server asks for a pause.
    """

    def __init__(
        self,
        store: RunStore,
        catalog: Catalog,
        judge: Judge,
        *,
        limits: Limits,
        budget: Budget,
        observe: Callable[[Progress], None],
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._judge = judge
        self._limits = limits
        self._budget = budget
        self._observe = observe
        self._wake = asyncio.Event()
        self._pool = Pool(
            limits.concurrency,
            before=budget.take_call,
            after=self._wake.set,
            paused=self._paused,
            patience=limits.patience,
        )
        self._judging = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._writer = ThreadPoolExecutor(1, "store")
        self._unsaved: deque[_Unsaved] = deque()
        self._ended: Ended | None = None
        self._fatal: BaseException | None = None
        self._misses = 0
        self._stumbles = 0
        self._passing: list[int] = []
        self._unfinished: list[tuple[int, Usage]] = []
        self._is_second = False
        self._reached = False
        self._miss: UnreachableError | None = None
        self.progress = Progress(total=0)

    @property
    def in_flight(self) -> int:
        """How many answers are being judged."""
        return len(self._tasks)

    @property
    def pause(self) -> float:
        """Seconds of the pause that ended the batch, as far as they are still to come; else 0."""
        return self._pool.pause if self._pool.shut else 0.0

    async def run(self, plan: Plan, stop: Stop, part: Part | None = None) -> Ended:
        """Judge what waits, or a part of it.

        Returns:
            How it ended: all done, interrupted, at the end of the budget, or because the judge could no longer be
            reached or asks for a pause that is too long. What was finished is saved in each case, and what was used
            for answers that were not.

        Raises:
            UnreachableError: The judge was never reached.
            ConfigurationError: The judge, or a limit of cost, cannot work as it is set up.
            InputError: An evaluation cannot be saved.
        """
        part = part or Part()
        numbers = self._store.waiting(plan.session, part.questions, part.limit)
        self.progress = Progress(total=len(numbers), requests_at_a_time=self._pool.limit)
        stop.listen(self._wake.set)
        if isinstance(self._judge, GatedJudge):
            self._judge.send_through(self._pool)
        try:
            await self._judge_all(numbers, stop)
        finally:
            self._store.keep_unfinished(plan.session, self._unfinished)
        if self._fatal is not None:
            raise self._fatal
        ended = self._how_it_ended(stop)
        self._store.end_session(plan.session, ended)
        if ended == "unreachable" and not self._reached and self._miss is not None:
            raise self._miss
        return ended

    async def _judge_all(self, numbers: Sequence[int], stop: Stop) -> None:
        with self._writer:
            try:
                await self._begin_all(numbers, stop)
                await self._drain(stop)
                await self._second_chance(stop)
            finally:
                for task in self._tasks:
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)

    def _how_it_ended(self, stop: Stop) -> Ended:
        if not self.progress.waiting:
            return "finished"
        if stop.asked:
            return "interrupted"
        return self._ended or "unreachable"

    def _load(self, numbers: Sequence[int]) -> Iterator[tuple[int, Answer]]:
        for start in range(0, len(numbers), _CHUNK):
            yield from self._store.load(numbers[start : start + _CHUNK])

    async def _begin_all(self, numbers: Sequence[int], stop: Stop) -> None:
        for number, answer in self._load(numbers):
            share = await self._leave_to_begin(answer, stop)
            if share is None:
                return
            self._judging += 1
            task = asyncio.create_task(self._one(number, answer, share))
            self._tasks.add(task)

    async def _second_chance(self, stop: Stop) -> None:
        """Judge once more what failed for a reason that passes, unless so much failed that it does not pass."""
        again = self._passing
        if stop.asked or self._ended or self._fatal or len(again) > self.progress.total * _MOST_AGAIN + 1:
            return
        self._is_second = True
        await self._begin_all(again, stop)
        await self._drain(stop)

    async def _leave_to_begin(self, answer: Answer, stop: Stop) -> Share | None:
        """Wait until the next answer may begin; None when none may any more."""
        while not (stop.asked or self._ended or self._fatal):
            if self._has_room():
                foreseen = foresee(self._judge, self._catalog.case(answer)) if self._budget.limited else None
                share = self._budget.set_aside(foreseen)
                if share is not None:
                    return share
                if not self._judging:  # nothing is in flight that could give something back
                    self._ended = "budget"
                    return None
            await self._pause(None)
        return None

    def _has_room(self) -> bool:
        """Whether one more answer may be judged. One whose reply has come, and is not read yet, takes no room."""
        most = self._limits.concurrency
        asking = self._judging - min(self._pool.unread, most)
        return asking < most and len(self._tasks) < most + _MOST_UNSAVED

    async def _drain(self, stop: Stop) -> None:
        """Wait for what is in flight, as long as that makes sense."""
        deadline: float | None = None
        while self._tasks and not self._fatal:
            if stop.asked > 1 or (self._ended == "unreachable" and not self._reached):
                return
            if stop.asked and deadline is None:
                deadline = time.monotonic() + self._limits.grace
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                return
            await self._pause(left)

    async def _pause(self, seconds: float | None) -> None:
        """Until an answer has ended, somebody asks to stop, or the time is over."""
        self._wake.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            pass

    async def _one(self, number: int, answer: Answer, share: Share) -> None:
        """Judge and save one answer; whatever happens is noted, never raised."""
        under = self._catalog.conditions(answer.question_id)
        digest = text_digest(answer.text)
        try:
            evaluation = await self._judge_one(number, answer, fingerprint_of(digest, under), share)
            await self._save(_Unsaved(number, evaluation, under, digest))
            self._note(number, evaluation)
        except BudgetSpentError:
            self._ended = self._ended or "budget"
        except PauseError:
            self._ended = self._ended or "unreachable"
        except UnreachableError as error:
            self._missed(error)
        except EvaluatorError as error:
            self._fatal = self._fatal or error
        except Exception as error:  # noqa: BLE001 - a fault of ours ends the batch, with what is saved saved
            self._fatal = self._fatal or error
        finally:
            self._tasks.discard(_this_task())
            self._wake.set()

    async def _save(self, one: _Unsaved) -> None:
        self._unsaved.append(one)
        writing = asyncio.get_running_loop().run_in_executor(self._writer, self._write_all)
        await asyncio.shield(writing)  # what is judged is saved, also when we are told to drop the rest
        if one.error is not None:
            raise one.error

    def _write_all(self) -> None:
        """Write what is not saved yet, in the thread of the writer. Those that wait together wait for the disk once."""
        for left in reversed(range(len(self._unsaved))):
            one = self._unsaved.popleft()
            try:
                self._store.write(one.number, one.evaluation, one.under, one.digest, wait=not left)
            except Exception as error:  # noqa: BLE001 - it is raised where the answer is waited for
                one.error = error

    async def _judge_one(self, number: int, answer: Answer, mark: str, share: Share) -> Graded | Ungraded:
        used: Usage | None = None
        try:
            evaluation = await self._grade(self._catalog.case(answer), mark)
            used = evaluation.provenance.usage
        except BaseException as error:
            used = usage_of(error)
            if used is not None and used.calls:
                self._unfinished.append((number, used))
                self.progress = self.progress.using(used)
            raise
        finally:
            self._budget.settle(share, used)
            self._judging -= 1
            self._wake.set()  # the next may begin while this one is saved
        return evaluation

    async def _grade(self, case: Case, mark: str) -> Graded | Ungraded:
        try:
            evaluation = await grade_one(case, self._catalog.scale, self._judge, mark=mark)
        except (EvaluatorError, BudgetSpentError, PauseError):
            raise
        except Exception as error:
            # One answer that the judge stumbles over must not stop the others; several in a row are no accident.
            self._stumbles += 1
            if self._stumbles >= _GIVE_UP_AFTER:
                raise
            fault = JudgeError("crashed", f"The judge failed: {type(error).__name__}: {error}")
            fault.usage = usage_of(error)
            return ungraded(case, self._judge, fault, mark)
        self._stumbles = 0
        if case.answer.text.strip():  # else nobody was asked
            self._reached = True
            self._misses = 0
        if self._pool.shut and isinstance(evaluation, Ungraded) and evaluation.reason == "rate_limited":
            pause = PauseError()  # the answer is not to blame
            note_usage(pause, evaluation.provenance.usage)
            raise pause
        return evaluation

    def _paused(self, seconds: float) -> None:
        if self._pool.shut:
            self._reached = True  # it did reply
            self._ended = self._ended or "unreachable"
        self.progress = replace(self.progress, pause=seconds)
        self._observe(self.progress)

    def _missed(self, error: UnreachableError) -> None:
        self._misses += 1
        self._miss = error
        if self._misses >= _GIVE_UP_AFTER:
            self._ended = self._ended or "unreachable"

    def _note(self, number: int, evaluation: Graded | Ungraded) -> None:
        graded = isinstance(evaluation, Graded)
        now = self.progress.using(evaluation.provenance.usage)
        if isinstance(evaluation, Ungraded):
            if evaluation.reason in _PASSES and not self._is_second:
                self._passing.append(number)
            now = replace(now, lasting=now.lasting + lasts(evaluation.reason, evaluation.provenance.usage.calls))
        self.progress = replace(
            now,
            graded=now.graded + graded,
            ungraded=now.ungraded - graded if self._is_second else now.ungraded + (not graded),
            in_flight=len(self._tasks) - 1,
            requests_at_a_time=self._pool.limit,
            pause=self._pool.pause,
        )
        self._observe(self.progress)


def _this_task() -> asyncio.Task[None]:
    return cast("asyncio.Task[None]", asyncio.current_task())
