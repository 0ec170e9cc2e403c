"""What judging has used: for evaluations, and for answers that got none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Select, Table, case, func, insert, literal, select

from evaluator.domain import Usage
from evaluator.runs.store.records import Spent
from evaluator.runs.store.schema import answers, evaluations, unfinished

By = Literal["question", "candidate"] | None


def spent_by(connection: Connection, by: By) -> list[Spent]:
    """What all judging has used: in one sum, or by question or candidate, dearest first."""
    sums: dict[str, Spent] = {}
    for table in (evaluations, unfinished):
        for row in connection.execute(_sums(table, by)):
            one = Spent(*row)
            sums[one.name] = sums[one.name].plus(one) if one.name in sums else one
    return sorted(sums.values(), key=lambda one: (-one.cost_usd, one.name))


def _sums(table: Table, by: By) -> Select[*tuple[Any, ...]]:
    names: dict[By, ColumnElement[Any]] = {
        "question": answers.c.question_id,
        "candidate": func.coalesce(answers.c.candidate, ""),
        None: func.coalesce("", ""),
    }
    query = select(
        names[by],
        func.count(table.c.number) if table is evaluations else literal(0),
        func.coalesce(func.sum(table.c.calls), 0),
        func.coalesce(func.sum(table.c.input_tokens), 0),
        func.coalesce(func.sum(table.c.output_tokens), 0),
        func.coalesce(func.sum(table.c.cost_usd), 0.0),
        func.coalesce(func.sum(case((table.c.cost_usd.is_(None), 1), else_=0)), 0),
    ).join_from(table, answers, table.c.answer_number == answers.c.number)
    return query if by is None else query.group_by(names[by])


def keep_unfinished(connection: Connection, session: int, used: Sequence[tuple[int, Usage]]) -> None:
    """Keep what was used for answers, at least one, by number, that got no evaluation in this session."""
    rows = [
        {
            "session": session,
            "answer_number": number,
            "calls": usage.calls,
            "input_tokens": usage.input_tokens,
            "output_tokens": usage.output_tokens,
            "cost_usd": usage.cost_usd,
        }
        for number, usage in used
    ]
    connection.execute(insert(unfinished), rows)
