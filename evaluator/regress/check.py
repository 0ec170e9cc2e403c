"""Run a suite: replay, compare with the baseline, measure, and pass the gate or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evaluator.domain import Usage
from evaluator.errors import InputError
from evaluator.regress.agreement import agreement, change
from evaluator.regress.baseline import Accepted, Baseline, accepted_now, read_baseline, write_baseline
from evaluator.regress.explain import Change, changes
from evaluator.regress.invariants import Pairs, false_quotes, paid_injections, wrong_order
from evaluator.regress.replay import Outcome, replay, sealed_environment, strays
from evaluator.regress.results import AnyResult, Flip, Result, flips, of_answers
from evaluator.regress.stability import Stability, stability
from evaluator.regress.suite import Suite
from evaluator.regress.trial import Cost
from evaluator.scoring.agreement import Figure


@dataclass(frozen=True, slots=True)
class Measured:
    """Agreement with the labels in one call mode: by the baseline, today, and the paired change.

    `answers` counts the labelled ones, `graded` those of them that are graded today, and `compared` those that are in
    the baseline, too: ungraded answers have a part in no figure.
    """

    calls: str
    answers: int
    graded: int
    compared: int
    before: Mapping[str, Figure]
    after: Mapping[str, Figure]
    change: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Findings:
    """All that a run of a suite found, before anything is decided.

    `results` and `flips` are of the first repeat; `moves` are (case, before, after) of scores; `usage` is what the
    recorded replies used.
    """

    suite: Suite
    judge: str
    prompt: str | None
    outcomes: tuple[Outcome, ...]
    strays: tuple[Path, ...]
    changes: tuple[Change, ...]
    baseline: Baseline | None
    results: Mapping[str, AnyResult]
    flips: tuple[Flip, ...]
    moves: tuple[tuple[str, float, float], ...]
    measured: tuple[Measured, ...]
    false_quotes: tuple[str, ...]
    wrong_order: Pairs
    paid_injections: Pairs
    stability: Stability

    @property
    def accepted(self) -> Accepted | None:
        """The head of the baseline."""
        return self.baseline.accepted if self.baseline else None

    @property
    def missing(self) -> tuple[Outcome, ...]:
        """Cases with requests that are not recorded."""
        return tuple(one for one in self.outcomes if one.misses)

    @property
    def damaged(self) -> tuple[Outcome, ...]:
        """Cases whose recording cannot be read."""
        return tuple(one for one in self.outcomes if one.problem)

    @property
    def stale(self) -> tuple[Outcome, ...]:
        """Cases whose recording holds exchanges that the judge no longer makes."""
        return tuple(one for one in self.outcomes if one.left)

    @property
    def complete(self) -> bool:
        """Whether every case was replayed from recordings that are whole and used up."""
        return not (self.missing or self.damaged or self.stale or self.strays)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Cases that only the suite or only the baseline has."""
        known = self.baseline.cases.keys() if self.baseline else set[str]()
        return tuple(sorted({one.trial.id for one in self.outcomes} ^ known)) if self.baseline else ()

    @property
    def cost(self) -> Cost:
        """What recording all misses would take."""
        return sum((one.cost for one in self.outcomes), Cost())

    @property
    def usage(self) -> Usage:
        """Calls and tokens of the recorded replies."""
        return total_usage(self.results)

    @property
    def violations(self) -> tuple[str, ...]:
        """Invariants that do not hold and that a baseline can accept."""
        return (*self.wrong_order.broken, *self.paid_injections.broken)


def run_suite(suite: Suite) -> Findings:
    """Replay a suite and compare it with its baseline.

    Raises:
        InputError: The baseline is damaged.
        PromptError: The prompt cannot be used.
    """
    baseline = read_baseline(suite.baseline)
    outcomes = replay(suite)
    replayed = (one for one in outcomes if one.played)
    results = {one.trial.id: one.played[0].result.model_copy(update={"recording": one.recording}) for one in replayed}
    before: Mapping[str, Result] = baseline.cases if baseline else {}
    answers = of_answers(results)
    judge, prompt = _names(suite)
    return Findings(
        suite=suite,
        judge=judge,
        prompt=prompt,
        outcomes=outcomes,
        strays=strays(suite),
        changes=changes(outcomes),
        baseline=baseline,
        results=results,
        flips=flips(before, results),
        moves=_moves(before, results),
        measured=measure(before, results),
        false_quotes=false_quotes(outcomes),
        wrong_order=wrong_order(answers, suite.invariants),
        paid_injections=paid_injections(answers, suite.invariants),
        stability=stability(outcomes),
    )


def accept(findings: Findings, reason: str) -> None:
    """Make today's result the baseline.

    Raises:
        InputError: The result is not complete: something is missing, damaged or stale.
    """
    if not findings.complete:
        raise InputError(
            "There is nothing to accept: not every case was replayed from a whole recording.",
            "'evaluator regress run' says what is missing, damaged or stale.",
        )
    if findings.false_quotes:
        names = ", ".join(findings.false_quotes)
        raise InputError(f"No baseline may hold findings without a quote or criteria whose source is nowhere: {names}.")
    figures = {
        one.calls: {name: None if f.value is None else round(f.value, 3) for name, f in one.after.items()}
        for one in findings.measured
    }
    head = accepted_now(reason, findings.judge, findings.prompt)
    write_baseline(findings.suite.baseline, head, findings.results, findings.violations, figures)


def measure(before: Mapping[str, Result], after: Mapping[str, Result]) -> tuple[Measured, ...]:
    """Agreement in each call mode; `before` gets the labels of `after`. Nobody labels derivations."""
    found = []
    known, answers = of_answers(before), of_answers(after)
    for calls in sorted({one.calls for one in answers.values()}):
        now = {id_: one for id_, one in answers.items() if one.calls == calls and one.labels}
        then = {
            id_: known[id_].model_copy(update={"labels": one.labels, "label_score": one.label_score})
            for id_, one in now.items()
            if id_ in known
        }
        graded = {id_ for id_, one in now.items() if one.status == "graded"}
        compared = sum(id_ in graded for id_, one in then.items() if one.status == "graded")
        figures = agreement(then), agreement(now), change(then, now)
        found.append(Measured(calls, len(now), len(graded), compared, *figures))
    return tuple(found)


def total_usage(results: Mapping[str, Result]) -> Usage:
    """The sum over cases; the cost is None where one is unknown."""
    usages = [one.usage for one in results.values()]
    costs = [one.cost_usd for one in usages]
    known = [cost for cost in costs if cost is not None]
    return Usage(
        calls=sum(one.calls for one in usages),
        input_tokens=sum(one.input_tokens for one in usages),
        output_tokens=sum(one.output_tokens for one in usages),
        cost_usd=sum(known) if len(known) == len(costs) else None,
    )


def _moves(before: Mapping[str, Result], after: Mapping[str, Result]) -> tuple[tuple[str, float, float], ...]:
    then, now = of_answers(before), of_answers(after)
    pairs = ((id_, then[id_].score, now[id_].score) for id_ in sorted(then.keys() & now.keys()))
    return tuple((id_, old, new) for id_, old, new in pairs if old is not None and new is not None and old != new)


def _names(suite: Suite) -> tuple[str, str | None]:
    with sealed_environment():
        return suite.trials[0].names()
