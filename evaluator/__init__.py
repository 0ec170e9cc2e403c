"""Grade free-text interview answers against rubrics derived from model answers.

>>> from evaluator import grade
>>> evaluation = grade("dora-rollout", open("answer.md").read())
"""

from evaluator.api import grade
from evaluator.bank import Bank, load_bank
from evaluator.domain import Answer, Graded, Question, Rubric, Ungraded
from evaluator.errors import EvaluatorError, JudgeError
from evaluator.judges import Case, Judge, ScriptedJudge

__all__ = [
    "Answer",
    "Bank",
    "Case",
    "EvaluatorError",
    "Graded",
    "Judge",
    "JudgeError",
    "Question",
    "Rubric",
    "ScriptedJudge",
    "Ungraded",
    "grade",
    "load_bank",
]
