"""Words and numbers that the reports of a regression run share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from evaluator.regress import Change, Cost, DerivedResult, Findings, Flip, Measured
from evaluator.regress.agreement import is_noise
from evaluator.scoring.agreement import Figure

FIGURES = {"kappa": ("kappa (met or not)", 3), "qwk": ("QWK (three levels)", 3), "bias": ("bias of the score", 1)}
_SHOWN_CASES = 3


def many(count: int, noun: str) -> str:
    """A count with its noun."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def some(names: Sequence[str], shown: int = _SHOWN_CASES) -> str:
    """The first names, and how many more."""
    return ", ".join(names[:shown]) + (f" and {len(names) - shown} more" if len(names) > shown else "")


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
    return f"the same in {len(change.cases)} of {total} cases: {some(change.cases)}"


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
        f"{result.status}; {criteria} {'criterion' if criteria == 1 else 'criteria'}, {sources} with a source; "
        f"{many(len(result.red_flags), 'red flag')}; {many(result.examples, 'example')}; refused: {refused}"
    )


def _kinds(kinds: Counter[str]) -> list[str]:
    return [f"{count} {kind}" for kind, count in sorted(kinds.items(), key=lambda item: (-item[1], item[0]))]
