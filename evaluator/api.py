"""Plain functions for scripts and notebooks."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from evaluator.bank import Bank, load_bank
from evaluator.domain import Answer, Graded, Ungraded
from evaluator.judges import Case, Judge
from evaluator.judges.catalog import EMBEDDED, build_judge
from evaluator.judges.llm.settings import LLMSettings
from evaluator.runs import grade_one


def grade(
    question: str | int,
    answer: str,
    *,
    judge: str | Judge = EMBEDDED,
    bank: Bank | None = None,
    base_url: str | None = None,
) -> Graded | Ungraded:
    """Grade one answer.

    Works in a script and in a notebook, whose event loop is already running.

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
    shown = bank or load_bank()
    found = shown.find(str(question))
    chosen = build_judge(LLMSettings(spec=judge, base_url=base_url)) if isinstance(judge, str) else judge
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
