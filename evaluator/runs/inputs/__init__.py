"""Answers of a batch: a table, JSON lines or a folder, as rows; wrong ones as problems."""

from evaluator.runs.inputs.check import CheckedRow, check_rows
from evaluator.runs.inputs.read import Source, open_source
from evaluator.runs.inputs.row import InputRow, LastProblem

__all__ = ["CheckedRow", "InputRow", "LastProblem", "Source", "check_rows", "open_source"]
