"""Fits the small model of both regimes, tests it with one question left out at a time, writes calibration.json.

No label of a question has any part in the figures for that question: means, scales and coefficients are fitted anew
without it. The published model is then fitted on all questions.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from agreement import Floats, Ints, auc, macro_f1, pearson, weighted_kappa
from bank import Labelled, load_gold
from measure import Row, bank, rows_of

from evaluator.domain import Rubric
from evaluator.judges.embedded.calibration import Chance, FlagModel, OrdinalModel
from evaluator.judges.embedded.classifier import sigmoid
from evaluator.judges.embedded.findings import likeness
from evaluator.judges.embedded.points import confidence_in, points_met

FEATURES = ("classifier", "nearest_reject", "vocabulary", "others")
FLAG_FEATURES = ("classifier", "nearest_three")
PENALTY = 3.0
# Fitted thresholds moved from question to question and agreed no better than these.
THRESHOLDS = (0.45, 0.45)
ECHO_WEIGHT = 0.5
PRECISION = 0.9


@dataclass(frozen=True)
class Verdict:
    """What the model said about one row that had no part in fitting it."""

    row: Row
    chance: Chance
    level: int

    @cached_property
    def points(self) -> tuple[bool, ...]:
        """The points that count as met."""
        return points_met(self.level, self.chance, likeness(self.row.measure))

    @property
    def credit(self) -> float:
        """Points met / points."""
        return sum(self.points) / len(self.points)

    @cached_property
    def said(self) -> int:
        """The verdict that the points give, as the product does: a criterion with one point is never partly met."""
        return 2 if all(self.points) else 1 if any(self.points) else 0

    @property
    def confidence(self) -> float:
        """Probability that the verdict is right."""
        return confidence_in(self.points, self.chance)


def matrix(rows: list[Row], names: tuple[str, ...]) -> Floats:
    """Features of rows, shape (rows, names)."""
    return np.array([[row.measure.values[name] for name in names] for row in rows])


def scaled(values: Floats, mean: Floats, scale: Floats) -> Floats:
    """Standardised and held within four scales."""
    return np.clip((values - mean) / scale, -4, 4)


def fit_ordinal(
    rows: list[Row], weights: Floats, penalty: float = PENALTY, names: tuple[str, ...] = FEATURES
) -> OrdinalModel:
    """Two logits with shared coefficients, an L2 penalty on them, and fixed thresholds."""
    values, level = matrix(rows, names), np.array([row.level for row in rows])
    mean, scale = values.mean(0), values.std(0) + 1e-6
    inputs, width = scaled(values, mean, scale), len(names)
    # Both logits in one regression: every row twice, each time with its own intercept.
    ones, zeros = np.ones((len(rows), 1)), np.zeros((len(rows), 1))
    twice = np.block([[inputs, ones, zeros], [inputs, zeros, ones]])
    truth = np.concatenate([(level >= 1).astype(float), (level >= 2).astype(float)])
    theta = logistic(twice, truth, np.tile(weights, 2), np.append(np.full(width, penalty), [0.0, 0.0]))
    intercepts = (float(theta[width]), float(theta[width + 1]))
    features = {
        name: (float(mean[index]), float(scale[index]), float(theta[index])) for index, name in enumerate(names)
    }
    return OrdinalModel(features, intercepts, THRESHOLDS)


def logistic(inputs: Floats, truth: Floats, weights: Floats, penalty: Floats) -> Floats:
    """Coefficients of a logistic regression with an L2 penalty for each, by Newton steps."""
    theta = np.zeros(inputs.shape[1])
    for _ in range(25):
        chance = sigmoid(inputs @ theta)
        gradient = inputs.T @ (weights * (chance - truth)) + 2 * penalty * theta
        curvature = (inputs * (weights * chance * (1 - chance))[:, None]).T @ inputs + np.diag(2 * penalty + 1e-9)
        theta -= np.linalg.solve(curvature, gradient)
    return theta


def fit_flags(criteria: list[Row], flags: list[Row]) -> FlagModel:
    """One logit fitted on criteria and red flags together (flags alone have too few positives), threshold on flags."""
    rows = criteria + flags
    values, truth = matrix(rows, FLAG_FEATURES), np.array([float(row.level == 2) for row in rows])
    mean, scale = values.mean(0), values.std(0) + 1e-6
    inputs, width = scaled(values, mean, scale), len(FLAG_FEATURES)

    ones = np.ones((len(rows), 1))
    theta = logistic(np.hstack([inputs, ones]), truth, np.ones(len(rows)), np.append(np.full(width, PENALTY), 0.0))
    chance = sigmoid(scaled(matrix(flags, FLAG_FEATURES), mean, scale) @ theta[:width] + theta[width])
    level = np.array([row.level for row in flags])
    refused = np.array([row.refused for row in flags])
    present = flag_threshold(chance[~refused], level[~refused])
    features = {
        name: (float(mean[index]), float(scale[index]), float(theta[index])) for index, name in enumerate(FLAG_FEATURES)
    }
    return FlagModel(features, float(theta[width]), present, round(present * 0.6, 3))


def flag_threshold(chance: Floats, level: Ints) -> float:
    """The lowest threshold that keeps the wanted precision, half-way down to the next false alarm; at least 0.3."""
    best, order = 0.9, np.sort(np.unique(chance))[::-1]
    for index, threshold in enumerate(order):
        said = chance >= threshold
        # A flag that is hinted at is neither right nor wrong.
        right, wrong = int((said & (level == 2)).sum()), int((said & (level == 0)).sum())
        if right and right / (right + wrong) >= PRECISION:
            below = order[index + 1] if index + 1 < len(order) else threshold
            best = (threshold + below) / 2
    return round(float(max(0.3, best)), 3)


def judge(model: OrdinalModel, rows: list[Row]) -> list[Verdict]:
    """The model's verdict on rows."""
    verdicts = []
    for row in rows:
        chance = model.chance(row.measure.values)
        verdicts.append(Verdict(row, chance, model.level(chance)))
    return verdicts


def left_out(
    plain: list[Row], echo: list[Row], tested: list[Row]
) -> tuple[list[Verdict], list[tuple[Row, float, FlagModel]]]:
    """Verdicts and chances of flags on `tested`, each question judged by models fitted without it."""
    verdicts, flags = [], []
    for question in sorted({row.question for row in tested}):
        train = [row for row in plain if row.question != question]
        extra = [row for row in echo if row.question != question]
        model, flag_model = fit_both(train, extra)
        mine = [row for row in tested if row.question == question]
        verdicts += judge(model, [row for row in mine if not row.is_flag])
        flags += [(row, flag_model.chance(row.measure.values), flag_model) for row in mine if row.is_flag]
    return verdicts, flags


def fit_both(plain: list[Row], echo: list[Row]) -> tuple[OrdinalModel, FlagModel]:
    """The model of criteria and that of red flags."""
    criteria, echoes = ([row for row in part if not row.is_flag] for part in (plain, echo))
    weights = np.concatenate([np.ones(len(criteria)), np.full(len(echoes), ECHO_WEIGHT)])
    flags = [row for part in (plain, echo) for row in part if row.is_flag]
    return fit_ordinal(criteria + echoes, weights), fit_flags(criteria + echoes, flags)


def score(rubric: Rubric, credit: dict[str, float], present: set[str]) -> float:
    """The score as the product computes it (scoring/scorecard.py); `credit` leaves out what is unassessed."""
    assessed = [criterion for criterion in rubric.criteria if criterion.id in credit]
    total = sum(criterion.weight for criterion in assessed)
    if not total:
        return float("nan")
    value = 100 * sum(criterion.weight * credit[criterion.id] for criterion in assessed) / total
    return max(0.0, value - sum(flag.penalty for flag in rubric.red_flags if flag.id in present))


@dataclass(frozen=True)
class Scores:
    """Scores by answer: the judge's, that of the labels, and the labeller's own."""

    said: Floats
    truth: Floats
    given: Floats


def scores_of(
    verdicts: list[Verdict], flags: list[tuple[Row, float, FlagModel]], gold: dict[str, Labelled], most: float
) -> Scores:
    """The scores of all answers; criteria with a doubt over `most` are left out."""
    by_answer: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        by_answer.setdefault(verdict.row.answer, []).append(verdict)
    raised = {(row.answer, row.item) for row, chance, model in flags if chance >= model.present and not row.refused}
    said, truth, given = [], [], []
    for answer, found in by_answer.items():
        label = gold[answer]
        rubric = bank().rubric(label.question)
        credit = {v.row.item: v.credit for v in found if v.chance.doubt <= most}
        real = {v.row.item: float(np.mean(v.row.points)) for v in found}
        said.append(score(rubric, credit, {flag for name, flag in raised if name == answer}))
        truth.append(score(rubric, real, {flag.id for flag in rubric.red_flags if label.labels[flag.id] == "met"}))
        given.append(label.score)
    return Scores(np.array(said), np.array(truth), np.array(given))


def figures(verdicts: list[Verdict], scores: Scores, most: float = 1.0) -> dict[str, float]:
    """All agreement figures; unassessed criteria are counted apart."""
    kept = [v for v in verdicts if v.chance.doubt <= most]
    truth = np.array([v.row.level for v in kept])
    said = np.array([v.said for v in kept])
    expected = np.array([v.chance.expected for v in kept])
    usable = ~np.isnan(scores.said)
    met = (truth == 2).astype(int)
    return {
        "criteria": len(kept),
        "unassessed": 1 - len(kept) / len(verdicts),
        "qwk": weighted_kappa(truth, said, 3),
        "kappa": weighted_kappa(met, (said == 2).astype(int), 2),
        "auc": auc(met, expected),
        "accuracy": float((truth == said).mean()),
        "accuracy_met": float((met == (said == 2)).mean()),
        "majority": float(np.bincount(truth).max() / len(truth)),
        "macro_f1": macro_f1(truth, said, 3),
        "met_said": float((said == 2).mean()),
        "met_truth": float(met.mean()),
        "pearson": pearson(scores.said[usable], scores.truth[usable]),
        "pearson_given": pearson(scores.said[usable], scores.given[usable]),
        "mae": float(np.abs(scores.said - scores.truth)[usable].mean()),
        "bias": float((scores.said - scores.truth)[usable].mean()),
    }


def main() -> None:
    """Print the figures of both regimes (a quick look; `publish.py` writes the files)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("encoders", type=Path)
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--regimes", nargs="+", default=["shipped", "foreign"])
    options = parser.parse_args()
    gold = {answer.id: answer for answer in load_gold()}
    for regime in options.regimes:
        plain, echo = rows_of(options.encoders, regime, options.folds)
        for name, tested in (("plain", plain), ("echo", echo)):
            verdicts, flags = left_out(plain, echo, tested)
            found = figures(verdicts, scores_of(verdicts, flags, gold, 1.0))
            said = [(row.level, chance >= model.present) for row, chance, model in flags]
            right, wrong = sum(lv == 2 and s for lv, s in said), sum(lv == 0 and s for lv, s in said)
            print(regime, name, json.dumps({key: round(value, 3) for key, value in found.items()}))
            print(
                "  flags raised right",
                right,
                "wrong",
                wrong,
                "hinted",
                sum(lv == 1 and s for lv, s in said),
                "of",
                sum(lv == 2 for lv, _ in said),
            )


if __name__ == "__main__":
    main()
