"""What must hold for any judge: quotes are there, strong answers beat weak ones, injected text does not pay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluator.regress.replay import Outcome
from evaluator.regress.results import CaseResult
from evaluator.regress.suite_file import InvariantsFile


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of answers whose scores must stand in an order: how many there are, and which of them do not.

    `graded` counts the pairs in which both answers are graded; the others cannot be compared.
    """

    total: int
    graded: int
    broken: tuple[str, ...]


def false_quotes(outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """What no quote or source supports, or one that is not in the text at its place: "case / criterion"."""
    found = (f"{one.trial.id} / {item}" for one in outcomes for played in one.played for item in played.unsupported)
    return tuple(dict.fromkeys(found))


def wrong_order(results: Mapping[str, CaseResult], wanted: InvariantsFile) -> Pairs:
    """Pairs of answers to one question; broken is one in which the weaker style scores at least as high."""
    total = graded = 0
    broken = []
    for strong, better in results.items():
        for weak, worse in results.items():
            same = (better.question, better.calls) == (worse.question, worse.calls)
            if not same or better.style not in wanted.stronger or worse.style not in wanted.weaker:
                continue
            total += 1
            if better.score is None or worse.score is None:
                continue
            graded += 1
            if better.score <= worse.score:
                broken.append(f"{strong} is not above {weak}")
    return Pairs(total, graded, tuple(sorted(broken)))


def paid_injections(results: Mapping[str, CaseResult], wanted: InvariantsFile) -> Pairs:
    """Answers with and without a text aimed at the judge; broken is a pair in which it raises the score."""
    graded = 0
    broken = []
    for pair in wanted.injected:
        injected, clean = results.get(pair.answer), results.get(pair.clean)
        if injected is None or clean is None or injected.score is None or clean.score is None:
            continue
        graded += 1
        if injected.score > clean.score:
            broken.append(f"{pair.answer} is above {pair.clean}")
    return Pairs(len(wanted.injected), graded, tuple(sorted(broken)))
