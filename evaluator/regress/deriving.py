"""Cases in which a rubric is derived from a model answer."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2

from evaluator.authoring.article import find_entries, open_article, plan_import
from evaluator.authoring.derive import Outcome, Proof, Workshop
from evaluator.bank import Bank, Source, load_bank
from evaluator.domain import Criterion, Question, RedFlag, Rubric
from evaluator.errors import EvaluatorError, Problem
from evaluator.judges.embedded import EmbeddedJudge, Encoder
from evaluator.judges.llm import Asker, Estimate, LLMSettings
from evaluator.prompts import load_prompt
from evaluator.regress.results import DerivedResult
from evaluator.regress.suite_file import DeriveSuiteFile
from evaluator.regress.trial import Played
from evaluator.runs.batch.budget import Budget


@dataclass(frozen=True, slots=True)
class DeriveTrial:
    """The derivation of one rubric, as `evaluator rubric derive` does it; the embedded judge checks the draft.

    What is asked follows from the replies before it and from that check: a change of either is a miss further on.
    """

    question: Question
    bank: Bank
    settings: LLMSettings
    proof: Proof
    prompts: Path | None = None

    @property
    def id(self) -> str:
        """The id of the question."""
        return self.question.id

    def names(self) -> tuple[str, str | None]:
        """The model and the prompt."""
        return self.settings.spec, load_prompt(self.settings.prompt, self.prompts).identity

    def estimate(self) -> Estimate:
        """Where nothing is asked again."""
        return self._workshop(self.bank.root, Asker(self.settings)).estimate(self.question)

    def to_record(self, missed: int, played: int) -> int:
        """What was missed, or all that an estimate still expects: what follows a miss is not known yet."""
        return max(missed, self.estimate().calls - played)

    async def play(self, transport: httpx2.AsyncBaseTransport | None, attempts: int = 1) -> Played:
        """Derive, and read the rubric that was written."""
        with tempfile.TemporaryDirectory(prefix="evaluator-") as folder:
            outcome = await self.derive(Path(folder), transport, attempts)
            if outcome.draft is None or outcome.kind not in ("final", "draft"):
                result = DerivedResult(question=self.id, status="nothing", reason=outcome.detail, criteria={})
                return Played(result, why=outcome.detail)
            rubric = self._moved(Path(folder)).rubric(self.id)
        return Played(_result(rubric, outcome), tuple(_unsupported(rubric, self.question.model_answer or "")))

    async def derive(self, folder: Path, transport: httpx2.AsyncBaseTransport | None, attempts: int = 1) -> Outcome:
        """Derive into a folder: the rubric into `rubrics`, record and replies into `derived`.

        Raises:
            JudgeError: The model was never reached.
            InputError: Something cannot be written.
        """
        client = httpx2.AsyncClient(transport=transport, trust_env=False)
        asker = Asker(self.settings.model_copy(update={"max_attempts": attempts}), http_client=client)
        try:
            return await self._workshop(folder, asker).derive(self.question, lambda _: None)
        finally:
            await asker.aclose()

    def _workshop(self, folder: Path, asker: Asker) -> Workshop:
        prompt = load_prompt(self.settings.prompt, self.prompts)
        return Workshop(self._moved(folder), asker, prompt, self.proof, Budget())

    def _moved(self, folder: Path) -> Bank:
        return Bank(folder, self.bank.questions, self.bank.scale, self.bank.themes)


def read_questions(
    source: Source, parsed: DeriveSuiteFile, problems: list[Problem], bank: Path | None, prompts: Path | None
) -> list[DeriveTrial]:
    """The cases of a suite, in its order; what is wrong with them is added to `problems`.

    Raises:
        InputError: The article or bank cannot be read.
    """
    used = _bank(source, parsed, problems, bank)
    if used is None:
        return []
    proof = Proof(EmbeddedJudge(), used.scale, Encoder())
    trials: list[DeriveTrial] = []
    for index, name in enumerate(parsed.questions):
        try:
            question = used.find(name)
        except EvaluatorError as error:
            problems.append(source.problem(("questions", index), name, f"a question ({error.message})"))
            continue
        if not question.model_answer:
            problems.append(source.problem(("questions", index), name, "a question with a model answer"))
        if question.id in {trial.id for trial in trials}:
            problems.append(source.problem(("questions", index), name, "each question once"))
        trials.append(DeriveTrial(question, used, parsed.llm_settings(), proof, prompts))
    return trials


def _bank(source: Source, parsed: DeriveSuiteFile, problems: list[Problem], bank: Path | None) -> Bank | None:
    root = source.file.parent
    if parsed.article is not None and parsed.bank is not None:
        problems.append(source.problem(("article",), parsed.article, "an article or a bank, not both"))
        return None
    if bank is not None or parsed.article is None:
        return load_bank(bank or (root / parsed.bank if parsed.bank else None))
    file = root / parsed.article
    if not file.is_file():
        problems.append(source.problem(("article",), parsed.article, "a file, named relative to the suite"))
        return None
    document = open_article(file)
    planned = plan_import(document, find_entries(document.blocks), None).questions
    return Bank(root, tuple(one.question for one in planned), load_bank().scale, {})


def _result(rubric: Rubric, outcome: Outcome) -> DerivedResult:
    draft = outcome.draft
    assert draft is not None  # noqa: S101 - a rubric was written from it
    items: tuple[Criterion | RedFlag, ...] = (*rubric.criteria, *rubric.red_flags)
    return DerivedResult(
        question=rubric.question,
        status="rubric" if rubric.status == "final" else "draft",
        criteria={one.id: _shape(one) for one in rubric.criteria},
        red_flags={one.id: f"penalty {one.penalty}" for one in rubric.red_flags},
        refused=dict(Counter(one.refusal.name for one in draft.rejected)),
        examples=sum(len(one.examples.accept) + len(one.examples.reject) for one in items),
        requests=draft.usage.calls,
        usage=draft.usage.model_copy(update={"seconds": 0.0}),
    )


def _shape(criterion: Criterion) -> str:
    count = len(criterion.points)
    return f"{count} point{'' if count == 1 else 's'}, {'with' if criterion.source else 'no'} source"


def _unsupported(rubric: Rubric, model_answer: str) -> Iterator[str]:
    """Criteria whose source does not stand in the model answer."""
    for criterion in rubric.criteria:
        if criterion.source and criterion.source not in model_answer:
            yield criterion.id
