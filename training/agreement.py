"""Agreement figures for training and its report: plain functions on arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def weighted_kappa(truth: Ints, said: Ints, levels: int) -> float:
    """Cohen's kappa with quadratic weights (plain kappa for two levels)."""
    table = np.zeros((levels, levels))
    np.add.at(table, (truth, said), 1)
    expected = np.outer(table.sum(1), table.sum(0)) / table.sum()
    weight = np.subtract.outer(np.arange(levels), np.arange(levels)) ** 2
    below = float((weight * expected).sum())
    return 1 - float((weight * table).sum()) / below if below else 1.0


def auc(truth: Ints, score: Floats) -> float:
    """Chance that a positive is ranked above a negative; ties count half."""
    positive, negative = score[truth == 1], score[truth == 0]
    if not len(positive) or not len(negative):
        return float("nan")
    wins = (positive[:, None] > negative[None, :]).mean() + 0.5 * (positive[:, None] == negative[None, :]).mean()
    return float(wins)


def macro_f1(truth: Ints, said: Ints, levels: int) -> float:
    """Mean over the levels of the F1 of each."""
    scores = []
    for level in range(levels):
        both = int(((truth == level) & (said == level)).sum())
        total = int((truth == level).sum() + (said == level).sum())
        scores.append(2 * both / total if total else 1.0)
    return float(np.mean(scores))


def pearson(one: Floats, other: Floats) -> float:
    """Linear correlation; not a number where one side is constant."""
    if len(one) < 2 or one.std() == 0 or other.std() == 0:
        return float("nan")
    return float(np.corrcoef(one, other)[0, 1])
