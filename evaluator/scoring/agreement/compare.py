"""One rater against another, as a whole and in groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from evaluator.scoring.agreement import categorical as cat
from evaluator.scoring.agreement.baseline import majority
from evaluator.scoring.agreement.bootstrap import RESAMPLES, SEED, Statistic, with_intervals
from evaluator.scoring.agreement.confusion import LEVELS, Matrix, confusion, met_or_not
from evaluator.scoring.agreement.figure import Figure
from evaluator.scoring.agreement.krippendorff import ordinal_alpha
from evaluator.scoring.agreement.numeric import Sums, bias, mean_absolute_error, pearson, sums
from evaluator.scoring.agreement.raters import Item, Rater

PRESENT = ("absent", "present")


@dataclass(frozen=True, slots=True)
class Pair:
    """One thing that both rated, with what each said and what never reading the answer would say."""

    item: Item
    truth: str
    judge: str
    majority: str


@dataclass(frozen=True, slots=True)
class Block:
    """Agreement on some of the pairs.

    `unjudged` counts labels for which the judge said nothing; they are in no figure. `majority` has the same figures
    for the commonest level of each criterion.
    """

    answers: int
    pairs: int
    unjudged: int
    figures: Mapping[str, Figure]
    majority: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A judge against one truth. Groups are keyed by question id, "question/criterion" and the value of a column."""

    truth: str
    overall: Block
    red_flags: Block
    by_question: Mapping[str, Block]
    by_criterion: Mapping[str, Block]
    by_group: Mapping[str, Block]


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """How intervals are made: number of resamples (0: no intervals) and the seed."""

    resamples: int = RESAMPLES
    seed: int = SEED


def compare(
    judge: Rater, truth: Rater, *, group_of: Mapping[str, str] | None = None, bootstrap: Bootstrap | None = None
) -> Comparison:
    """Compare a judge with a truth, where both said something.

    Args:
        judge: The rater under test.
        truth: The rater it is measured against.
        group_of: Answer id to group, for instance the style an answer was written in.
        bootstrap: How intervals are made.
    """
    how = bootstrap or Bootstrap()
    pairs = _pairs(judge.verdicts, truth.verdicts)
    unjudged = [item for item in truth.verdicts if item not in judge.verdicts]
    scores = {a: (truth.scores[a], judge.scores[a]) for a in truth.scores if a in judge.scores}
    question_of = {item.answer: item.question for item in (*judge.verdicts, *truth.verdicts)}
    by_answer = _Material(pairs, unjudged, scores)
    return Comparison(
        truth=truth.name,
        overall=_block(by_answer, how),
        red_flags=_flags(judge, truth, how),
        by_question={name: _block(part, how) for name, part in by_answer.split(question_of).items()},
        by_criterion={name: _block(part, how) for name, part in by_answer.split_by_criterion().items()},
        by_group={name: _block(part, how) for name, part in by_answer.split(group_of or {}).items()},
    )


@dataclass(frozen=True, slots=True)
class _Material:
    """What a block is made of: pairs in order of their answers, labels without a verdict, scores by answer id."""

    pairs: list[Pair]
    unjudged: list[Item]
    scores: dict[str, tuple[float, float]]

    def split(self, name_of: Mapping[str, str]) -> dict[str, _Material]:
        """By a name of each answer; answers without one are left out."""
        parts: dict[str, _Material] = {}
        for name in sorted({name_of[a] for a in self._answers() if a in name_of}):
            parts[name] = _Material([], [], {})
        for pair in self.pairs:
            if pair.item.answer in name_of:
                parts[name_of[pair.item.answer]].pairs.append(pair)
        for item in self.unjudged:
            if item.answer in name_of:
                parts[name_of[item.answer]].unjudged.append(item)
        for answer, score in self.scores.items():
            if answer in name_of:
                parts[name_of[answer]].scores[answer] = score
        return parts

    def split_by_criterion(self) -> dict[str, _Material]:
        """By "question/criterion"; an answer has no score for one criterion."""
        parts: dict[str, _Material] = {}
        for name in sorted({(i.question, i.criterion) for i in (*(p.item for p in self.pairs), *self.unjudged)}):
            parts["/".join(name)] = _Material([], [], {})
        for pair in self.pairs:
            parts[f"{pair.item.question}/{pair.item.criterion}"].pairs.append(pair)
        for item in self.unjudged:
            parts[f"{item.question}/{item.criterion}"].unjudged.append(item)
        return parts

    def _answers(self) -> set[str]:
        return {p.item.answer for p in self.pairs} | {i.answer for i in self.unjudged} | set(self.scores)


def alpha_of(raters: Sequence[Rater]) -> Figure:
    """Krippendorff's ordinal alpha of two or more raters on the verdicts."""
    items = sorted({item for rater in raters for item in rater.verdicts})
    index = {level: number for number, level in enumerate(LEVELS)}
    units = ([index[r.verdicts[item]] if item in r.verdicts else None for r in raters] for item in items)
    return ordinal_alpha(units, len(LEVELS))


def _pairs(judge: Mapping[Item, str], truth: Mapping[Item, str], levels: Sequence[str] = LEVELS) -> list[Pair]:
    both = sorted(item for item in truth if item in judge)
    usual = majority((((item.question, item.criterion), truth[item]) for item in both), levels)
    return [Pair(item, truth[item], judge[item], usual[item.question, item.criterion]) for item in both]


def _block(material: _Material, how: Bootstrap) -> Block:
    by_answer: dict[str, list[Pair]] = {a: [] for a in (*(p.item.answer for p in material.pairs), *material.scores)}
    for pair in material.pairs:
        by_answer[pair.item.answer].append(pair)
    statistics = dict(_VERDICTS)
    parts = _counts(by_answer.values(), lambda p: p.judge, LEVELS)
    if material.scores:
        statistics |= _SCORES
        added = [astuple(sums([material.scores[a]] if a in material.scores else [])) for a in by_answer]
        parts = np.hstack([parts, np.array(added, dtype=float)])
    usual = _counts(by_answer.values(), lambda p: p.majority, LEVELS).sum(axis=0).tolist()
    return Block(
        answers=len(by_answer),
        pairs=len(material.pairs),
        unjudged=len(material.unjudged),
        figures=with_intervals(statistics, parts, resamples=how.resamples, seed=how.seed),
        majority={name: _VERDICTS[name](usual) for name in _OF_MAJORITY},
    )


def _flags(judge: Rater, truth: Rater, how: Bootstrap) -> Block:
    said, true = ({i: PRESENT[p] for i, p in r.red_flags.items()} for r in (judge, truth))
    pairs = _pairs(said, true, PRESENT)
    by_answer = {answer: list(found) for answer, found in groupby(pairs, key=lambda p: p.item.answer)}
    parts = _counts(by_answer.values(), lambda p: p.judge, PRESENT)
    usual = _counts(by_answer.values(), lambda p: p.majority, PRESENT).sum(axis=0).tolist()
    return Block(
        answers=len(by_answer),
        pairs=len(pairs),
        unjudged=sum(item not in said for item in true),
        figures=with_intervals(_PRESENCE, parts, resamples=how.resamples, seed=how.seed),
        majority={name: _PRESENCE[name](usual) for name in ("accuracy", "kappa")},
    )


def _counts(
    answers: Iterable[Sequence[Pair]], said: Callable[[Pair], str], levels: Sequence[str]
) -> NDArray[np.float64]:
    """One row per answer: its confusion matrix laid flat."""
    rows = [np.array(confusion(((p.truth, said(p)) for p in pairs), levels)).ravel() for pairs in answers]
    return np.array(rows, dtype=float).reshape(len(rows), len(levels) ** 2)


def _matrix(row: Sequence[float], size: int) -> list[Sequence[float]]:
    return [row[i * size : (i + 1) * size] for i in range(size)]


def _verdicts(figure: Callable[[Matrix], Figure]) -> Statistic:
    return lambda row: figure(_matrix(row, len(LEVELS)))


def _presence(figure: Callable[[Matrix], Figure]) -> Statistic:
    return lambda row: figure(_matrix(row, len(PRESENT)))


def _score(figure: Callable[[Sums], Figure]) -> Statistic:
    return lambda row: figure(Sums(*row[len(LEVELS) ** 2 :]))


_MET = LEVELS.index("met")
_VERDICTS: dict[str, Statistic] = {
    "accuracy": _verdicts(cat.accuracy),
    "kappa": _verdicts(lambda m: cat.cohen_kappa(met_or_not(m))),
    "qwk": _verdicts(cat.quadratic_kappa),
    "macro_f1": _verdicts(cat.macro_f1),
    "f1_missed": _verdicts(lambda m: cat.f1(m, LEVELS.index("missed"))),
    "f1_partial": _verdicts(lambda m: cat.f1(m, LEVELS.index("partial"))),
    "f1_met": _verdicts(lambda m: cat.f1(m, _MET)),
    "met_judge": _verdicts(lambda m: cat.share_of_judge(m, _MET)),
    "met_truth": _verdicts(lambda m: cat.share_of_truth(m, _MET)),
}
_OF_MAJORITY = ("accuracy", "kappa", "qwk", "macro_f1")
_SCORES: dict[str, Statistic] = {
    "score_mae": _score(mean_absolute_error),
    "score_bias": _score(bias),
    "score_pearson": _score(pearson),
}
_PRESENCE: dict[str, Statistic] = {
    "accuracy": _presence(cat.accuracy),
    "kappa": _presence(cat.cohen_kappa),
    "f1_present": _presence(lambda m: cat.f1(m, 1)),
    "present_judge": _presence(lambda m: cat.share_of_judge(m, 1)),
    "present_truth": _presence(lambda m: cat.share_of_truth(m, 1)),
}
