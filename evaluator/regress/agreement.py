"""Agreement of results with the labels, and whether a change of it is more than noise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import astuple

import numpy as np
from numpy.typing import NDArray

from evaluator.regress.results import CaseResult
from evaluator.scoring.agreement import (
    LEVELS,
    Figure,
    Sums,
    bias,
    cohen_kappa,
    confusion,
    met_or_not,
    quadratic_kappa,
    sums,
    with_intervals,
)

FIGURES = ("kappa", "qwk", "bias")
_CELLS = len(LEVELS) ** 2
_Row = list[float]


def agreement(results: Mapping[str, CaseResult]) -> dict[str, Figure]:
    """Kappa (met or not), QWK (three levels) and signed bias of the score against the labels, with intervals.

    Whole answers are resampled. Verdicts that are unassessed, and answers that are ungraded or without labels, count
    nowhere; with none left every figure is undefined.
    """
    rows = [_row(one, None) for one in results.values()]
    return with_intervals({name: _figure(name) for name in FIGURES}, _array(rows, _CELLS + len(astuple(Sums()))))


def change(before: Mapping[str, CaseResult], after: Mapping[str, CaseResult]) -> dict[str, Figure]:
    """After less before for each figure of `agreement`, with the interval of a paired bootstrap.

    Only cases and verdicts count that both have, so that the two are compared on the same labels: those of `after`.
    """
    both = sorted(before.keys() & after.keys())
    labelled = {
        id_: before[id_].model_copy(update={"labels": after[id_].labels, "label_score": after[id_].label_score})
        for id_ in both
    }
    rows = [_row(labelled[id_], after[id_]) + _row(after[id_], labelled[id_]) for id_ in both]
    half = _CELLS + len(astuple(Sums()))
    return with_intervals({name: _difference(name, half) for name in FIGURES}, _array(rows, 2 * half))


def is_noise(figure: Figure) -> bool:
    """Whether the interval of a change holds 0; a change without an interval cannot be told from noise."""
    return figure.low is None or figure.high is None or figure.low <= 0 <= figure.high


def _row(one: CaseResult, other: CaseResult | None) -> _Row:
    """Counts of one case: label against verdict, and the score; with `other`, only what both have."""
    pairs = [
        (label, one.verdicts[item])
        for item, label in one.labels.items()
        if label in LEVELS and one.verdicts.get(item) in LEVELS and _shared(item, other)
    ]
    scored = one.score is not None and one.label_score is not None and (other is None or other.score is not None)
    score = [(float(one.label_score or 0), float(one.score or 0))] if scored else []
    return [float(cell) for line in confusion(pairs) for cell in line] + list(astuple(sums(score)))


def _shared(item: str, other: CaseResult | None) -> bool:
    return other is None or other.verdicts.get(item) in LEVELS


def _array(rows: Iterable[_Row], columns: int) -> NDArray[np.float64]:
    kept = list(rows)
    return np.array(kept, dtype=float).reshape(len(kept), columns)


def _figure(name: str, start: int = 0) -> Callable[[Iterable[float]], Figure]:
    def of(values: Iterable[float]) -> Figure:
        row = list(values)[start:]
        if name == "bias":
            return bias(Sums(*row[_CELLS : _CELLS + len(astuple(Sums()))]))
        size = len(LEVELS)
        matrix = [row[i * size : (i + 1) * size] for i in range(size)]
        return cohen_kappa(met_or_not(matrix)) if name == "kappa" else quadratic_kappa(matrix)

    return of


def _difference(name: str, half: int) -> Callable[[Iterable[float]], Figure]:
    first, second = _figure(name), _figure(name, half)

    def of(values: Iterable[float]) -> Figure:
        row = list(values)
        before, after = first(row), second(row)
        if before.value is None or after.value is None:
            return Figure(None, before.reason or after.reason)
        return Figure(after.value - before.value)

    return of
