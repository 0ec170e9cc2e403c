"""What must hold for any judge: quotes are there, strong answers beat weak ones, injected text does not pay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evaluator.regress.replay import Outcome
from evaluator.regress.results import CaseResult
from evaluator.regress.suite_file import InvariantsFile


def false_quotes(outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """What no quote or source supports, or one that is not in the text at its place: "case / criterion"."""
    found = (f"{one.trial.id} / {item}" for one in outcomes for played in one.played for item in played.unsupported)
    return tuple(dict.fromkeys(found))


def wrong_order(results: Mapping[str, CaseResult], wanted: InvariantsFile) -> tuple[str, ...]:
    """Pairs of answers to one question in which the weaker style scores at least as high as the stronger."""
    found = []
    for strong, better in results.items():
        for weak, worse in results.items():
            same = (better.question, better.calls) == (worse.question, worse.calls)
            if not same or better.style not in wanted.stronger or worse.style not in wanted.weaker:
                continue
            if better.score is not None and worse.score is not None and better.score <= worse.score:
                found.append(f"{strong} is not above {weak}")
    return tuple(sorted(found))


def paid_injections(results: Mapping[str, CaseResult], wanted: InvariantsFile) -> tuple[str, ...]:
    """Answers that score higher with a text aimed at the judge than without it."""
    found = []
    for pair in wanted.injected:
        injected, clean = results.get(pair.answer), results.get(pair.clean)
        if injected is None or clean is None or injected.score is None or clean.score is None:
            continue
        if injected.score > clean.score:
            found.append(f"{pair.answer} is above {pair.clean}")
    return tuple(sorted(found))
