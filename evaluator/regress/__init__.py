"""Prompt regression: recordings of a judge, an accepted baseline, flips, and a gate."""

from evaluator.regress.baseline import Accepted
from evaluator.regress.check import Findings, Measured, accept, run_suite
from evaluator.regress.compare import Duel, Group, Side, duel, read_side, side_of
from evaluator.regress.explain import Change
from evaluator.regress.gate import Check, Gate, judge_findings
from evaluator.regress.record import Plan, Recorded, Replaced, plan, prune, record
from evaluator.regress.results import CaseResult, DerivedResult, Flip
from evaluator.regress.suite import Suite, load_suite
from evaluator.regress.trial import Cost

__all__ = [
    "Accepted",
    "CaseResult",
    "Change",
    "Check",
    "Cost",
    "DerivedResult",
    "Duel",
    "Findings",
    "Flip",
    "Gate",
    "Group",
    "Measured",
    "Plan",
    "Recorded",
    "Replaced",
    "Side",
    "Suite",
    "accept",
    "duel",
    "judge_findings",
    "load_suite",
    "plan",
    "prune",
    "read_side",
    "record",
    "run_suite",
    "side_of",
]
