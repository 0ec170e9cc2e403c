"""Does a rubric prove itself? Its wording, its examples, its model answer, and texts that must score nothing."""

from evaluator.proof.behaviour import Behaviour, Matrix, observe
from evaluator.proof.check import Check, Remark, RubricReport, check_rubrics, misbehaviour
from evaluator.proof.examples import lint_examples
from evaluator.proof.probes import OFF_TOPIC, keyword_soup

__all__ = [
    "OFF_TOPIC",
    "Behaviour",
    "Check",
    "Matrix",
    "Remark",
    "RubricReport",
    "check_rubrics",
    "keyword_soup",
    "lint_examples",
    "misbehaviour",
    "observe",
]
