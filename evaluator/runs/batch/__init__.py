"""Grade many answers: plan what is to do, do it within limits, and stop without losing anything."""

from evaluator.runs.batch.budget import Budget
from evaluator.runs.batch.course import Ended, Limits, Progress, Stop
from evaluator.runs.batch.estimate import QuestionEstimate, estimate_waiting
from evaluator.runs.batch.loop import Batch
from evaluator.runs.batch.plan import Catalog, Part, Plan, plan_input, preview_input

__all__ = [
    "Batch",
    "Budget",
    "Catalog",
    "Ended",
    "Limits",
    "Part",
    "Plan",
    "Progress",
    "QuestionEstimate",
    "Stop",
    "estimate_waiting",
    "plan_input",
    "preview_input",
]
