"""What one rater, a judge or a person, said about a set of answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from evaluator.domain import Graded, Rubric, Ungraded
from evaluator.scoring.agreement.confusion import LEVELS

_CREDIT = {"missed": 0.0, "partial": 0.5, "met": 1.0}


class Item(NamedTuple):
    """One criterion or red flag of one answer."""

    answer: str
    question: str
    criterion: str


@dataclass(frozen=True, slots=True)
class Rater:
    """The verdicts of one rater on criteria, what it said about red flags, and its scores (0 to 100) by answer id.

    What a rater did not say is absent. `ungraded` lists answers that it was given and could not judge.
    """

    name: str
    verdicts: Mapping[Item, str] = field(default_factory=dict)
    red_flags: Mapping[Item, bool] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    ungraded: tuple[str, ...] = ()


def rater_of(name: str, evaluations: Iterable[Graded | Ungraded]) -> Rater:
    """The judge behind a set of evaluations."""
    verdicts: dict[Item, str] = {}
    red_flags: dict[Item, bool] = {}
    scores: dict[str, float] = {}
    ungraded: list[str] = []
    for one in evaluations:
        if isinstance(one, Ungraded):
            ungraded.append(one.answer_id)
            continue
        scores[one.answer_id] = one.score
        for result in one.criteria:
            if result.verdict in LEVELS:
                verdicts[Item(one.answer_id, one.question_id, result.id)] = result.verdict
        for flag in one.red_flags:
            if flag.present is not None:
                red_flags[Item(one.answer_id, one.question_id, flag.id)] = flag.present
    return Rater(name, verdicts, red_flags, scores, tuple(ungraded))


def score_of_labels(rubric: Rubric, labels: Mapping[str, str], points: Mapping[str, tuple[bool, ...]]) -> float | None:
    """The score that labels amount to by the rule of the scale, 0 to 100, rounded to one decimal.

    A criterion earns its share of points met where points are given, else all of its weight for "met" and half for
    "partial". None where a criterion has no label.
    """
    if any(c.id not in labels for c in rubric.criteria):
        return None
    gained = 0.0
    for criterion in rubric.criteria:
        met = points.get(criterion.id)
        gained += criterion.weight * (sum(met) / len(met) if met else _CREDIT[labels[criterion.id]])
    penalty = sum(f.penalty for f in rubric.red_flags if labels.get(f.id) == "met")
    return round(max(0.0, 100 * gained / sum(c.weight for c in rubric.criteria) - penalty), 1)
