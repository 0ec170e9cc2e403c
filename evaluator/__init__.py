"""Grade free-text interview answers against rubrics derived from model answers.

>>> from evaluator import grade
>>> evaluation = grade("dora-rollout", "We measured all four figures the same way in every team.")
"""

from evaluator.api import grade
from evaluator.bank import Bank, load_bank
from evaluator.domain import Answer, Assessment, Evidence, Finding, Graded, Question, RedFlagFinding, Rubric, Ungraded
from evaluator.errors import EvaluatorError, JudgeError
from evaluator.judges import Case, Judge, JudgeIdentity, ScriptedJudge

__all__ = [
    "Answer",
    "Assessment",
    "Bank",
    "Case",
    "EvaluatorError",
    "Evidence",
    "Finding",
    "Graded",
    "Judge",
    "JudgeError",
    "JudgeIdentity",
    "Question",
    "RedFlagFinding",
    "Rubric",
    "ScriptedJudge",
    "Ungraded",
    "grade",
    "load_bank",
]
