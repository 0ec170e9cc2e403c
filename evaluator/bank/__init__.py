"""Files of questions and rubrics to checked objects, and what their wording gives away."""

from evaluator.bank.bank import Bank, fitting, load_bank
from evaluator.bank.convert import parse
from evaluator.bank.files import WINDOWS_NAMES
from evaluator.bank.labels import Labelled, raise_problems, read_labels, read_records
from evaluator.bank.lints import Lint, content_terms, lint_rubric
from evaluator.bank.source import Source, read_source, shown

__all__ = [
    "WINDOWS_NAMES",
    "Bank",
    "Labelled",
    "Lint",
    "Source",
    "content_terms",
    "fitting",
    "lint_rubric",
    "load_bank",
    "parse",
    "raise_problems",
    "read_labels",
    "read_records",
    "read_source",
    "shown",
]
