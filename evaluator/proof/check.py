"""Check rubrics: their wording, their examples and their behaviour, with the file and line of every remark."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from evaluator.bank import Bank, Lint, lint_rubric
from evaluator.domain import Question, Rubric
from evaluator.judges import Judge
from evaluator.judges.embedded import Encoder
from evaluator.proof.behaviour import (
    MARGIN_MIN,
    MODEL_ANSWER_MIN,
    OFF_TOPIC_MAX,
    SOUP_MAX,
    Behaviour,
    Matrix,
    cross,
    observe,
)
from evaluator.proof.examples import lint_examples


@dataclass(frozen=True, slots=True)
class Remark:
    """A lint with its place: `file` relative to the bank, `line` from 1 (0: the whole file)."""

    lint: Lint
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class RubricReport:
    """All that was found of one rubric; `margin` and `rival` are None where no matrix was made."""

    behaviour: Behaviour
    remarks: tuple[Remark, ...]
    margin: float | None = None
    rival: str | None = None

    @property
    def errors(self) -> int:
        """Remarks that must be mended."""
        return sum(remark.lint.level == "error" for remark in self.remarks)

    @property
    def warnings(self) -> int:
        """Remarks that somebody should look at."""
        return len(self.remarks) - self.errors


@dataclass(frozen=True, slots=True)
class Check:
    """The reports in bank order, and the matrix where more than one question with a model answer was checked."""

    reports: tuple[RubricReport, ...]
    matrix: Matrix | None

    @property
    def errors(self) -> int:
        """Of all rubrics."""
        return sum(report.errors for report in self.reports)


async def check_rubrics(
    bank: Bank,
    pairs: Sequence[tuple[Question, Rubric]],
    judge: Judge,
    encoder: Encoder,
    step: Callable[[], None] = lambda: None,
) -> Check:
    """Check some or all rubrics of a bank.

    Args:
        bank: For the scale and the places of remarks.
        pairs: Questions with their rubrics, in bank order.
        judge: Grades the probes.
        encoder: Compares statements and examples.
        step: Called after each rubric and after each row of the matrix, for progress: twice per rubric in all.

    Raises:
        UnreachableError: The judge was never reached.
    """
    reports = []
    for question, rubric in pairs:
        behaviour = await observe(question, rubric, bank.scale, judge)
        lints = [*lint_rubric(rubric), *lint_examples(rubric, encoder), *misbehaviour(rubric, behaviour)]
        reports.append(RubricReport(behaviour, tuple(_placed(bank, lint) for lint in lints)))
        step()
    if sum(bool(question.model_answer) for question, _ in pairs) < 2:  # noqa: PLR2004 - nothing to compare
        return Check(tuple(reports), None)
    matrix = await cross(pairs, bank.scale, judge, step)
    return Check(tuple(_with_margin(bank, report, matrix) for report in reports), matrix)


def _with_margin(bank: Bank, report: RubricReport, matrix: Matrix) -> RubricReport:
    question_id = report.behaviour.question_id
    if question_id not in matrix.ids:
        return report
    row = matrix.ids.index(question_id)
    margin, rival = matrix.margin(row), matrix.rival(row)
    report = replace(report, margin=margin, rival=rival)
    if margin is None or margin >= MARGIN_MIN:
        return report
    message = f'its model answer scores only {margin:.0f} points more here than under "{rival}", not {MARGIN_MIN:.0f}'
    lint = Lint("hard-to-tell-apart", "warning", question_id, (), message)
    return replace(report, remarks=(*report.remarks, _placed(bank, lint)))


def misbehaviour(rubric: Rubric, seen: Behaviour) -> Iterator[Lint]:
    """What is wrong with how a rubric scored its probes: errors of the whole, warnings of single criteria."""

    def lint(name: str, message: str, path: tuple[str | int, ...] = ()) -> Lint:
        return Lint(name, "error" if not path else "warning", rubric.question, path, message)

    if seen.model_answer is None and seen.has_model_answer:
        yield lint("model-answer-ungraded", "the judge could not grade its own model answer")
    if seen.model_answer is not None and seen.model_answer < MODEL_ANSWER_MIN:
        open_ones = ", ".join(seen.not_met) or "none, but a red flag is"
        yield lint(
            "model-answer-low",
            f"its own model answer scores {seen.model_answer:.0f}, not {MODEL_ANSWER_MIN:.0f}; not met: {open_ones}",
        )
    if seen.empty is not None:
        yield lint("empty-scores", f"an empty answer scores {seen.empty:.0f}")
    if seen.off_topic is not None and seen.off_topic > OFF_TOPIC_MAX:
        yield lint("off-topic-scores", f"a text about something else scores {seen.off_topic:.0f}")
    if seen.keyword_soup is not None and seen.keyword_soup >= SOUP_MAX:
        yield lint("keyword-soup-scores", f"the rubric's own words without substance score {seen.keyword_soup:.0f}")
    ids = [criterion.id for criterion in rubric.criteria]
    for kept in seen.kept:
        message = f'the model answer meets "{kept}" even without its source sentence: is it asked for elsewhere too?'
        yield lint("criterion-not-needed", message, ("criteria", ids.index(kept), "source"))


def _placed(bank: Bank, lint: Lint) -> Remark:
    file, line = bank.place(lint.rubric, lint.path)
    return Remark(lint, file.relative_to(bank.root).as_posix(), line if lint.path else 0)
