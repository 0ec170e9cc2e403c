"""Each figure against numbers worked out by hand or published."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evaluator.scoring.agreement import (
    Figure,
    accuracy,
    bias,
    cohen_kappa,
    confusion,
    f1,
    macro_f1,
    majority,
    mean_absolute_error,
    met_or_not,
    ordinal_alpha,
    pearson,
    quadratic_kappa,
    share_of_judge,
    share_of_truth,
    sums,
    with_intervals,
)

THREE = [[5, 1, 0], [2, 3, 1], [0, 2, 6]]
"""Rows are the truth, columns the judge; 20 pairs, 14 of them on the diagonal."""
NOTHING = [[0, 0, 0]] * 3
PROPOSALS = [[20, 5], [10, 15]]
"""Fifty grant proposals and two readers, the worked example of many textbooks; kappa is 0.40."""

ANSCOMBE_I = list(
    zip(
        [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5],
        [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68],
        strict=True,
    )
)
_: int | None = None
FOUR_OBSERVERS = [
    (1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3),
    (_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _),
]
"""The reliability data of Krippendorff (2011), section C: twelve units, ordinal alpha 0.815."""


def test_confusion_counts_truth_by_judge() -> None:
    """A pair is counted in the row of the truth and the column of the judge."""
    assert confusion([("met", "partial"), ("met", "met"), ("missed", "met")]) == [[0, 0, 1], [0, 0, 0], [0, 1, 1]]


def test_confusion_refuses_a_foreign_level() -> None:
    """A verdict that is none of the levels is an error and not the nearest level."""
    with pytest.raises(ValueError, match="unassessed"):
        confusion([("met", "unassessed")])


def test_met_or_not_folds_the_lower_levels() -> None:
    """Missed and partial together are "not met"."""
    assert met_or_not(THREE) == [[11, 1], [2, 6]]


def test_accuracy_by_hand() -> None:
    """14 of 20 pairs agree."""
    assert accuracy(THREE) == Figure(0.7)


def test_kappa_of_the_textbook() -> None:
    """Observed 0.7, expected 0.5: kappa 0.4."""
    assert cohen_kappa(PROPOSALS).value == pytest.approx(0.4)


def test_kappa_of_one_constant_rater_is_zero() -> None:
    """A judge that always says "met" agrees as chance does, which is a value and not undefined."""
    assert cohen_kappa([[0, 5], [0, 5]]) == Figure(0.0)


def test_quadratic_kappa_by_hand() -> None:
    """Observed 1 + 2 + 1 + 2 = 6; expected (36 + 42 + 42 + 48 + 4 x 42 + 4 x 56) / 20 = 28."""
    assert quadratic_kappa(THREE).value == pytest.approx(1 - 6 / 28)


def test_quadratic_kappa_of_two_levels_is_kappa() -> None:
    """With two levels there is one distance, and the weights change nothing."""
    assert quadratic_kappa(PROPOSALS).value == pytest.approx(0.4)


def test_quadratic_kappa_punishes_distance() -> None:
    """Missed for met is worse than partial for met."""
    near, far = [[5, 0, 0], [0, 5, 0], [0, 2, 3]], [[5, 0, 0], [0, 5, 0], [2, 0, 3]]
    assert (quadratic_kappa(near).value or 0) > (quadratic_kappa(far).value or 0)


def test_f1_by_hand() -> None:
    """Missed: 5 hits, 6 in the truth and 7 by the judge, so 10 / 13; partial 6 / 12; met 12 / 15."""
    assert [f1(THREE, i).value for i in range(3)] == pytest.approx([10 / 13, 0.5, 0.8])
    assert macro_f1(THREE).value == pytest.approx((10 / 13 + 0.5 + 0.8) / 3)


def test_f1_of_a_level_that_nobody_gives() -> None:
    """It is undefined with a reason, and the mean leaves it out."""
    matrix = [[2, 0, 0], [0, 0, 0], [0, 0, 2]]
    assert f1(matrix, 1) == Figure(None, "neither ever gives this level")
    assert macro_f1(matrix) == Figure(1.0)


def test_shares_by_hand() -> None:
    """The truth says met 8 times of 20, the judge 7 times."""
    assert (share_of_truth(THREE, 2).value, share_of_judge(THREE, 2).value) == (0.4, 0.35)


@pytest.mark.parametrize("figure", [accuracy, cohen_kappa, quadratic_kappa, macro_f1, lambda m: f1(m, 0)])
def test_no_pairs(figure: object) -> None:
    """With nothing to compare every figure is None with that reason."""
    assert callable(figure)
    assert figure(NOTHING) == Figure(None, "there is nothing to compare")


def test_one_pair() -> None:
    """One agreeing pair: accuracy is 1, and chance-corrected figures are undefined."""
    one = [[0, 0, 0], [0, 0, 0], [0, 0, 1]]
    assert accuracy(one) == Figure(1.0)
    assert macro_f1(one) == Figure(1.0)
    for figure in (cohen_kappa(one), quadratic_kappa(one)):
        assert figure == Figure(None, "both give one and the same level throughout")


def test_one_differing_pair() -> None:
    """One pair that differs: accuracy 0, kappa 0 (expected agreement is 0)."""
    one = [[0, 0, 0], [0, 0, 0], [1, 0, 0]]
    assert accuracy(one) == Figure(0.0)
    assert cohen_kappa(one) == Figure(0.0)


def test_pearson_of_anscombe() -> None:
    """The first of Anscombe's data sets (1973) has r = 0.816."""
    assert pearson(sums(ANSCOMBE_I)).value == pytest.approx(0.8164, abs=5e-5)


def test_error_and_bias_by_hand() -> None:
    """Differences 10, -20 and 4: mean error 34 / 3, bias -2."""
    added = sums([(50, 60), (80, 60), (20, 24)])
    assert mean_absolute_error(added).value == pytest.approx(34 / 3)
    assert bias(added).value == pytest.approx(-2)


def test_scores_none_one_and_two() -> None:
    """No scores: undefined; one: an error but no correlation; two: still no correlation."""
    assert mean_absolute_error(sums([])) == Figure(None, "there are no scores to compare")
    assert pearson(sums([])) == Figure(None, "there are no scores to compare")
    assert mean_absolute_error(sums([(40, 50)])) == Figure(10.0)
    assert pearson(sums([(40, 50)])) == Figure(None, "two pairs always lie on a line")
    assert pearson(sums([(40, 50), (50, 40)])) == Figure(None, "two pairs always lie on a line")


def test_pearson_of_a_constant() -> None:
    """A rater that always gives the same score has no correlation, also where sums are rounded."""
    assert pearson(sums([(10, 33.3), (50, 33.3), (70, 33.3)])) == Figure(None, "one of the two never varies")


def test_alpha_published() -> None:
    """Four observers, missing values: ordinal alpha is 0.815."""
    units = [[None if v is None else v - 1 for v in unit] for unit in zip(*FOUR_OBSERVERS, strict=True)]
    assert ordinal_alpha(units, 5).value == pytest.approx(0.815, abs=5e-4)


def test_alpha_perfect_none_and_one() -> None:
    """Perfect agreement is 1; nothing shared, one single rating and no variation are undefined with their reasons."""
    assert ordinal_alpha([(0, 0), (2, 2), (1, 1)], 3) == Figure(1.0)
    assert ordinal_alpha([], 3) == Figure(None, "nothing was rated by two")
    assert ordinal_alpha([(1, None)], 3) == Figure(None, "nothing was rated by two")
    assert ordinal_alpha([(1, 1)], 3) == Figure(None, "all ratings are the same")


def test_majority_takes_the_lower_of_equals() -> None:
    """The commonest label of each criterion; of equally common ones the lower; of nothing, nothing."""
    labels = [("a", "met"), ("a", "met"), ("a", "missed"), ("b", "met"), ("b", "partial")]
    assert majority(labels) == {"a": "met", "b": "partial"}
    assert majority([("a", "met")]) == {"a": "met"}
    assert majority(list[tuple[str, str]]()) == {}


def test_interval_is_seeded_and_holds_the_mean() -> None:
    """The same seed gives the same interval; for a mean it is close to plus and minus two standard errors."""
    values = np.array([[float(v), 1.0] for v in range(100)])
    statistics = {"mean": lambda row: Figure(row[0] / row[1])}
    one, again = (with_intervals(statistics, values, resamples=2000, seed=7)["mean"] for _ in range(2))
    assert one == again
    assert one.value == 49.5
    spread = 1.96 * math.sqrt((100**2 - 1) / 12 / 100)
    assert one.low == pytest.approx(49.5 - spread, abs=0.6)
    assert one.high == pytest.approx(49.5 + spread, abs=0.6)


def test_interval_draws_answers_and_not_labels() -> None:
    """Ten labels that always agree within an answer are as uncertain as one label of each answer."""
    single = np.array([[1.0, 1.0]] * 10 + [[0.0, 1.0]] * 10)
    share = {"share": lambda row: Figure(row[0] / row[1])}
    assert with_intervals(share, single, seed=1) == with_intervals(share, single * 10, seed=1)


def test_no_interval_for_no_answer_one_answer_and_no_resamples() -> None:
    """There is a figure, and no interval around it."""
    share = {"share": lambda row: Figure(row[0]) if row[1] else Figure(None, "nothing")}
    assert with_intervals(share, np.zeros((0, 2)))["share"] == Figure(None, "nothing")
    assert with_intervals(share, np.array([[1.0, 1.0]]))["share"] == Figure(1.0)
    assert with_intervals(share, np.array([[1.0, 1.0]] * 5), resamples=0)["share"] == Figure(5.0)


def test_no_interval_where_mostly_undefined() -> None:
    """A figure that a good part of the resamples leaves undefined has no interval rather than a lucky one."""
    rare = np.array([[1.0]] + [[0.0]] * 9)
    figure = with_intervals({"rare": lambda row: Figure(1.0) if row[0] else Figure(None, "absent")}, rare)["rare"]
    assert figure == Figure(1.0)
