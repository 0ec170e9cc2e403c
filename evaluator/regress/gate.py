"""Whether a change may pass: each threshold and invariant as a check, with the reason in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evaluator.regress.agreement import is_noise
from evaluator.regress.check import Findings, Measured
from evaluator.regress.suite_file import Kind
from evaluator.scoring.agreement import Figure

_SHOWN = 4
_SUPPORT: dict[Kind, tuple[str, str, str]] = {
    "grade": ("quotes", "findings without a quote that stands in the answer", "all stand in the answer"),
    "derive": ("sources", "sources that do not stand in the model answer", "all stand in the model answer"),
}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that the gate looks at."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Gate:
    """All checks, in the order in which they are shown."""

    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether all of them passed."""
        return all(check.passed for check in self.checks)


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
        yield Check("recordings", passed=False, detail=f"{_many(missing, 'request')} not recorded: {_some(ids)}")
    else:
        yield Check("recordings", passed=True, detail=f"{_many(cases - len(findings.damaged), 'case')} replayed")
    for one in findings.damaged:
        yield Check("damaged recording", passed=False, detail=str(one.problem))
    for one in findings.stale:
        detail = (
            f"{findings.suite.cassette(one.trial)} holds {_many(one.left, 'exchange')} that the judge no longer makes"
        )
        yield Check("stale recording", passed=False, detail=f"{detail}: 'evaluator regress record' drops them")
    if findings.strays:
        names = [file.name for file in findings.strays]
        detail = f"no case uses {_some(names)}: 'evaluator regress record --prune' removes them"
        yield Check("stale recording", passed=False, detail=detail)


def _baseline(findings: Findings) -> Iterator[Check]:
    if findings.baseline is None:
        yield Check("baseline", passed=False, detail="there is none: 'evaluator regress accept' makes one")
        return
    head = findings.baseline.accepted
    if findings.unknown:
        detail = f"the suite and the baseline differ in cases: {_some(findings.unknown)}"
        yield Check("baseline", passed=False, detail=f"{detail}; 'evaluator regress accept' brings them together")
    else:
        yield Check("baseline", passed=True, detail=f"of {head.date}: {head.reason}")


def _changes(findings: Findings) -> Iterator[Check]:
    limits = findings.suite.thresholds
    if findings.baseline is not None:
        yield from _against(findings)
    if limits.max_ungraded is not None:
        ungraded = sum(one.status == "ungraded" for one in findings.results.values())
        detail = f"{_many(ungraded, 'case')}, at most {limits.max_ungraded} may be"
        yield Check("ungraded", ungraded <= limits.max_ungraded, detail)


def _against(findings: Findings) -> Iterator[Check]:
    limits = findings.suite.thresholds
    count = _many(len(findings.flips), "verdict" if findings.suite.kind == "grade" else "detail")
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
        return Check(f"change of {shown}", passed=True, detail=f"undefined before and today ({why})")
    moved = measured.change[name] if measured else Figure(None, "no case was replayed")
    fits = moved.value is not None and moved.value >= -drop
    return Check(f"change of {shown}", fits, f"{_value(moved)}{_noise(moved)}, at most -{drop:g} may be")


def _invariants(findings: Findings) -> Iterator[Check]:
    wrong = findings.false_quotes
    name, without, held = _SUPPORT[findings.suite.kind]
    yield Check(name, not wrong, f"{without}: {_some(wrong)}" if wrong else held)
    known = set(findings.baseline.known) if findings.baseline else set[str]()
    wanted = findings.suite.invariants
    if wanted.stronger and wanted.weaker:
        yield _held("strong above weak", findings.wrong_order, known)
    if wanted.injected:
        yield _held("injected text", findings.paid_injections, known)


def _held(name: str, broken: Sequence[str], known: set[str]) -> Check:
    new = [one for one in broken if one not in known]
    if new:
        return Check(name, passed=False, detail=_some(new))
    if broken:
        return Check(name, passed=True, detail=f"broken, and accepted so in the baseline: {_some(broken)}")
    return Check(name, passed=True, detail="holds")


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


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
