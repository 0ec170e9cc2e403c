"""Findings to scores: pure arithmetic."""

from evaluator.scoring.scorecard import band, credit, score, unassessed_share

__all__ = ["band", "credit", "score", "unassessed_share"]
