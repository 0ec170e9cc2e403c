"""Agreement on verdicts, each from a confusion matrix.

No pairs at all: every figure here is undefined. One pair: accuracy and the shares are defined (0 or 1); a kappa is
defined only where the two differ, since chance alone explains an agreement on a single pair.
"""

from __future__ import annotations

from evaluator.scoring.agreement.confusion import Matrix, of_judge, of_truth, total
from evaluator.scoring.agreement.figure import Figure, defined, undefined

NO_PAIRS = "there is nothing to compare"
NO_SPREAD = "both give one and the same level throughout"


def accuracy(matrix: Matrix) -> Figure:
    """Share of the pairs on the diagonal, 0 to 1."""
    n = total(matrix)
    return defined(sum(row[i] for i, row in enumerate(matrix)) / n) if n else undefined(NO_PAIRS)


def cohen_kappa(matrix: Matrix) -> Figure:
    """Agreement beyond chance: (observed - expected) / (1 - expected); 1 is perfect, 0 is chance.

    J. Cohen, A coefficient of agreement for nominal scales, Educational and Psychological Measurement 20 (1960).
    """
    n = total(matrix)
    if not n:
        return undefined(NO_PAIRS)
    observed = sum(row[i] for i, row in enumerate(matrix)) / n
    expected = sum(t * j for t, j in zip(of_truth(matrix), of_judge(matrix), strict=True)) / n**2
    if expected >= 1:
        return undefined(NO_SPREAD)
    return defined((observed - expected) / (1 - expected))


def quadratic_kappa(matrix: Matrix) -> Figure:
    """Kappa where a pair two levels apart counts four times as bad as one level (QWK), -1 to 1.

    1 - sum(d^2 x observed) / sum(d^2 x expected), d being the distance in levels. J. Cohen, Weighted kappa,
    Psychological Bulletin 70 (1968).
    """
    n = total(matrix)
    if not n:
        return undefined(NO_PAIRS)
    truth, judge = of_truth(matrix), of_judge(matrix)
    cells = [(i, j) for i in range(len(matrix)) for j in range(len(matrix))]
    observed = sum((i - j) ** 2 * matrix[i][j] for i, j in cells)
    expected = sum((i - j) ** 2 * truth[i] * judge[j] for i, j in cells) / n
    return defined(1 - observed / expected) if expected else undefined(NO_SPREAD)


def f1(matrix: Matrix, level: int) -> Figure:
    """Harmonic mean of precision and recall of one level (its index), 0 to 1.

    2 x hits / (times in the truth + times by the judge): C. J. van Rijsbergen, Information Retrieval (1979), chapter 7.
    """
    if not total(matrix):
        return undefined(NO_PAIRS)
    seen = of_truth(matrix)[level] + of_judge(matrix)[level]
    return defined(2 * matrix[level][level] / seen) if seen else undefined("neither ever gives this level")


def macro_f1(matrix: Matrix) -> Figure:
    """Mean F1 of the levels that the truth or the judge gives at least once."""
    values = [value for i in range(len(matrix)) if (value := f1(matrix, i).value) is not None]
    return defined(sum(values) / len(values)) if values else undefined(NO_PAIRS)


def share_of_truth(matrix: Matrix, level: int) -> Figure:
    """Share of the pairs, 0 to 1, to which the truth gives a level."""
    n = total(matrix)
    return defined(of_truth(matrix)[level] / n) if n else undefined(NO_PAIRS)


def share_of_judge(matrix: Matrix, level: int) -> Figure:
    """Share of the pairs, 0 to 1, to which the judge gives a level."""
    n = total(matrix)
    return defined(of_judge(matrix)[level] / n) if n else undefined(NO_PAIRS)
