"""From a question and its model answer to a checked rubric."""

from evaluator.authoring.derive.conversation import BudgetGate
from evaluator.authoring.derive.draft import Draft, Refusal
from evaluator.authoring.derive.proving import Proof
from evaluator.authoring.derive.report import derived_json, derived_text
from evaluator.authoring.derive.workshop import Outcome, Workshop

__all__ = ["BudgetGate", "Draft", "Outcome", "Proof", "Refusal", "Workshop", "derived_json", "derived_text"]
