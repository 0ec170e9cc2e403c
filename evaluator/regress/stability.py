"""How often the same comes back where a case was recorded several times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from evaluator.regress.replay import Outcome
from evaluator.regress.results import Result


@dataclass(frozen=True, slots=True)
class Stability:
    """`cases` with more than one repeat, at most `repeats` each.

    `share` is the mean share, 0 to 1, of pairs of repeats that agree on a verdict, red flag or other part of a result;
    None where nothing was repeated. `wavering` are those ("case / criterion") that do not always come to the same, with
    their counts.
    """

    cases: int = 0
    repeats: int = 1
    share: float | None = None
    wavering: tuple[tuple[str, tuple[tuple[str, int], ...]], ...] = ()


def stability(outcomes: Sequence[Outcome]) -> Stability:
    """Compare the repeats of each case."""
    shares: list[float] = []
    wavering: list[tuple[str, tuple[tuple[str, int], ...]]] = []
    repeated = [one for one in outcomes if len(one.played) > 1]
    for outcome in repeated:
        for item, said in _by_item([one.result for one in outcome.played]).items():
            counts = Counter(said)
            shares.append(_agreeing(counts, len(said)))
            if len(counts) > 1:
                wavering.append((f"{outcome.trial.id} / {item}", tuple(sorted(counts.items()))))
    return Stability(
        cases=len(repeated),
        repeats=max((len(one.played) for one in repeated), default=1),
        share=sum(shares) / len(shares) if shares else None,
        wavering=tuple(sorted(wavering)),
    )


def _agreeing(counts: Counter[str], total: int) -> float:
    """The share of pairs of repeats that say the same."""
    return sum(n * (n - 1) for n in counts.values()) / (total * (total - 1))


def _by_item(results: Sequence[Result]) -> dict[str, list[str]]:
    """What each repeat says of each item; one that came to nothing says its status of all of them."""
    said = [{name: value for group in one.parts for name, value in group.items()} for one in results]
    items = list(dict.fromkeys(name for one in said for name in one))
    if not items:
        return {"(the case)": [one.status for one in results]}
    return {
        item: [one.get(item, "not there" if one else result.status) for one, result in zip(said, results, strict=True)]
        for item in items
    }
