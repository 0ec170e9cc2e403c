"""Schema versions of a run, and the steps from each to the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import Connection, insert, inspect, select, text, update

from evaluator.errors import InputError
from evaluator.runs.store.schema import SQLITE_VIEWS, metadata, run_info

Step = Callable[[Connection], None]

_FIRST = ("run_info", "texts", "snapshots", "sessions", "skipped_rows", "answers", "evaluations")

MARK = "answer-evaluator run"
"""Value of `format` in `run_info`: tells a run from any other database."""


def _create(connection: Connection) -> None:
    """Version 1: a new run."""
    metadata.create_all(connection, [metadata.tables[name] for name in _FIRST])
    if connection.dialect.name == "sqlite":
        for view in SQLITE_VIEWS:
            connection.execute(text(view))
    connection.execute(insert(run_info), [{"key": "format", "value": MARK}, {"key": "schema_version", "value": "0"}])


def _add_unfinished(connection: Connection) -> None:
    """Version 2: what was used for answers that got no evaluation."""
    connection.execute(
        text(
            """
            CREATE TABLE unfinished (
                number INTEGER NOT NULL PRIMARY KEY,
                session INTEGER NOT NULL REFERENCES sessions (number),
                answer_number INTEGER NOT NULL REFERENCES answers (number),
                calls INTEGER NOT NULL,
                input_tokens INTEGER NOT NULL,
                output_tokens INTEGER NOT NULL,
                cost_usd FLOAT
            )
            """
        )
    )


STEPS: tuple[Step, ...] = (_create, _add_unfinished)
"""Step i leads from version i to version i + 1. Steps are only ever added. A later step must not use the tables of
schema.py, which change under it, but its own words (`text("ALTER TABLE ...")`). Step 1 makes the tables of `_FIRST` as
schema.py has them; when one of these changes, step 1 keeps a copy of what it was."""


def version_of(connection: Connection, path: Path) -> int:
    """Schema version of the database; 0 for an empty one.

    Raises:
        InputError: It is some other database.
    """
    names = inspect(connection).get_table_names()
    if not names:
        return 0
    if "run_info" in names:
        info = {row.key: row.value for row in connection.execute(select(run_info))}
        if info.get("format") == MARK and info.get("schema_version", "").isdigit():
            return int(info["schema_version"])
    raise InputError(f"{path} is a database, but no run of evaluator.", "Name another file for the run.")


def migrate(connection: Connection, path: Path, steps: Sequence[Step] = STEPS) -> None:
    """Bring the database up to date; to be called inside one transaction, so that all steps happen or none.

    Raises:
        InputError: It is no run, or one of a newer version of this package.
    """
    version = version_of(connection, path)
    if version > len(steps):
        raise InputError(
            f"{path} has schema version {version}; this version of evaluator knows {len(steps)} and older.",
            "Install the newer version of answer-evaluator that made it.",
        )
    for number in range(version, len(steps)):
        steps[number](connection)
        connection.execute(update(run_info).where(run_info.c.key == "schema_version").values(value=str(number + 1)))
