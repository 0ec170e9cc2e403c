"""The database below a run: opened, brought up to date, its errors in our words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from evaluator.errors import InputError
from evaluator.runs.store.migrations import STEPS, migrate, version_of

_BUSY_SECONDS = 30
_WAITS = "synchronous=FULL"
_FIRST_BYTES = b"SQLite format 3\x00"


class Database:
    """A SQLite file in WAL mode, so that a report can read while a batch writes.

    Everything above speaks SQLAlchemy Core. Another database needs another constructor, and nothing else.
    """

    def __init__(self, path: Path, engine: Engine) -> None:
        self.path = path
        self._engine = engine

    @classmethod
    def open(cls, path: Path, *, create: bool) -> Database:
        """Open a run, or make a new one.

        Raises:
            InputError: There is no run (without `create`), or it is no run, or it cannot be read or written.
        """
        if not path.exists() and not create:
            raise InputError(f"There is no run {path}.", "'evaluator batch ANSWERS --run RUN' makes one.")
        if path.exists():
            _check_file(path, create=create)
        database = cls(path, _engine(path))
        try:
            database._bring_up_to_date(create=create)
        except BaseException:
            database.close()
            raise
        return database

    def _bring_up_to_date(self, *, create: bool) -> None:
        with self.reading() as connection:
            version = version_of(connection, self.path)
        if version == len(STEPS):
            return
        if version == 0 and not create:
            raise InputError(f"{self.path} is empty.", "'evaluator batch ANSWERS --run RUN' fills it.")
        with self.writing() as connection:
            migrate(connection, self.path)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the run from its first to its last query."""
        with translated(self.path), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self, *, wait: bool = True) -> Iterator[Connection]:
        """One transaction: all of the block is kept, or nothing.

        Args:
            wait: Until the disk has it, and all that was kept before. Without, it outlives this process, but not a
                power cut.
        """
        with translated(self.path), self._engine.connect().execution_options(writes=True) as connection:
            if not wait:
                _pragma(connection, "synchronous=NORMAL")
            try:
                with connection.begin():
                    yield connection
            finally:
                if not wait:
                    _pragma(connection, _WAITS)

    def close(self) -> None:
        """Close all connections; the last one moves the WAL into the file."""
        self._engine.dispose()


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn the database's errors into ours."""
    try:
        yield
    except DBAPIError as error:
        said = " ".join(str(error.orig or error).split())
        raise InputError(f"The run {path} cannot be used: {said}.", _hint(said, path)) from error


def _hint(said: str, path: Path) -> str:
    if "full" in said or "disk I/O" in said:
        return "Make room on the disk and run the same command again; all that was finished is saved."
    if "readonly" in said or "unable to open" in said:
        return f"Check that {path.parent} exists and can be written to."
    if "locked" in said:
        return "Another program holds it; close that and run the same command again."
    if "malformed" in said or "not a database" in said:
        return "The file is damaged; restore it from a copy, or name a new one."
    return ""


def _check_file(path: Path, *, create: bool) -> None:
    try:
        with path.open("rb") as file:
            first = file.read(len(_FIRST_BYTES))
    except OSError as error:
        raise InputError(f"The run {path} cannot be read: {error.strerror or error}.") from error
    if first not in (b"", _FIRST_BYTES):
        hint = "Name another file for the run; answers come first." if create else "'evaluator batch' makes runs."
        raise InputError(f"{path} is no run of evaluator.", hint)


def _pragma(connection: Connection, pragma: str) -> None:
    """Set it past SQLAlchemy, which would begin a transaction first."""
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA {pragma}").close()


def _engine(path: Path) -> Engine:
    engine = create_engine(URL.create("sqlite", database=str(path)), connect_args={"timeout": _BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _record: Any) -> None:  # noqa: ANN401 - of the pool
        # Transactions begin where SQLAlchemy says so, and not where the driver thinks fit.
        connection.isolation_level = None
        # FULL: what was paid for survives a power cut, too; it costs one sync per evaluation, or per several.
        for pragma in ("journal_mode=WAL", _WAITS, "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        # A writer takes its lock at once: one that is upgraded later can fail half-way.
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
