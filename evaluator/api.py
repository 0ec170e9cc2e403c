"""Plain functions for scripts and notebooks."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

from evaluator.bank import Bank, load_bank
from evaluator.domain import Answer, Graded, Ungraded
from evaluator.judges import Case, Judge
from evaluator.judges.catalog import EMBEDDED, build_judge
from evaluator.judges.llm.settings import LLMSettings
from evaluator.runs import grade_one
from evaluator.shipped import shipped_root


def grade(
    question: str | int,
    answer: str,
    *,
    judge: str | Judge = EMBEDDED,
    bank: Bank | None = None,
    base_url: str | None = None,
) -> Graded | Ungraded:
    """Grade one answer.

    Works in a script and in a notebook, whose event loop is already running. The shipped bank and the embedded judge
    are made at the first call and kept; the bank is read again when one of its files has changed.

    Args:
        question: Id, number or unique prefix of a question of the bank.
        answer: What the candidate wrote.
        judge: "embedded" (offline), a provider and model such as "openai/gpt-5-mini", or a judge object.
        bank: Where the question and its rubric are; the shipped bank if None.
        base_url: An OpenAI-compatible server, for a judge given as text.

    Returns:
        A graded evaluation, or an ungraded one with the reason.

    Raises:
        UsageError: There is no such question, or no such judge.
        InputError: The rubric is missing or has problems.
        UnreachableError: The judge was never reached.
    """
    shown = bank or _shipped_bank(_stamp(shipped_root()))
    found = shown.find(str(question))
    chosen = _judge(judge, base_url) if isinstance(judge, str) else judge
    case = Case(found, shown.rubric(found.id), Answer(id="answer", question_id=found.id, text=answer))

    async def run() -> Graded | Ungraded:
        try:
            return await grade_one(case, shown.scale, chosen)
        finally:
            await chosen.aclose()

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(run())
    with ThreadPoolExecutor(1) as pool:  # a running loop cannot be entered again; another thread has its own
        return pool.submit(asyncio.run, run()).result()


Stamp = tuple[tuple[str, int, int, int], ...]


def _stamp(root: Path) -> Stamp:
    """Names, times and sizes of the files of a bank: another where one has changed."""
    files = sorted(file for folder in ("questions", "rubrics") for file in (root / folder).glob("*.yaml"))
    seen = ((str(file), file.stat()) for file in files)
    return tuple((name, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size) for name, stat in seen)


@lru_cache(maxsize=1)
def _shipped_bank(_: Stamp) -> Bank:
    return load_bank()


def _judge(spec: str, base_url: str | None) -> Judge:
    if spec == EMBEDDED and base_url is None:
        return _embedded(os.getpid())
    return build_judge(LLMSettings(spec=spec, base_url=base_url))


@lru_cache(maxsize=1)
def _embedded(_: int) -> Judge:
    """One for each process, as the threads of a model do not come along into a fork. Closing it does nothing."""
    return build_judge(LLMSettings(spec=EMBEDDED))
