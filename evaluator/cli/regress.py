"""`evaluator regress`."""

from __future__ import annotations

import shlex
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evaluator.cli.options import DebugOption, OutputOption, format_fits
from evaluator.cli.output import check_output, note, write_result
from evaluator.cli.progress import counting, working
from evaluator.errors import InputError, UsageError
from evaluator.wording import many

if TYPE_CHECKING:
    from evaluator.regress import Findings, Plan, Recorded, Side, Suite

app = typer.Typer(
    name="regress",
    help="Know before merging what a change of a prompt, a rubric or a model does: replay, compare, gate.",
    no_args_is_help=True,
)


class RegressFormat(StrEnum):
    """How a run is printed."""

    text = "text"
    json = "json"
    junit = "junit"
    markdown = "markdown"


class CompareFormat(StrEnum):
    """How a comparison is printed."""

    text = "text"
    json = "json"


SuiteArgument = Annotated[Path, typer.Argument(metavar="SUITE", help="A folder with suite.yaml.")]
PromptsOption = Annotated[
    Path | None, typer.Option("--prompts", metavar="DIR", help="A folder of prompts in place of the shipped one.")
]
SuiteBankOption = Annotated[
    Path | None, typer.Option("--bank", metavar="DIR", help="A bank in place of the one that the suite names.")
]
_SUITE = Path("cassettes/regression")


@app.command("run")
def run(
    suite: SuiteArgument = _SUITE,
    prompts: PromptsOption = None,
    bank: SuiteBankOption = None,
    output_format: Annotated[
        RegressFormat, typer.Option("--format", callback=format_fits, help="How to print.")
    ] = RegressFormat.text,
    output: OutputOption = None,
    debug: DebugOption = False,
) -> None:
    """Replay a suite without network or key, compare with its baseline, and pass the gate or exit with status 1.

    For example:

    evaluator regress run

    evaluator regress run my-suite --format junit -o regress.xml
    """
    from evaluator.regress import judge_findings
    from evaluator.reports.regress_machine import render_junit, render_regress_json
    from evaluator.reports.regress_text import render_regress_markdown, render_regress_text

    loaded = _load(suite, bank, prompts)
    check_output(output, *loaded.files)
    findings = _findings(loaded)
    gate = judge_findings(findings)
    render = {
        RegressFormat.text: render_regress_text,
        RegressFormat.json: render_regress_json,
        RegressFormat.junit: render_junit,
        RegressFormat.markdown: render_regress_markdown,
    }[output_format]
    write_result(render(findings, gate), output, output_format)
    if not gate.passed:
        if output is not None:
            failed = dict.fromkeys(check.name for check in gate.checks if not check.passed)
            note(f"The gate failed: {', '.join(failed)}.")
        raise typer.Exit(1)


@app.command("record")
def record(
    suite: SuiteArgument = _SUITE,
    everything: Annotated[
        bool, typer.Option("--all", help="Record everything anew, in place of what is there.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Drop recordings of requests that the judge no longer makes.")
    ] = False,
    prune: Annotated[bool, typer.Option("--prune", help="Remove recordings that no case uses.")] = False,
    repeats: Annotated[
        int | None, typer.Option("--repeats", min=1, max=100, help="Store so many replies of each case.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before sending.")] = False,
    prompts: PromptsOption = None,
    bank: SuiteBankOption = None,
    debug: DebugOption = False,
) -> None:
    """Ask the judge of a suite what is not recorded yet, after an estimate; an interrupted recording goes on.

    Where that would drop recordings, of another prompt for instance, nothing happens without --replace or --all.

    For example:

    evaluator regress record

    evaluator regress record my-suite --repeats 5 --yes
    """
    from evaluator.regress import plan as make_plan

    with working("Looking for what is missing"):
        plan = make_plan(_load(suite, bank, prompts), anew=everything, repeats=repeats)
    failures = _record(plan, yes=yes, replace=replace or everything) if plan.trials else []
    if not plan.trials:
        note("Everything is recorded.")
    _strays(plan, remove=prune)
    if failures:
        for one in failures:
            note(f"{one.trial.id} is not complete: {one.failure}")
        options = [*(["--repeats", str(repeats)] if repeats else []), *(["--replace"] if plan.replaced else [])]
        note(f"'{plan.suite.command('record', *options)}' goes on from here.")
        raise typer.Exit(1)


@app.command("accept")
def accept(
    reason: Annotated[str, typer.Option("--reason", help="Why this result is right, for the next reader.")],
    suite: SuiteArgument = _SUITE,
    prompts: PromptsOption = None,
    bank: SuiteBankOption = None,
    debug: DebugOption = False,
) -> None:
    """Make today's result the baseline of a suite.

    Example: evaluator regress accept --reason "Point 3 names examples; two verdicts come closer to the labels."
    """
    from evaluator.regress import accept as make_baseline
    from evaluator.regress import judge_findings, run_suite

    if not reason.strip():
        raise UsageError("The reason is empty.", "Say in one sentence why this result is right.")
    loaded = _load(suite, bank, prompts)
    findings = _findings(loaded)
    make_baseline(findings, " ".join(reason.split()))
    changed = f"; {many(len(findings.flips), 'flip')}, {many(len(findings.moves), 'score')} moved"
    cases = many(len(findings.results), "case")
    note(f"{loaded.baseline} written: {cases}{changed if findings.baseline else ''}.")
    for one in findings.violations:
        note(f"Accepted although it should not be: {one}.")
    for check in judge_findings(run_suite(loaded)).checks:
        if not check.passed:
            note(f"Still fails: {check.name}: {check.detail}")


@app.command("compare")
def compare(
    a: Annotated[Path, typer.Argument(metavar="A", help="A suite, or a run as JSON.", show_default=False)],
    b: Annotated[Path, typer.Argument(metavar="B", help="Another of the same answers.", show_default=False)],
    output_format: Annotated[
        CompareFormat, typer.Option("--format", callback=format_fits, help="How to print.")
    ] = CompareFormat.text,
    output: OutputOption = None,
    debug: DebugOption = False,
) -> None:
    """Put two prompts, models or versions of a rubric side by side on the same answers.

    For example:

    evaluator regress compare suite-gpt suite-qwen

    evaluator regress run --format json -o old.json; evaluator regress compare old.json cassettes/regression
    """
    from evaluator.regress import duel
    from evaluator.reports.regress_compare import render_compare_json, render_compare_text

    check_output(output, *(file for place in (a, b) for file in _read_of(place)))
    found = duel(_side(a), _side(b))
    render = render_compare_json if output_format == CompareFormat.json else render_compare_text
    write_result(render(found), output, output_format)


def _load(suite: Path, bank: Path | None, prompts: Path | None) -> Suite:
    from evaluator.regress import load_suite

    return load_suite(suite, bank=bank, prompts=prompts)


def _read_of(place: Path) -> tuple[Path, ...]:
    return _load(place, None, None).files if place.is_dir() else (place,)


def _findings(suite: Suite) -> Findings:
    from evaluator.regress import run_suite

    with working("Replaying"):
        return run_suite(suite)


def _record(plan: Plan, *, yes: bool, replace: bool) -> list[Recorded]:
    """Estimate, ask, record; returns what is not complete."""
    from evaluator.regress import record as do_record
    from evaluator.reports.regress_words import came_of

    _estimate(plan)
    if plan.replaced and not replace:
        copy = shlex.join(["cp", "-r", str(plan.suite.root), f"{plan.suite.root}-try"])
        raise UsageError(
            "Nothing was sent: recordings would be replaced.",
            f"To replace them, add --replace. To keep them, do so in a copy of the suite: {copy}",
        )
    if plan.cost.calls and not yes:
        if not sys.stdin.isatty():
            raise UsageError("Nothing was sent: there is no terminal to ask at.", "Add --yes to send.")
        typer.confirm("Send?", abort=True, err=True)
    recorded: list[Recorded] = []
    with counting("Recording", len(plan.trials)) as advance:

        def done(one: Recorded) -> None:
            advance()
            state = ", NOT complete" if one.failure else f", ungraded ({one.unusable})" if one.unusable else ""
            note(f"{one.trial.id}: {many(one.exchanges, 'exchange')}{state}")
            recorded.append(one)

        do_record(plan, done)
    for line in came_of(recorded):
        note(line)
    return [one for one in recorded if one.failure]


def _estimate(plan: Plan) -> None:
    from evaluator.reports.regress_words import cost, replaced

    settings = plan.suite.settings
    place = f" at {settings.base_url}" if settings.base_url else ""
    note(f"To record: {many(len(plan.trials), 'case')}, {cost(plan.cost)}.")
    note("Requests that repair a reply come on top.")
    for line in replaced(plan):
        note(line)
    note("Recordings keep all that is sent, whole answers too: record only what was written for it.")
    note(f"Judge: {settings.spec}{place}, one request at a time.")


def _strays(plan: Plan, *, remove: bool) -> None:
    from evaluator.regress import prune

    if not plan.strays:
        return
    if remove:
        for file in prune(plan):
            note(f"Removed {file}.")
        return
    note(f"No case uses {many(len(plan.strays), 'file')}; --prune removes:")
    for file in plan.strays:
        note(f"  {file}")


def _side(place: Path) -> Side:
    """A suite is replayed, a file is read.

    Raises:
        InputError: Neither, or a suite that is not recorded in full.
    """
    from evaluator.regress import read_side, side_of

    if not place.is_dir():
        return read_side(place)
    findings = _findings(_load(place, None, None))
    if not findings.results:
        raise InputError(f"Nothing of {place} is recorded.", f"'evaluator regress run {place}' says what is missing.")
    if findings.missing or findings.damaged:
        lacking = many(len(findings.missing) + len(findings.damaged), "case")
        note(f"{place}: {lacking} left out, for want of recordings that can be replayed.")
    return side_of(findings, str(place))
