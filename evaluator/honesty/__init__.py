"""What in an answer is not an answer: orders to the grader, hidden text, copies. It is shown, and never punished.

Copies among the answers of a cohort are found by `duplicates`, which is not imported here because it needs numpy.
"""

from evaluator.honesty.addressed import addressed_passages
from evaluator.honesty.copied import copied_from_model_answer, copied_from_rubric
from evaluator.honesty.hidden import hidden_passages
from evaluator.honesty.no_answer import no_answer
from evaluator.honesty.remarks import Remark, remarks_on, unbelieved_spans
from evaluator.honesty.spans import blotted

__all__ = [
    "Remark",
    "addressed_passages",
    "blotted",
    "copied_from_model_answer",
    "copied_from_rubric",
    "hidden_passages",
    "no_answer",
    "remarks_on",
    "unbelieved_spans",
]
