"""A small logistic regression for one criterion, fitted from its example sentences when its rubric is first used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from evaluator.judges.embedded.encoder import Vectors

# Chosen on the labelled answers, see docs/embedded-judge.md.
_PENALTY = 0.3
_MIXED = 40
_STEPS = 8
_SEED = 0
_FLOOR = 1e-6


@dataclass(frozen=True, slots=True)
class SentenceClassifier:
    """Says how much a sentence looks like one that meets the criterion: log odds, 0 where it could go either way."""

    weights: NDArray[np.float64]
    bias: float

    def log_odds(self, vectors: Vectors) -> NDArray[np.float64]:
        """One number per row of `vectors`."""
        scores: NDArray[np.float64] = vectors.astype(np.float64) @ self.weights + self.bias
        return scores


def fit(accept: Vectors, reject: Vectors, other: Vectors, penalty: float = _PENALTY) -> SentenceClassifier:
    """Fit a classifier of `accept` against `reject` (examples that sound close) and `other` (the rest of the rubric).

    Half sums of two sentences are added to both sides, since a sentence of an answer often holds something of another
    criterion too. Both sides count the same; among the negatives, `reject` counts as much as `other`.
    """
    rng = np.random.default_rng(_SEED)
    rows, weights, truth = [accept], [np.full(len(accept), 1 / len(accept))], [np.ones(len(accept))]
    for part in (reject, other):
        if len(part):
            rows.append(part)
            weights.append(np.full(len(part), 0.5 / len(part)))
            truth.append(np.zeros(len(part)))
    if len(other):
        partner = other[rng.integers(len(other), size=_MIXED)]
        rows.append(_unit(accept[rng.integers(len(accept), size=_MIXED)] + partner))
        weights.append(np.full(_MIXED, 0.5 / _MIXED))
        truth.append(np.ones(_MIXED))
        rows.append(_unit(partner + other[rng.integers(len(other), size=_MIXED)]))
        weights.append(np.full(_MIXED, 0.25 / _MIXED))
        truth.append(np.zeros(_MIXED))
    joined = np.concatenate(weights)
    scaled = joined * len(joined) / joined.sum()
    return _newton(np.concatenate(rows).astype(np.float64), np.concatenate(truth), scaled, penalty)


def _newton(
    rows: NDArray[np.float64], truth: NDArray[np.float64], weights: NDArray[np.float64], penalty: float
) -> SentenceClassifier:
    """Penalised logistic regression by Newton steps in the span of the rows (there are fewer rows than dimensions)."""
    size = len(truth)
    kernel = rows @ rows.T
    system = np.zeros((size + 1, size + 1))
    system[:size, size] = system[size, :size] = 1
    dual, bias = np.zeros(size), 0.0
    for _ in range(_STEPS):
        chance = sigmoid(kernel @ dual + bias)
        curvature = weights * chance * (1 - chance) + _FLOOR
        target = kernel @ dual + bias + weights * (truth - chance) / curvature
        system[:size, :size] = kernel + np.diag(penalty / curvature)
        solution = np.linalg.solve(system, np.append(target, 0.0))
        dual, bias = solution[:size], float(solution[size])
    return SentenceClassifier(rows.T @ dual, bias)


def sigmoid(value: NDArray[np.float64]) -> NDArray[np.float64]:
    """The logistic function, safe for large values."""
    chance: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(value, -30, 30)))
    return chance


def _unit(rows: Vectors) -> Vectors:
    return cast("Vectors", rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), _FLOOR))
