"""The command `evaluator`: registers the verbs and turns errors into one or two lines and an exit status."""

from __future__ import annotations

import errno
import os
import sys
from importlib.metadata import version
from typing import Annotated

import typer

from evaluator.cli import agree, batch, export, grade, import_, judges, questions, regress, report, rubric, schema
from evaluator.cli.output import note
from evaluator.errors import EvaluatorError, InputError, UnreachableError, UsageError

EPILOG = (
    "Exit status: 0 all graded or gate passed; 1 something is ungraded or a gate failed; 2 wrong usage or input; "
    "3 the judge cannot be used: not reached, key refused, or model unknown; 4 a budget ended the run; 130 interrupted."
)

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

app = typer.Typer(
    name="evaluator",
    help="Grade free-text interview answers the way a fair, well-prepared assessor would.",
    epilog=EPILOG,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("grade")(grade.grade)
app.command("batch")(batch.batch)
app.command("export")(export.export)
app.add_typer(questions.app, name="questions")
app.add_typer(rubric.app, name="rubric")
app.add_typer(regress.app, name="regress")
app.command("report")(report.report)
app.command("agree")(agree.agree)
app.command("import")(import_.import_article)
app.command("judges")(judges.judges)
app.command("schema")(schema.schema)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"evaluator {version('answer-evaluator')}")
        raise typer.Exit


@app.callback()
def _main(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


def run() -> None:
    """Entry point of the command: run it, and end with a documented exit status."""
    # Read by numpy when it is imported, which no command has done yet. Our matrices are small: threads that wait for
    # each other cost minutes on a busy machine and gain nothing anywhere.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    _open_missing()
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:  # in a C locale a quote with an accent must not end the program
            reconfigure(errors="backslashreplace")
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except EvaluatorError as error:
        if "--debug" in sys.argv:
            raise
        note(f"evaluator: {error}")
        sys.exit(_status(error))
    except KeyboardInterrupt:
        note("Interrupted.")
        sys.exit(130)
    except SystemExit as ended:
        if not isinstance(ended.__context__, BrokenPipeError):
            raise
        _mute()
        sys.exit(0)
    except BrokenPipeError:
        _mute()  # the reader (`| head`) has what it wants; typer and rich may have told the same by an exit
        sys.exit(0)
    except (OSError, UnicodeError) as error:  # such as a name that is too long, or bytes of one that are no UTF-8
        if "--debug" in sys.argv:
            raise
        note(f"evaluator: {_refused(error)}.")
        sys.exit(2)


def _refused(error: OSError | UnicodeError) -> str:
    """What the system would not do, in one line."""
    if not isinstance(error, OSError):
        return " ".join(str(error).split())
    why = error.strerror or " ".join(str(error).split())
    if error.filename is not None:
        return f"{error.filename} cannot be used: {why}"
    if error.errno in _FULL:
        _mute()
        return f"standard output cannot be written: {why}"
    return why


def _open_missing() -> None:
    """Put an empty stream where there is none (`>&-`); the first file that is opened would get its number."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - stays open


def _mute() -> None:
    """Throw away what is still to be printed; Python would complain once more when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _status(error: EvaluatorError) -> int:
    if isinstance(error, UnreachableError):
        return 3
    return 2 if isinstance(error, UsageError | InputError) else 1
