"""A run: every answer with its evaluations, in one file."""

from __future__ import annotations

import json
from array import array
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Row, bindparam, func, insert, select, update

from evaluator.domain import Answer, Evaluation, Frozen, Graded, Question, Rubric, Scale, Ungraded, Usage
from evaluator.errors import InputError
from evaluator.runs.fingerprint import Conditions
from evaluator.runs.store.database import Database
from evaluator.runs.store.intake import Intake, now
from evaluator.runs.store.lock import RunLock
from evaluator.runs.store.records import Counts, Spent, Stored
from evaluator.runs.store.schema import answers, evaluations, sessions, snapshots, texts
from evaluator.runs.store.spending import By, keep_unfinished, spent_by

Outcome = Literal["finished", "interrupted", "budget", "unreachable"]

_ANY_EVALUATION: TypeAdapter[Graded | Ungraded] = TypeAdapter(Evaluation)
_CHUNK = 200
_Model = TypeVar("_Model", bound=Frozen)


class RunStore:
    """A run, open for reading, and for writing by whoever holds its `lock`. Made by `RunStore.open`.

    Every method raises `InputError` where the file fails (disk full, damaged, locked by another program).
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, path: Path | str, *, create: bool = False) -> Self:
        """Open the run at `path`; with `create`, make a new one where there is none.

        Raises:
            InputError: There is no run, or the file is no run, or a newer version of this package made it.
        """
        return cls(Database.open(Path(path), create=create))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"RunStore({str(self._database.path)!r})"

    @property
    def path(self) -> Path:
        """The file."""
        return self._database.path

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    @classmethod
    def is_empty(cls, path: Path | str) -> bool:
        """Whether the run at `path` holds no answer."""
        if not Path(path).exists() or Path(path).stat().st_size == 0:
            return True
        with cls.open(path) as store, store._database.reading() as connection:  # noqa: SLF001 - our own
            return connection.execute(select(func.count()).select_from(answers)).scalar_one() == 0

    @staticmethod
    def lock(path: Path | str) -> RunLock:
        """The right to write the run at `path`, for a `with` block; refused while another process holds it."""
        return RunLock(Path(path))

    # Reading

    def iterate(
        self, *, question: str | None = None, candidate: str | None = None, history: bool = False
    ) -> Iterator[Stored]:
        """The latest evaluation of each answer, in the order of the input, one at a time.

        Args:
            question: Only answers to the question with this id.
            candidate: Only answers of this person.
            history: Former evaluations of an answer too, oldest first.
        """
        wanted = evaluations.c.answer_number == answers.c.number
        query = (
            select(
                answers.c.position,
                answers.c.id,
                answers.c.candidate,
                answers.c.extra,
                evaluations.c.question_id,
                evaluations.c.current,
                evaluations.c.graded_at,
                evaluations.c.content,
                texts.c.text,
            )
            # Outer joins go from the answers on, in the order of their index; else all content would be sorted.
            .outerjoin_from(answers, evaluations, wanted if history else wanted & evaluations.c.current)
            .outerjoin(texts, texts.c.digest == evaluations.c.text_digest)
            .order_by(answers.c.position, answers.c.number, evaluations.c.number)
        )
        if question is not None:
            query = query.where(answers.c.question_id == question)
        if candidate is not None:
            query = query.where(answers.c.candidate == candidate)
        with self._database.reading() as connection:
            for row in connection.execution_options(yield_per=_CHUNK).execute(query):
                if row.content is not None:  # else the answer waits to be judged
                    yield _stored(row)

    def cohorts(self, *, question: str | None = None) -> Iterator[Iterator[tuple[str, str | None, str]]]:
        """For each question, the answers to it that have an evaluation, in the order of the input: id, candidate, text.

        The evaluations themselves are not read, so this is many times as fast as `iterate`. Take what is yielded for
        one question before you go on to the next.

        Args:
            question: Only answers to the question with this id.
        """
        query = (
            select(answers.c.id, answers.c.candidate, texts.c.text)
            .join_from(evaluations, answers, evaluations.c.answer_number == answers.c.number)
            .join(texts, texts.c.digest == evaluations.c.text_digest)
            .where(evaluations.c.current, evaluations.c.question_id == bindparam("which"))
            .order_by(answers.c.position, answers.c.number)
        )
        if question is not None:
            query = query.where(answers.c.question_id == question)
        with self._database.reading() as connection:
            asked = connection.execute(select(evaluations.c.question_id).distinct()).scalars().all()
            for which in asked:
                rows = connection.execution_options(yield_per=_CHUNK).execute(query, {"which": which})
                yield (tuple(row) for row in rows)

    def questions(self) -> dict[str, Question]:
        """By id, the questions as the latest evaluation of each used them, in the order of the input."""
        return self._snapshots(evaluations.c.question_digest, Question)

    def rubrics(self) -> dict[str, Rubric]:
        """By id of their question, the rubrics as the latest evaluation of each question used them."""
        return self._snapshots(evaluations.c.rubric_digest, Rubric)

    def scale(self) -> Scale:
        """The scale that the latest evaluation used.

        Raises:
            InputError: The run holds no evaluation yet.
        """
        query = (
            select(snapshots.c.content)
            .join(evaluations, evaluations.c.scale_digest == snapshots.c.digest)
            .order_by(evaluations.c.number.desc())
            .limit(1)
        )
        with self._database.reading() as connection:
            content = connection.execute(query).scalar()
        if content is None:
            raise InputError(f"The run {self.path} holds no evaluation yet.", "'evaluator batch' fills it.")
        return Scale.model_validate_json(content)

    def judges(self) -> dict[str, int]:
        """How many current evaluations each judge has made, by its specification."""
        query = (
            select(snapshots.c.name, func.count())
            .join(evaluations, evaluations.c.judge_digest == snapshots.c.digest)
            .where(evaluations.c.current)
            .group_by(snapshots.c.name)
            .order_by(func.count().desc(), snapshots.c.name)
        )
        with self._database.reading() as connection:
            return dict(connection.execute(query).all())

    def extra_names(self) -> list[str]:
        """Names of the columns that the input carried through, in the order of their first use."""
        names: dict[str, None] = {}
        query = select(answers.c.extra).order_by(answers.c.position, answers.c.number)
        with self._database.reading() as connection:
            for extra in connection.execution_options(yield_per=_CHUNK).execute(query).scalars():
                names.update(dict.fromkeys(json.loads(extra)))
        return list(names)

    def reasons(self) -> dict[str, int]:
        """Why answers are ungraded, and how many; commonest first. What waits to be judged again is not counted."""
        query = (
            select(evaluations.c.reason, func.count())
            .join_from(answers, evaluations, evaluations.c.answer_number == answers.c.number)
            .where(answers.c.state == "ungraded", evaluations.c.current)
            .group_by(evaluations.c.reason)
            .order_by(func.count().desc(), evaluations.c.reason)
        )
        with self._database.reading() as connection:
            return dict(connection.execute(query).all())

    def counts(self) -> Counts:
        """How many answers are graded, ungraded and waiting, and how many former evaluations are kept."""
        with self._database.reading() as connection:
            by_state: dict[str, int] = dict(
                connection.execute(select(answers.c.state, func.count()).group_by(answers.c.state)).all()
            )
            former = connection.execute(select(func.count()).where(~evaluations.c.current)).scalar_one()
        return Counts(
            by_state.get("graded", 0), by_state.get("ungraded", 0), by_state.get("waiting", 0), superseded=former
        )

    def spent(self, by: By = None) -> list[Spent]:
        """What all judging has used, in one sum, or by question or candidate, dearest first.

        Former evaluations are included, and what was used for answers that got none.
        """
        with self._database.reading() as connection:
            return spent_by(connection, by)

    def _snapshots(self, column: ColumnElement[str], model: type[_Model]) -> dict[str, _Model]:
        latest = (
            select(func.max(evaluations.c.number).label("number"), func.min(answers.c.position).label("first"))
            .join_from(evaluations, answers, evaluations.c.answer_number == answers.c.number)
            .where(evaluations.c.current)
            .group_by(evaluations.c.question_id)
            .subquery()
        )
        query = (
            select(evaluations.c.question_id, snapshots.c.content)
            .join_from(latest, evaluations, evaluations.c.number == latest.c.number)
            .join(snapshots, snapshots.c.digest == column)
            .order_by(latest.c.first, evaluations.c.question_id)
        )
        with self._database.reading() as connection:
            return {row.question_id: model.model_validate_json(row.content) for row in connection.execute(query)}

    # Writing, by the holder of the lock

    @contextmanager
    def intake(self, *, keep: bool = True) -> Iterator[Intake]:
        """Compare an input with the run and put it in; all in one transaction, undone when the block fails.

        Args:
            keep: False to compare only.
        """
        opened = self._database.writing() if keep else self._database.reading()
        with opened as connection:
            yield Intake(connection)

    def waiting(self, session: int, questions: Collection[str] = (), limit: int | None = None) -> Sequence[int]:
        """The numbers of the answers that this session is to judge: question by question, in the order of the input.

        Providers keep the part of the prompt that answers to one question share, so these follow one another.

        Args:
            session: Which session.
            questions: Only answers to the questions with these ids; none for all.
            limit: Only so many of them, those that stand first in the input.
        """
        asked = select(answers.c.number).where(answers.c.state == "waiting", answers.c.session == session)
        if questions:
            asked = asked.where(answers.c.question_id.in_(list(questions)))
        if limit is not None:
            asked = asked.order_by(answers.c.position, answers.c.number).limit(limit)
        first = (
            select(answers.c.question_id, func.min(answers.c.position).label("first"))
            .group_by(answers.c.question_id)
            .subquery()
        )
        query = (
            select(answers.c.number)
            .join(first, first.c.question_id == answers.c.question_id)
            .where(answers.c.number.in_(asked))
            .order_by(first.c.first, answers.c.question_id, answers.c.position, answers.c.number)
        )
        with self._database.reading() as connection:
            return array("q", connection.execute(query).scalars())

    def load(self, numbers: Sequence[int]) -> list[tuple[int, Answer]]:
        """The answers with these numbers, in this order."""
        query = (
            select(answers.c.number, answers.c.id, answers.c.question_id, answers.c.candidate, texts.c.text)
            .join(texts, texts.c.digest == answers.c.text_digest)
            .where(answers.c.number.in_(list(numbers)))
        )
        with self._database.reading() as connection:
            found = {
                row.number: Answer(id=row.id, question_id=row.question_id, candidate=row.candidate, text=row.text)
                for row in connection.execute(query)
            }
        return [(number, found[number]) for number in numbers]

    def write(
        self, number: int, evaluation: Graded | Ungraded, under: Conditions, text_digest: str, *, wait: bool = True
    ) -> None:
        """Keep one evaluation, in one transaction; a former one of the same answer becomes history.

        Args:
            number: Which answer.
            evaluation: What came of it.
            under: What it was made with; the intake has kept the snapshots.
            text_digest: Of the text that was judged.
            wait: Until the disk has it, and all that was written before; False where another one follows at once.
        """
        usage = evaluation.provenance.usage
        graded = evaluation if isinstance(evaluation, Graded) else None
        row = {
            "answer_number": number,
            "current": True,
            "status": evaluation.status,
            "score": graded.score if graded else None,
            "band": graded.band if graded else None,
            "reason": None if graded else evaluation.reason,  # type: ignore[union-attr]
            "graded_at": now(),
            "fingerprint": evaluation.provenance.fingerprint,
            "text_digest": text_digest,
            "question_id": evaluation.question_id,
            "question_digest": under.question,
            "rubric_digest": under.rubric,
            "scale_digest": under.scale,
            "judge_digest": under.judge,
            "calls": usage.calls,
            "input_tokens": usage.input_tokens,
            "output_tokens": usage.output_tokens,
            "cost_usd": usage.cost_usd,
            "seconds": usage.seconds,
            "content": evaluation.model_dump_json(by_alias=True),
        }
        with self._database.writing(wait=wait) as connection:
            connection.execute(_SUPERSEDE, {"which": number})
            connection.execute(_INSERT, row)
            connection.execute(_SET_STATE, {"which": number, "status": evaluation.status})

    def keep_unfinished(self, session: int, used: Sequence[tuple[int, Usage]]) -> None:
        """Keep what was used for answers, by number, that got no evaluation in this session."""
        if used:
            with self._database.writing() as connection:
                keep_unfinished(connection, session, used)

    def end_session(self, session: int, outcome: Outcome) -> None:
        """Note how a session ended."""
        with self._database.writing() as connection:
            connection.execute(
                update(sessions).where(sessions.c.number == session).values(ended_at=now(), outcome=outcome)
            )


def _stored(row: Row[*tuple[Any, ...]]) -> Stored:
    evaluation = _ANY_EVALUATION.validate_json(row.content)
    if isinstance(evaluation, Graded) and evaluation.candidate != row.candidate:
        evaluation = evaluation.model_copy(update={"candidate": row.candidate})
    return Stored(
        position=row.position,
        answer=Answer(id=row.id, question_id=row.question_id, candidate=row.candidate, text=row.text),
        extra=json.loads(row.extra),
        evaluation=evaluation,
        graded_at=datetime.fromisoformat(row.graded_at).astimezone(UTC),
        current=row.current,
    )


_SUPERSEDE = (
    update(evaluations)
    .where(evaluations.c.answer_number == bindparam("which"), evaluations.c.current)
    .values(current=False)
)
_INSERT = insert(evaluations)
_SET_STATE = update(answers).where(answers.c.number == bindparam("which")).values(state=bindparam("status"))
