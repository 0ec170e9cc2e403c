"""Results to standard output or a file; everything else to standard error."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import typer

from evaluator.errors import InputError


def write_result(text: str | Iterable[str], output: Path | None) -> None:
    """Print a result, or write it to a file in one step, so that a failure leaves no half file.

    Args:
        text: The result, whole or in pieces.
        output: The file, or None for standard output.

    Raises:
        InputError: The file cannot be written.
    """
    pieces = [text] if isinstance(text, str) else text
    if output is None:
        sys.stdout.writelines(pieces)
        sys.stdout.flush()
        return
    temporary: Path | None = None
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=output.parent, delete=False) as file:
            temporary = Path(file.name)
            file.writelines(pieces)
        # A temporary file is private; a result gets the permissions that any new file of this user gets.
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(output)
    except BaseException as error:
        if temporary:
            temporary.unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        raise InputError(f"{output} cannot be written: {error.strerror or error}.") from error
    note(f"Written to {output}.")


def note(text: str) -> None:
    """A remark for the person at the terminal, on standard error."""
    typer.echo(text, err=True)


def wants_color() -> bool:
    """Colour for a terminal, unless NO_COLOR is set or the terminal is dumb; FORCE_COLOR overrides."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def width() -> int:
    """Columns of the terminal, 80 where there is none."""
    return max(shutil.get_terminal_size((80, 24)).columns, 40)
