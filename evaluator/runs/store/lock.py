"""One writer per run: a lock that the operating system gives back when its holder dies."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from evaluator.errors import InputError, UsageError


class RunLock:
    """Holds `RUN.lock` locked inside a `with` block.

    What counts is the lock, not the file: one that was left over is harmless.

    Raises:
        UsageError: on entering: another process works on the run.
        InputError: on entering: the lock file cannot be made.
    """

    def __init__(self, run: Path) -> None:
        self._run = run
        self._file = run.with_name(run.name + ".lock")
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        while True:
            descriptor = self._open()
            if not _try_lock(descriptor):
                os.close(descriptor)
                raise UsageError(
                    f"Another process works on the run {self._run}.",
                    "Wait until it has ended, or name another file with --run.",
                )
            if self._is_still_there(descriptor):
                self._descriptor = descriptor
                return self
            os.close(descriptor)  # the former holder removed the file between our opening and our locking it

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._descriptor is None:
            return
        if sys.platform != "win32":  # an open file cannot be removed there; it stays, and is harmless
            self._file.unlink(missing_ok=True)
        os.close(self._descriptor)
        self._descriptor = None

    def _open(self) -> int:
        try:
            return os.open(self._file, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise InputError(
                f"The run {self._run} cannot be written: {error.strerror or error} ({self._file}).",
                "Name a file in a folder that exists and can be written to.",
            ) from error

    def _is_still_there(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), self._file.stat())
        except FileNotFoundError:
            return False


if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
