"""Compare the answers of an input with a run, and put them in; inside one transaction that the store opens."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version

from sqlalchemy import Connection, bindparam, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as insert_or_not

from evaluator.domain import Question, Rubric, Scale
from evaluator.errors import Problem
from evaluator.judges import JudgeIdentity
from evaluator.runs.fingerprint import Conditions
from evaluator.runs.storable import storable, storable_fields
from evaluator.runs.store.records import Known, NewAnswer
from evaluator.runs.store.schema import answers, evaluations, sessions, skipped_rows, snapshots, texts


def now() -> str:
    """The time in UTC as the tables hold it: ISO 8601, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def extra_text(extra: Mapping[str, str]) -> str:
    """Extra columns as the tables hold them."""
    return json.dumps(dict(extra), ensure_ascii=False)


class Intake:
    """One input on its way into a run. `RunStore.intake` makes it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, source: str, judge: str) -> int:
        """Open a session; returns its number."""
        row = {
            "started_at": now(),
            "input": storable(source),
            "judge": judge,
            "evaluator_version": version("answer-evaluator"),
        }
        key = self._connection.execute(insert(sessions), row).inserted_primary_key
        if key is None:
            raise RuntimeError("a session got no number")
        return int(key[0])

    def known(self, ids: Sequence[str]) -> dict[str, Known]:
        """What the run knows about the answers with these ids (a few hundred at a time)."""
        query = (
            select(
                answers.c.id,
                answers.c.position,
                answers.c.candidate,
                answers.c.extra,
                answers.c.state,
                answers.c.fingerprint.label("wanted"),
                evaluations.c.status,
                evaluations.c.fingerprint,
                evaluations.c.text_digest,
                evaluations.c.question_digest,
                evaluations.c.rubric_digest,
                evaluations.c.scale_digest,
                evaluations.c.judge_digest,
                evaluations.c.reason,
                evaluations.c.calls,
            )
            .outerjoin(evaluations, (evaluations.c.answer_number == answers.c.number) & evaluations.c.current)
            .where(answers.c.id.in_(ids))
        )
        found: dict[str, Known] = {}
        for row in self._connection.execute(query):
            made_with = None
            if row.status is not None:
                made_with = Conditions(row.question_digest, row.rubric_digest, row.scale_digest, row.judge_digest)
            found[row.id] = Known(
                position=row.position,
                candidate=row.candidate,
                extra=row.extra,
                state=row.state,
                wanted=row.wanted,
                status=row.status,
                fingerprint=row.fingerprint,
                text_digest=row.text_digest,
                conditions=made_with,
                reason=row.reason,
                calls=row.calls or 0,
            )
        return found

    def put(self, rows: Iterable[NewAnswer], session: int) -> None:
        """Put answers in, or in place of what stands there under their ids; they wait to be judged in this session."""
        kept = list(rows)
        if not kept:
            return
        bodies = [{"digest": row.text_digest, "text": row.answer.text} for row in kept]
        self._connection.execute(insert_or_not(texts).on_conflict_do_nothing(), bodies)
        fields = [
            {
                "id": row.answer.id,
                "position": row.position,
                "question_id": row.answer.question_id,
                "candidate": row.answer.candidate,
                "text_digest": row.text_digest,
                "extra": extra_text(row.extra),
                "fingerprint": row.fingerprint,
                "state": "waiting",
                "session": session,
            }
            for row in kept
        ]
        statement = insert_or_not(answers)
        replaced = {name: statement.excluded[name] for name in fields[0] if name != "id"}
        self._connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=replaced), fields)

    def settle(self, rows: Iterable[NewAnswer], status: str) -> None:
        """Update what the input says besides the text, for answers whose evaluation stands (with this status)."""
        fields = [
            {
                "which": row.answer.id,
                "new_position": row.position,
                "new_candidate": row.answer.candidate,
                "new_extra": extra_text(row.extra),
                "new_text": row.text_digest,
                "new_fingerprint": row.fingerprint,
                "new_state": status,
            }
            for row in rows
        ]
        if not fields:
            return
        statement = (
            update(answers)
            .where(answers.c.id == bindparam("which"))
            .values(
                position=bindparam("new_position"),
                candidate=bindparam("new_candidate"),
                extra=bindparam("new_extra"),
                text_digest=bindparam("new_text"),
                fingerprint=bindparam("new_fingerprint"),
                state=bindparam("new_state"),
            )
        )
        self._connection.execute(statement, fields)

    def keep_question(self, question: Question, rubric: Rubric, under: Conditions) -> None:
        """Keep what answers to one question are judged by."""
        self._keep(under.question, "question", question.id, question.model_dump_json())
        self._keep(under.rubric, "rubric", rubric.question, rubric.model_dump_json())

    def keep_judge(self, scale: Scale, identity: JudgeIdentity, under: Conditions) -> None:
        """Keep what all answers are judged by."""
        self._keep(under.scale, "scale", "scale", scale.model_dump_json())
        self._keep(under.judge, "judge", identity.judge, json.dumps(asdict(identity), ensure_ascii=False))

    def _keep(self, digest: str, kind: str, name: str, content: str) -> None:
        row = {"digest": digest, "kind": kind, "name": name, "content": content}
        self._connection.execute(insert_or_not(snapshots).on_conflict_do_nothing(), row)

    def skip(self, problems: Iterable[Problem], session: int) -> None:
        """List rows of the input that were left out."""
        rows = [{**storable_fields(problem), "session": session} for problem in problems]
        if rows:
            self._connection.execute(insert(skipped_rows), rows)

    def count(self) -> int:
        """How many answers the run holds."""
        return int(self._connection.execute(select(func.count()).select_from(answers)).scalar_one())
