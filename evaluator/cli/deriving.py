"""Options of `rubric derive` to objects."""

from __future__ import annotations

from collections.abc import Mapping

from evaluator.authoring.derive import BudgetGate, Proof, Workshop
from evaluator.bank import Bank
from evaluator.cli.wiring import open_judge
from evaluator.domain import Question
from evaluator.errors import ConfigurationError, UsageError
from evaluator.judges import GatedJudge
from evaluator.judges.catalog import EMBEDDED
from evaluator.judges.embedded import Encoder
from evaluator.judges.llm import Asker, LLMSettings
from evaluator.prompts import load_prompt
from evaluator.runs.batch.budget import Budget
from evaluator.settings import load_settings

PROMPT = "derive/v1"


def chosen_questions(bank: Bank, names: list[str], *, every: bool, update: bool) -> list[Question]:
    """The questions to work on, in the order given, or all in the order of the bank.

    Raises:
        UsageError: None is named, or names and --all are given together, or one is not known.
    """
    if every and names:
        raise UsageError("--all and names of questions do not go together.", "Leave one of them out.")
    if every:
        rubrics = bank.root / "rubrics"
        return [q for q in bank.questions if not update or (rubrics / f"{q.id}.yaml").exists()]
    if not names:
        raise UsageError("Which question?", "Name one or several, or give --all.")
    return list(dict.fromkeys(bank.find(name) for name in names))


def open_workshop(
    bank: Bank,
    judge: str | None,
    base_url: str | None,
    *,
    check_with: str,
    limits: tuple[int | None, float | None],
    connection: Mapping[str, float | None],
) -> Workshop:
    """The workshop for a bank.

    Args:
        bank: Where the questions are and the rubrics go.
        judge: Who derives, as given.
        base_url: Its server, as given.
        check_with: Who grades the probes of the self-check.
        limits: Most requests and most US dollars.
        connection: Settings of the model by name, see LLMSettings.

    Raises:
        ConfigurationError: No judge is configured, or it fits nothing.
    """
    settings = load_settings(judge=judge, base_url=base_url)
    if "judge" not in settings.model_fields_set:
        raise ConfigurationError(
            "Deriving a rubric takes a language model, and none is configured.",
            "Name one with --judge openai/MODEL (its key in OPENAI_API_KEY) or in EVALUATOR_JUDGE, a server of your "
            "own with --base-url too; or draft from the sentences alone with --judge embedded.",
        )
    asker = None
    if settings.judge != EMBEDDED:
        asker = Asker(LLMSettings.model_validate({"spec": settings.judge, "base_url": settings.base_url, **connection}))
    budget = Budget(*limits)
    checker = open_judge(check_with, settings.base_url if check_with != EMBEDDED else None)
    if isinstance(checker, GatedJudge):
        if limits[1] is not None:
            raise ConfigurationError(
                f"--max-cost does not see what the self-check by {check_with} costs.", "Use --max-calls instead."
            )
        checker.send_through(BudgetGate(budget))
    return Workshop(bank, asker, load_prompt(PROMPT), Proof(checker, bank.scale, Encoder()), budget)
