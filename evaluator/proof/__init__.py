"""Does a rubric prove itself? Its wording, its examples, its model answer, and texts that must score nothing."""

from evaluator.proof.behaviour import Behaviour, Matrix
from evaluator.proof.check import Check, Remark, RubricReport, check_rubrics

__all__ = ["Behaviour", "Check", "Matrix", "Remark", "RubricReport", "check_rubrics"]
