"""`evaluator batch`."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from evaluator.cli.batch_options import (
    AnswersArgument,
    BatchFormat,
    BatchFormatOption,
    ConcurrencyOption,
    DryRunOption,
    EncodingOption,
    LimitOption,
    MaxCallsOption,
    MaxCostOption,
    QuestionsOption,
    RunOption,
    SkipBadOption,
)
from evaluator.cli.options import (
    AttemptsOption,
    BankOption,
    BaseUrlOption,
    Calls,
    CallsOption,
    DebugOption,
    JudgeOption,
    OutputOption,
    PatienceOption,
    RedactListOption,
    RedactOption,
    TimeoutOption,
)
from evaluator.cli.output import bank_files, check_output, note, run_files, write_result
from evaluator.cli.progress import working

if TYPE_CHECKING:
    from evaluator.bank import Bank
    from evaluator.judges import Judge
    from evaluator.runs.batch import Batch, Budget, Catalog, Ended, Limits, Part, Plan, Progress
    from evaluator.runs.inputs import Source
    from evaluator.runs.store import RunStore

_STATUS = {"finished": 0, "unreachable": 1, "budget": 4, "interrupted": 130}


def batch(
    answers: AnswersArgument,
    run: RunOption,
    judge: JudgeOption = None,
    base_url: BaseUrlOption = None,
    bank: BankOption = None,
    calls: CallsOption = Calls.per_answer,
    timeout: TimeoutOption = 120,
    attempts: AttemptsOption = 6,
    patience: PatienceOption = 180,
    redact: RedactOption = False,
    redact_list: RedactListOption = None,
    encoding: EncodingOption = None,
    skip_bad: SkipBadOption = False,
    question: QuestionsOption = None,
    limit: LimitOption = None,
    concurrency: ConcurrencyOption = 16,
    max_calls: MaxCallsOption = None,
    max_cost: MaxCostOption = None,
    dry_run: DryRunOption = False,
    output_format: BatchFormatOption = BatchFormat.text,
    output: OutputOption = None,
    debug: DebugOption = False,
) -> None:
    """Grade many answers into a run. The same command again goes on: it grades what is new, changed or failed.

    For example:

    evaluator batch answers.csv --run cohort.run

    evaluator batch answers.csv --run cohort.run --judge openai/gpt-5-mini --dry-run

    evaluator batch answers/ --run cohort.run --judge openai/gpt-5-mini --max-cost 5
    """
    from evaluator.cli.wiring import open_bank, open_judge, redacted
    from evaluator.runs.batch import Catalog, Limits, Part
    from evaluator.runs.inputs import open_source

    shown = open_bank(bank)
    reader = open_judge(judge, base_url, calls=calls.value, timeout=timeout, attempts=attempts, patience=patience)
    reader = redacted(reader, redact, redact_list)
    check_output(output, answers, redact_list, *run_files(run), *bank_files(shown.root))
    source = open_source(answers, encoding)
    if source.guessed:
        note(f"{answers} is not UTF-8; it is read as {source.guessed}. Another encoding is named with --encoding.")
    part = Part(frozenset(shown.find(name).id for name in question or ()), limit)
    work = _Work(source, shown, reader, Catalog(shown, reader.identity), part, skip_bad, output_format, output)
    if dry_run:
        work.preview(run)
        return
    status = work.do(run, Limits(concurrency, grace=timeout, patience=patience), max_calls, max_cost)
    if status:
        raise typer.Exit(status)


class _Work:
    """What the steps of one command share."""

    def __init__(
        self,
        source: Source,
        bank: Bank,
        judge: Judge,
        catalog: Catalog,
        part: Part,
        skip_bad: bool,
        output_format: BatchFormat,
        output: Path | None,
    ) -> None:
        self.source = source
        self.bank = bank
        self.judge = judge
        self.catalog = catalog
        self.part = part
        self.skip_bad = skip_bad
        self.json = output_format == BatchFormat.json
        self.output = output

    def preview(self, run: Path) -> None:
        """Print what a batch would take; write nothing."""
        from evaluator.cli.batch_text import estimate_json, estimate_text
        from evaluator.runs.batch import Plan, estimate_waiting, preview_input
        from evaluator.runs.store import RunStore

        plan = Plan()
        store = RunStore.open(run) if run.exists() else None
        try:
            with working("Comparing the answers with the run"):
                waiting = preview_input(store, self.source, self.bank, self.catalog, plan, skip_bad=self.skip_bad)
                lines = estimate_waiting(self.part.of(waiting), self.catalog, self.judge)
        finally:
            if store is not None:
                store.close()
        self._write(estimate_json(plan, lines) if self.json else estimate_text(plan, lines))

    def do(self, run: Path, limits: Limits, max_calls: int | None, max_cost: float | None) -> int:
        """Grade what is to do, print where the run stands, and return the exit status."""
        from evaluator.cli.batch_text import farewell_text, plan_text, summary_json, summary_text
        from evaluator.runs.batch import Budget
        from evaluator.runs.store import RunStore

        with RunStore.lock(run), _opened(run) as store:
            with working("Comparing the answers with the run"):
                plan = self._plan(store)
            note(plan_text(plan))
            before = store.spent()[0]
            budget = Budget(max_calls, max_cost, calls=before.calls, cost_usd=before.cost_usd)
            if plan.to_grade:
                ended, progress, pause = self._grade(store, plan, limits, budget)
            else:
                ended, progress, pause = _nothing(store, plan)
            note(farewell_text(ended, plan, progress, run, pause))
            self._write(summary_json(store, plan, ended) if self.json else summary_text(store, ended))
            counts = store.counts()
        return _STATUS[ended] or int(counts.ungraded + counts.waiting > 0)

    def _write(self, result: str) -> None:
        write_result(result, self.output, "json" if self.json else "text")

    def _plan(self, store: RunStore) -> Plan:
        from evaluator.runs.batch import plan_input

        return plan_input(store, self.source, self.bank, self.catalog, skip_bad=self.skip_bad)

    def _grade(self, store: RunStore, plan: Plan, limits: Limits, budget: Budget) -> tuple[Ended, Progress, float]:
        """Judge; how it ended, how far it came, and the seconds of the pause that ended it."""
        from evaluator.cli.batch_progress import following
        from evaluator.runs.batch import Batch

        with following() as observe:
            loop = Batch(store, self.catalog, self.judge, limits=limits, budget=budget, observe=observe)
            ended = asyncio.run(_run(loop, plan, self.part, self.judge))
        return ended, loop.progress, loop.pause


async def _run(loop: Batch, plan: Plan, part: Part, judge: Judge) -> Ended:
    from evaluator.runs.batch import Stop

    stop = Stop()

    def ask() -> None:
        stop.ask()
        if stop.asked == 1:
            note(f"Stopping: {loop.in_flight} answers in flight are finished first; Ctrl-C again drops them.")

    with _signals(ask):
        try:
            return await loop.run(plan, stop, part)
        finally:
            await judge.aclose()


@contextmanager
def _signals(ask: Callable[[], None]) -> Iterator[None]:
    """Ctrl-C and a request to terminate ask to stop, as long as the block runs."""
    loop = asyncio.get_running_loop()
    if sys.platform == "win32":
        before = signal.signal(signal.SIGINT, lambda *_: loop.call_soon_threadsafe(ask))
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ask)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


@contextmanager
def _opened(run: Path) -> Iterator[RunStore]:
    """The run, made where there is none; one that was made and got nothing in is taken away again."""
    from evaluator.runs.store import RunStore

    existed = run.exists()
    try:
        with RunStore.open(run, create=True) as store:
            yield store
            existed = True
    except BaseException:
        if not existed and RunStore.is_empty(run):
            run.unlink(missing_ok=True)
        raise


def _nothing(store: RunStore, plan: Plan) -> tuple[Ended, Progress, float]:
    from evaluator.runs.batch import Progress

    store.end_session(plan.session, "finished")
    return "finished", Progress(total=0), 0.0
