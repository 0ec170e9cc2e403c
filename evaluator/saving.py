"""Files that are written in one step, so that a failure leaves the former one or none, and never half of one."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evaluator.errors import InputError


@contextmanager
def saving(file: Path) -> Iterator[Path]:
    """A place to write to; what was written there becomes `file` when the block ends, if it ends well.

    A link stays, and what it points to is replaced. A pipe or a device is no file that could be replaced: it is sent
    what was written.

    Raises:
        InputError: It cannot be written.
    """
    try:
        mode = _mode(file)
        special = mode is not None and not stat.S_ISREG(mode)
        real = Path(os.path.realpath(file))
        # In a folder of its own, the new file gets the permissions that any new file of this user gets.
        with tempfile.TemporaryDirectory(prefix=".evaluator-", dir=None if special else real.parent) as folder:
            new = Path(folder) / "new"
            yield new
            if special:
                _send(new, file)
                return
            if mode is not None:
                new.chmod(stat.S_IMODE(mode))
            new.replace(real)
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror or error}.") from error


def save_text(file: Path, text: str) -> None:
    """Write UTF-8 text in one step, and make the folders above it; lines end alike on every system.

    Raises:
        InputError: It cannot be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror or error}.") from error
    with saving(file) as new:
        new.write_text(text, encoding="utf-8", newline="\n")


def _mode(file: Path) -> int | None:
    """Kind and permissions of what is there, behind links; None where nothing is."""
    try:
        return file.stat().st_mode
    except FileNotFoundError:
        return None


def _send(new: Path, special: Path) -> None:
    descriptor = os.open(special, os.O_WRONLY | getattr(os, "O_BINARY", 0))  # never makes a file
    with os.fdopen(descriptor, "wb") as sink, new.open("rb") as source:
        shutil.copyfileobj(source, sink)
