"""Whether a change may pass: each threshold and invariant as a check, with the reason in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from evaluator.regress.agreement import is_noise
from evaluator.regress.check import Findings, Measured
from evaluator.regress.invariants import Pairs
from evaluator.regress.suite_file import Kind
from evaluator.scoring.agreement import Figure
from evaluator.wording import many, some

State = Literal["passed", "failed", "not tested"]
_SHOWN = 4
_SUPPORT: dict[Kind, tuple[str, str, str]] = {
    "grade": ("quotes", "findings without a quote that stands in the answer", "all stand in the answer"),
    "derive": ("sources", "sources that do not stand in the model answer", "all stand in the model answer"),
}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that the gate looks at. `tested` is false where it had nothing to compare: then it passes, unproven."""

    name: str
    passed: bool
    detail: str
    tested: bool = True

    @property
    def state(self) -> State:
        """In words."""
        return "failed" if not self.passed else "passed" if self.tested else "not tested"


@dataclass(frozen=True, slots=True)
class Gate:
    """All checks, in the order in which they are shown."""

    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether all of them passed."""
        return all(check.passed for check in self.checks)

    @property
    def untested(self) -> tuple[str, ...]:
        """Names of the checks that had nothing to compare."""
        return tuple(check.name for check in self.checks if check.state == "not tested")


def judge_findings(findings: Findings) -> Gate:
    """Apply the thresholds of the suite. A figure that is undefined fails the threshold that needs it.

    Where not one case was replayed, there is nothing to apply them to, and the gate has failed before.
    """
    checks = [*_recordings(findings), *_baseline(findings)]
    if findings.results:
        checks += [*_changes(findings), *_agreement(findings), *_invariants(findings), *_stability(findings)]
    return Gate(tuple(checks))


def _recordings(findings: Findings) -> Iterator[Check]:
    if not findings.suite.recorded:
        yield Check("recordings", passed=True, detail="none are needed by this judge")
        return
    missing = sum(len(one.misses) for one in findings.missing)
    cases = len(findings.outcomes)
    if missing:
        ids = [one.trial.id for one in findings.missing]
        yield Check("recordings", passed=False, detail=f"{many(missing, 'request')} not recorded: {some(ids, _SHOWN)}")
    else:
        yield Check("recordings", passed=True, detail=f"{many(cases - len(findings.damaged), 'case')} replayed")
    for one in findings.damaged:
        yield Check("damaged recording", passed=False, detail=str(one.problem))
    for one in findings.stale:
        detail = (
            f"{findings.suite.cassette(one.trial)} holds {many(one.left, 'exchange')} that the judge no longer makes"
        )
        again = findings.suite.command("record", "--replace")
        yield Check("stale recording", passed=False, detail=f"{detail}: '{again}' drops them")
    if findings.strays:
        names = [file.name for file in findings.strays]
        detail = f"no case uses {some(names, _SHOWN)}: '{findings.suite.command('record', '--prune')}' removes them"
        yield Check("stale recording", passed=False, detail=detail)


def _baseline(findings: Findings) -> Iterator[Check]:
    accept = findings.suite.command("accept", "--reason", "...")
    if findings.baseline is None:
        yield Check("baseline", passed=False, detail=f"there is none: '{accept}' makes one")
        return
    head = findings.baseline.accepted
    if findings.unknown:
        detail = f"the suite and the baseline differ in cases: {some(findings.unknown, _SHOWN)}"
        yield Check("baseline", passed=False, detail=f"{detail}; '{accept}' brings them together")
    else:
        yield Check("baseline", passed=True, detail=f"of {head.date}: {head.reason}")


def _changes(findings: Findings) -> Iterator[Check]:
    limits = findings.suite.thresholds
    if findings.baseline is not None:
        yield from _against(findings)
    if limits.max_ungraded is not None:
        ungraded = sum(one.status == "ungraded" for one in findings.results.values())
        detail = f"{many(ungraded, 'case')}, at most {limits.max_ungraded} may be"
        yield Check("ungraded", ungraded <= limits.max_ungraded, detail)


def _against(findings: Findings) -> Iterator[Check]:
    limits = findings.suite.thresholds
    count = many(len(findings.flips), "verdict" if findings.suite.kind == "grade" else "detail")
    yield Check("flips", len(findings.flips) <= limits.max_flips, f"{count} changed, at most {limits.max_flips} may")
    if limits.max_score_change is not None:
        most = max((abs(new - old) for _, old, new in findings.moves), default=0.0)
        detail = f"the largest is {most:.1f}, at most {limits.max_score_change:g} may be"
        yield Check("change of a score", most <= limits.max_score_change, detail)


def _agreement(findings: Findings) -> Iterator[Check]:
    """Thresholds apply to the call mode of the suite; what is judged a second time in another is shown only."""
    limits = findings.suite.thresholds
    measured = next((one for one in findings.measured if one.calls == findings.suite.settings.calls), None)
    empty = Figure(None, "no case was replayed")
    for name, shown in (("kappa", "kappa"), ("qwk", "QWK")):
        after = measured.after[name] if measured else empty
        least = getattr(limits, f"min_{name}")
        if least is not None:
            value = after.value
            yield Check(shown, value is not None and value >= least, f"{_value(after)}, at least {least:g} is wanted")
        drop = getattr(limits, f"max_{name}_drop")
        if drop is not None and findings.baseline is not None:
            yield _drop(shown, measured, name, drop)
    if limits.max_bias is not None:
        after = measured.after["bias"] if measured else empty
        fits = after.value is not None and abs(after.value) <= limits.max_bias
        yield Check("bias", fits, f"{_value(after, 1)} points, at most {limits.max_bias:g} either way may be")
    if limits.max_bias_change is not None and findings.baseline is not None:
        moved = measured.change["bias"] if measured else empty
        fits = moved.value is not None and abs(moved.value) <= limits.max_bias_change
        detail = f"{_value(moved, 1)} points{_noise(moved)}, at most {limits.max_bias_change:g} either way may be"
        yield Check("change of bias", fits, detail)


def _drop(shown: str, measured: Measured | None, name: str, drop: float) -> Check:
    if measured and measured.before[name].value is None and measured.after[name].value is None:
        why = measured.after[name].reason
        detail = f"not tested: undefined before and today ({why})"
        return Check(f"change of {shown}", passed=True, detail=detail, tested=False)
    moved = measured.change[name] if measured else Figure(None, "no case was replayed")
    fits = moved.value is not None and moved.value >= -drop
    return Check(f"change of {shown}", fits, f"{_value(moved)}{_noise(moved)}, at most -{drop:g} may be")


def _invariants(findings: Findings) -> Iterator[Check]:
    wrong = findings.false_quotes
    name, without, held = _SUPPORT[findings.suite.kind]
    if wrong:
        yield Check(name, passed=False, detail=f"{without}: {some(wrong, _SHOWN)}")
    else:
        yield _quoted(findings, name, held)
    known = set(findings.baseline.known) if findings.baseline else set[str]()
    wanted = findings.suite.invariants
    if wanted.stronger and wanted.weaker:
        yield _held("strong above weak", findings.wrong_order, known)
    if wanted.injected:
        yield _held("injected text", findings.paid_injections, known)


def _quoted(findings: Findings, name: str, held: str) -> Check:
    """No quote is wrong: which says nothing where there is no result that could have one."""
    usable, total = sum(any(one.parts) for one in findings.results.values()), len(findings.results)
    noun, word = ("answer", "graded") if findings.suite.kind == "grade" else ("derivation", "with a result")
    count = f"{usable} of {many(total, noun)} {word}"
    if not usable:
        return Check(name, passed=True, detail=f"not tested: {count}", tested=False)
    return Check(name, passed=True, detail=f"{held}, {count}")


def _held(name: str, pairs: Pairs, known: set[str]) -> Check:
    new = [one for one in pairs.broken if one not in known]
    count = f"{pairs.graded} of {many(pairs.total, 'pair')} graded"
    if new:
        return Check(name, passed=False, detail=some(new, _SHOWN))
    if pairs.broken:
        detail = f"broken, and accepted so in the baseline: {some(pairs.broken, _SHOWN)} ({count})"
        return Check(name, passed=True, detail=detail)
    if not pairs.graded:
        return Check(name, passed=True, detail=f"not tested: {count}", tested=False)
    return Check(name, passed=True, detail=f"holds, {count}")


def _stability(findings: Findings) -> Iterator[Check]:
    least, found = findings.suite.thresholds.min_stability, findings.stability
    if least is None:
        return
    if found.share is None:
        yield Check("stability", passed=False, detail="nothing was recorded more than once")
    else:
        detail = f"the same verdict in {found.share:.0%} of pairs of repeats, at least {least:.0%} is wanted"
        yield Check("stability", found.share >= least, detail)


def _noise(figure: Figure) -> str:
    return " (inside noise)" if figure.value and is_noise(figure) else ""


def _value(figure: Figure, digits: int = 3) -> str:
    return f"undefined ({figure.reason})" if figure.value is None else f"{figure.value:+.{digits}f}"
