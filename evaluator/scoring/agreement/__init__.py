"""How well a judge agrees with people, or with another judge. Pure arithmetic."""

from evaluator.scoring.agreement.baseline import majority
from evaluator.scoring.agreement.bootstrap import with_intervals
from evaluator.scoring.agreement.categorical import (
    accuracy,
    cohen_kappa,
    f1,
    macro_f1,
    quadratic_kappa,
    share_of_judge,
    share_of_truth,
)
from evaluator.scoring.agreement.compare import Block, Bootstrap, Comparison, alpha_of, compare
from evaluator.scoring.agreement.confusion import LEVELS, confusion, met_or_not
from evaluator.scoring.agreement.figure import Figure
from evaluator.scoring.agreement.krippendorff import ordinal_alpha
from evaluator.scoring.agreement.numeric import Sums, bias, mean_absolute_error, pearson, sums
from evaluator.scoring.agreement.raters import Item, Rater, rater_of, score_of_labels

__all__ = [
    "LEVELS",
    "Block",
    "Bootstrap",
    "Comparison",
    "Figure",
    "Item",
    "Rater",
    "Sums",
    "accuracy",
    "alpha_of",
    "bias",
    "cohen_kappa",
    "compare",
    "confusion",
    "f1",
    "macro_f1",
    "majority",
    "mean_absolute_error",
    "met_or_not",
    "ordinal_alpha",
    "pearson",
    "quadratic_kappa",
    "rater_of",
    "score_of_labels",
    "share_of_judge",
    "share_of_truth",
    "sums",
    "with_intervals",
]
