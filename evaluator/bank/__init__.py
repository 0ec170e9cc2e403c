"""Files of questions and rubrics to checked objects, and what their wording gives away."""

from evaluator.bank.bank import Bank, load_bank
from evaluator.bank.lints import Lint, content_terms, lint_rubric

__all__ = ["Bank", "Lint", "content_terms", "lint_rubric", "load_bank"]
