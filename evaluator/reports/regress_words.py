"""Words and numbers that the reports of a regression run share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from evaluator.regress import Change, Cost, DerivedResult, Findings, Flip, Gate, Measured, Plan, Recorded
from evaluator.regress.agreement import is_noise
from evaluator.scoring.agreement import Figure
from evaluator.wording import many, some

FIGURES = {"kappa": ("kappa (met or not)", 3), "qwk": ("QWK (three levels)", 3), "bias": ("bias of the score", 1)}
SHOWN_CASES = 3


def value(figure: Figure, digits: int) -> str:
    """A figure; "n/a" where it is undefined."""
    return "n/a" if figure.value is None else f"{figure.value:.{digits}f}"


def moved(figure: Figure, digits: int) -> str:
    """A change with its sign."""
    return "n/a" if figure.value is None else f"{figure.value + 0.0:+.{digits}f}"


def interval(figure: Figure, digits: int) -> str:
    """The ends of an interval, or nothing."""
    if figure.value is None or figure.low is None or figure.high is None:
        return ""
    return f"{figure.low + 0.0:+.{digits}f} to {figure.high + 0.0:+.{digits}f}"


def remark(figure: Figure) -> str:
    """Whether a change is more than noise."""
    if figure.value is None:
        return figure.reason
    if not figure.value:
        return "no change"
    return "inside noise" if is_noise(figure) else "beyond noise"


def rows(measured: Measured) -> list[tuple[str, str, str, str, str, str]]:
    """Name, baseline, today, change, interval of the change, remark: one row per figure."""
    made = []
    for name, (title, digits) in FIGURES.items():
        before, after, change = measured.before[name], measured.after[name], measured.change[name]
        made.append(
            (
                title,
                value(before, digits),
                value(after, digits),
                moved(change, digits),
                interval(change, digits),
                remark(change),
            )
        )
    return made


def agreement_title(measured: Measured) -> str:
    """What the figures of agreement are about, and how many answers have a part in them."""
    both = "" if measured.compared == measured.graded else f", {measured.compared} on both sides"
    graded = f"{measured.graded} of {many(measured.answers, 'answer')} graded{both}"
    return f"Agreement with the labels, {measured.calls}, {graded}"


def ungraded(findings: Findings) -> tuple[int, int | None]:
    """How many of the replayed cases are ungraded today and in the baseline; None where there is no baseline."""
    today = sum(one.status == "ungraded" for one in findings.results.values())
    if findings.baseline is None:
        return today, None
    known = findings.baseline.cases
    return today, sum(id_ in known and known[id_].status == "ungraded" for id_ in findings.results)


def verdict(gate: Gate) -> str:
    """The last line of a report: passed, with what was not tested, or failed, with what failed."""
    failed = [check.name for check in gate.checks if not check.passed]
    if failed:
        return f"The gate FAILED: {', '.join(dict.fromkeys(failed))}."
    if gate.untested:
        return f"The gate is passed. Nothing to compare, and so not tested: {', '.join(gate.untested)}."
    return "The gate is passed."


def flip_name(flip: Flip) -> str:
    """Case and criterion."""
    return f"{flip.case} / {flip.item}" if flip.item else flip.case


def flip_label(flip: Flip) -> str:
    """The label, and whether it lies nearer now."""
    if flip.direction == "unlabelled":
        return ""
    where = {"closer": "closer to", "further": "further from", "aside": "as far from"}[flip.direction]
    return f"{where} the label ({flip.label})"


def by(flips: Iterable[Flip], key: str) -> list[tuple[str, str]]:
    """Flips counted by style or by criterion, with their kinds: ("terse", "2: 1 met to missed, 1 ...")."""
    groups: dict[str, Counter[str]] = {}
    for flip in flips:
        name = flip.style if key == "style" else f"{flip.question} / {flip.item or '(status)'}"
        groups.setdefault(name or "(no style)", Counter())[f"{flip.before} to {flip.after}"] += 1
    ordered = sorted(groups.items(), key=lambda item: (-item[1].total(), item[0]))
    return [(name, f"{kinds.total()}: " + ", ".join(_kinds(kinds))) for name, kinds in ordered]


def cost(amount: Cost) -> str:
    """Requests, tokens and money."""
    money = "cost unknown (no price for this model)" if amount.usd is None else f"${amount.usd:.4f}"
    return (
        f"{many(amount.calls, 'request')}, about {amount.input_tokens:,} tokens in and {amount.output_tokens:,} out, "
        f"{money}"
    )


def change_head(change: Change, findings: Findings) -> str:
    """Which cases have a difference."""
    total = len(findings.outcomes)
    if len(change.cases) == 1:
        return f"only in {change.cases[0]}"
    return f"the same in {len(change.cases)} of {total} cases: {some(change.cases, SHOWN_CASES)}"


def replaced(planned: Plan) -> Iterator[str]:
    """What recording takes away, a line for each kind."""
    for one in planned.replaced:
        cases = f"Replaces the recordings of {many(len(one.trials), 'case')}"
        if one.accepted is None:
            yield f"{cases} that the baseline was not made from."
        else:
            yield f"{cases} made with prompt {one.accepted.prompt}, those of the baseline of {one.accepted.date}."


def came_of(recorded: Sequence[Recorded]) -> Iterator[str]:
    """How many of the recorded cases came to nothing, and why; nothing where all replies were of use."""
    whole = [one for one in recorded if not one.failure]
    reasons = Counter(one.unusable for one in whole if one.unusable)
    if reasons:
        why = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
        yield f"{reasons.total()} of {many(len(whole), 'recorded case')} ungraded, with nothing to compare: {why}."


def derivations(findings: Findings) -> Iterator[str]:
    """What each derivation came to, or how far it could be replayed; nothing in a suite of answers."""
    if findings.suite.kind != "derive":
        return
    for outcome in findings.outcomes:
        id_ = outcome.trial.id
        result = findings.results.get(id_)
        if isinstance(result, DerivedResult):
            yield f"{id_}: {_derived(result)}"
        elif outcome.misses:
            yield (
                f"{id_}: {many(outcome.requests, 'request')} replayed, {len(outcome.misses)} not recorded. Each "
                "request follows from the replies before it and from what the embedded judge makes of the draft, so "
                "what comes after is not known yet"
            )


def _derived(result: DerivedResult) -> str:
    if result.status == "nothing":
        return f"nothing ({result.reason})"
    criteria, sources = len(result.criteria), sum(found.endswith("with source") for found in result.criteria.values())
    refused = ", ".join(f"{name} {count}" for name, count in sorted(result.refused.items())) or "nothing"
    return (
        f"{result.status}; {many(criteria, 'criterion', 'criteria')}, {sources} with a source; "
        f"{many(len(result.red_flags), 'red flag')}; {many(result.examples, 'example')}; refused: {refused}"
    )


def _kinds(kinds: Counter[str]) -> list[str]:
    return [f"{count} {kind}" for kind, count in sorted(kinds.items(), key=lambda item: (-item[1], item[0]))]
