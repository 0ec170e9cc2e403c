"""What is there to do: which answers of an input are new, changed or failed, and which are done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from evaluator.bank import Bank
from evaluator.domain import Answer, Question, Rubric, Scale
from evaluator.errors import AnswersError, InputError, Problem
from evaluator.judges import Case, JudgeIdentity
from evaluator.runs.fingerprint import Conditions, conditions, fingerprint_of, text_digest
from evaluator.runs.inputs import CheckedRow, LastProblem, Source, check_rows
from evaluator.runs.store import Known, NewAnswer, RunStore
from evaluator.runs.store.intake import Intake, extra_text

_CHUNK = 400
_MOST_PROBLEMS = 10_000
_LASTING = frozenset(("empty", "no_prose", "too_short", "not_english", "nothing_of_its_own"))
"""Reasons that lie in the text and the judge, and in nothing that passes."""

Standing = Literal["new", "changed", "failed", "done"]


def lasts(reason: str | None, calls: int) -> bool:
    """Whether an answer that is ungraded for this reason, after so many requests, would be so again.

    A judge that sends no request judges the same text the same way.
    """
    return reason in _LASTING or (reason == "too_little_assessed" and not calls)


class Catalog:
    """The questions of a bank with their rubrics, the scale and the judge: what answers are judged by."""

    def __init__(self, bank: Bank, identity: JudgeIdentity) -> None:
        self._bank = bank
        self.scale: Scale = bank.scale
        self.identity = identity
        self._entries: dict[str, tuple[Question, Rubric, Conditions]] = {}

    def conditions(self, question_id: str) -> Conditions:
        """The digests for answers to this question."""
        return self._entry(question_id)[2]

    def case(self, answer: Answer) -> Case:
        """The answer with its question and rubric."""
        question, rubric, _ = self._entry(answer.question_id)
        return Case(question, rubric, answer)

    def keep(self, intake: Intake, question_ids: Iterable[str]) -> None:
        """Keep snapshots of all that answers to these questions are judged by."""
        for question_id in question_ids:
            question, rubric, under = self._entry(question_id)
            intake.keep_question(question, rubric, under)
            intake.keep_judge(self.scale, self.identity, under)

    def _entry(self, question_id: str) -> tuple[Question, Rubric, Conditions]:
        if question_id not in self._entries:
            question, rubric = self._bank.find(question_id), self._bank.rubric(question_id)
            self._entries[question_id] = question, rubric, conditions(question, rubric, self.scale, self.identity)
        return self._entries[question_id]


@dataclass(frozen=True, slots=True)
class Part:
    """What a batch judges of what waits: answers to these `questions`, by id (none: to all), and the first `limit`."""

    questions: frozenset[str] = frozenset()
    limit: int | None = None

    def of(self, waiting: Iterable[NewAnswer]) -> Iterator[NewAnswer]:
        """Those that are judged; the others are passed over, to the last."""
        taken = 0
        for one in waiting:
            asked = not self.questions or one.answer.question_id in self.questions
            if asked and (self.limit is None or taken < self.limit):
                taken += 1
                yield one


@dataclass(slots=True)
class Plan:
    """What a batch is about to do.

    Attributes:
        session: Number of the session, 0 where nothing is kept.
        new: Answers that were never judged.
        changed: Answers whose evaluation was made with something else than it would be now; `causes` says what.
        failed: Answers that could not be judged last time, for a reason that may pass.
        done: Answers whose evaluation stands; `ungraded` of them could not be judged, for a reason that lasts.
        empty: Answers without text, among all of these: they are ungraded without asking the judge.
        elsewhere: Answers of the run that this input does not have. They stay as they are.
        bad: Rows left out.
        skipped: What is wrong with the first 10,000 of them.
        unread: The problem behind which the input could not be read, if there is one.
    """

    session: int = 0
    new: int = 0
    changed: int = 0
    failed: int = 0
    done: int = 0
    ungraded: int = 0
    empty: int = 0
    elsewhere: int = 0
    causes: Counter[str] = field(default_factory=Counter)
    bad: int = 0
    skipped: list[Problem] = field(default_factory=list)
    unread: Problem | None = None

    @property
    def to_grade(self) -> int:
        """How many answers are to be judged."""
        return self.new + self.changed + self.failed

    @property
    def answers(self) -> int:
        """How many answers the input holds."""
        return self.to_grade + self.done


def plan_input(store: RunStore, source: Source, bank: Bank, catalog: Catalog, *, skip_bad: bool = False) -> Plan:
    """Compare an input with a run and queue what is to do, in one transaction.

    Raises:
        AnswersError: Rows cannot be used (without `skip_bad`), or all of them cannot, or the input can be read only in
            part; nothing was changed.
        InputError: The input has no answers.
    """
    plan = Plan()
    with store.intake() as intake:
        plan.session = intake.begin(str(source.path), catalog.identity.judge)
        questions: set[str] = set()
        for rows in _chunks(check_rows(source.rows(), bank), plan):
            _take(intake, rows, catalog, plan, questions)
        _complain(plan, skip_bad=skip_bad)
        catalog.keep(intake, sorted(questions))
        intake.skip(plan.skipped, plan.session)
        plan.elsewhere = intake.count() - plan.answers
    return plan


def preview_input(
    store: RunStore | None, source: Source, bank: Bank, catalog: Catalog, plan: Plan, *, skip_bad: bool = False
) -> Iterator[NewAnswer]:
    """The answers that a batch would judge, one at a time; nothing is written. `plan` is filled on the way.

    Args:
        store: The run as it stands; None where there is none yet.
        source: The input.
        bank: Where questions are looked up.
        catalog: What they are judged by.
        plan: Is filled.
        skip_bad: Go on without the rows that cannot be used.

    Raises:
        AnswersError: At the end, as `plan_input` does.
    """
    for rows in _chunks(check_rows(source.rows(), bank), plan):
        known: dict[str, Known] = {}
        if store is not None:
            with store.intake(keep=False) as intake:
                known = intake.known([row.answer.id for row in rows])
        for row in rows:
            new = _as_new(row, catalog)
            if _classify(new, known.get(row.answer.id), catalog, plan) != "done":
                yield new
    _complain(plan, skip_bad=skip_bad)


def _chunks(rows: Iterator[CheckedRow | Problem], plan: Plan) -> Iterator[Sequence[CheckedRow]]:
    """Rows, a few hundred at a time; problems go into the plan."""

    def good() -> Iterator[CheckedRow]:
        for row in rows:
            if isinstance(row, CheckedRow):
                yield row
                continue
            plan.bad += 1
            if len(plan.skipped) < _MOST_PROBLEMS:
                plan.skipped.append(row)
            if isinstance(row, LastProblem):
                plan.unread = row

    stream = good()
    while chunk := list(islice(stream, _CHUNK)):
        yield chunk


def _complain(plan: Plan, *, skip_bad: bool) -> None:
    if plan.unread is not None:
        where = f"Nothing behind line {plan.unread.line} could be read, so that --skip-bad does not help"
        raise AnswersError(plan.skipped, f"{where}. Mend that row first. Nothing was graded.", count=plan.bad)
    if plan.bad and not skip_bad:
        hint = "Mend them, or go on without them with --skip-bad. Nothing was graded."
        raise AnswersError(plan.skipped, hint, count=plan.bad)
    if not plan.answers:
        if plan.bad:
            raise AnswersError(plan.skipped, "No row is left.", count=plan.bad)
        raise InputError("The input has no answers.", "It needs one row or file for each answer.")


def _take(intake: Intake, rows: Sequence[CheckedRow], catalog: Catalog, plan: Plan, questions: set[str]) -> None:
    known = intake.known([row.answer.id for row in rows])
    todo: list[NewAnswer] = []
    moved: dict[str, list[NewAnswer]] = {"graded": [], "ungraded": []}
    for row in rows:
        new, before = _as_new(row, catalog), known.get(row.answer.id)
        if _classify(new, before, catalog, plan) != "done":
            todo.append(new)
            questions.add(row.answer.question_id)
        elif before is not None and before.status is not None and _row_differs(new, before):
            moved[before.status].append(new)
    intake.put(todo, plan.session)
    for status, settled in moved.items():
        intake.settle(settled, status)


def _as_new(row: CheckedRow, catalog: Catalog) -> NewAnswer:
    digest = text_digest(row.answer.text)
    mark = fingerprint_of(digest, catalog.conditions(row.answer.question_id))
    return NewAnswer(row.position, row.answer, row.extra, digest, mark)


def _classify(new: NewAnswer, known: Known | None, catalog: Catalog, plan: Plan) -> Standing:
    standing = _standing(new, known)
    setattr(plan, standing, getattr(plan, standing) + 1)
    plan.empty += not new.answer.text.strip()
    plan.ungraded += standing == "done" and known is not None and known.status == "ungraded"
    if standing == "changed" and known is not None and known.conditions is not None:
        now = catalog.conditions(new.answer.question_id)
        causes = {
            "answer": known.text_digest != new.text_digest,
            "question": known.conditions.question != now.question,
            "rubric": known.conditions.rubric != now.rubric,
            "scale": known.conditions.scale != now.scale,
            "judge": known.conditions.judge != now.judge,
        }
        plan.causes.update(name for name, differs in causes.items() if differs)
    return standing


def _standing(new: NewAnswer, known: Known | None) -> Standing:
    if known is None or known.status is None:
        return "new"
    if known.fingerprint != new.fingerprint:
        return "changed"
    return "done" if known.status == "graded" or lasts(known.reason, known.calls) else "failed"


def _row_differs(new: NewAnswer, known: Known) -> bool:
    return (
        known.state != known.status
        or known.wanted != new.fingerprint
        or known.position != new.position
        or known.candidate != new.answer.candidate
        or known.extra != extra_text(new.extra)
    )
