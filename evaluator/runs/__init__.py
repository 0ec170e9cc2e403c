"""Runs: grade one answer, or many that are kept in a file."""

from evaluator.runs.fingerprint import fingerprint
from evaluator.runs.grade_one import grade_one

__all__ = ["fingerprint", "grade_one"]
