"""How often the same verdict comes back where a case was recorded several times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from evaluator.domain import Graded, Ungraded
from evaluator.regress.replay import Outcome


@dataclass(frozen=True, slots=True)
class Stability:
    """`cases` with more than one repeat, at most `repeats` each.

    `share` is the mean share, 0 to 1, of pairs of repeats that agree on a verdict or red flag; None where nothing was
    repeated. `wavering` are items ("case / criterion") that do not always get the same verdict, with their counts.
    """

    cases: int = 0
    repeats: int = 1
    share: float | None = None
    wavering: tuple[tuple[str, tuple[tuple[str, int], ...]], ...] = ()


def stability(outcomes: Sequence[Outcome]) -> Stability:
    """Compare the repeats of each case."""
    shares: list[float] = []
    wavering: list[tuple[str, tuple[tuple[str, int], ...]]] = []
    repeated = [one for one in outcomes if len(one.evaluations) > 1]
    for outcome in repeated:
        for item, said in _by_item(outcome.evaluations).items():
            counts = Counter(said)
            shares.append(_agreeing(counts, len(said)))
            if len(counts) > 1:
                wavering.append((f"{outcome.trial.id} / {item}", tuple(sorted(counts.items()))))
    return Stability(
        cases=len(repeated),
        repeats=max((len(one.evaluations) for one in repeated), default=1),
        share=sum(shares) / len(shares) if shares else None,
        wavering=tuple(sorted(wavering)),
    )


def _agreeing(counts: Counter[str], total: int) -> float:
    """The share of pairs of repeats that say the same."""
    return sum(n * (n - 1) for n in counts.values()) / (total * (total - 1))


def _by_item(evaluations: Sequence[Graded | Ungraded]) -> dict[str, list[str]]:
    """What each repeat says of each item; an ungraded answer says "ungraded" of all of them."""
    graded = [one for one in evaluations if isinstance(one, Graded)]
    if not graded:
        return {"(the answer)": ["ungraded"] * len(evaluations)}
    items = [*(one.id for one in graded[0].criteria), *(one.id for one in graded[0].red_flags)]
    said: dict[str, list[str]] = {item: [] for item in items}
    for one in evaluations:
        verdicts = _verdicts(one) if isinstance(one, Graded) else dict.fromkeys(items, "ungraded")
        for item in items:
            said[item].append(verdicts[item])
    return said


def _verdicts(graded: Graded) -> dict[str, str]:
    flags = {one.id: {True: "present", False: "absent", None: "unassessed"}[one.present] for one in graded.red_flags}
    return {one.id: str(one.verdict) for one in graded.criteria} | flags
