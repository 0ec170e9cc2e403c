"""Runs: grade one answer, and (later) many."""

from evaluator.runs.fingerprint import fingerprint
from evaluator.runs.grade_one import grade_one

__all__ = ["fingerprint", "grade_one"]
