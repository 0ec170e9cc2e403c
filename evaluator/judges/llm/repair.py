"""What is settled after each reply, and what has to be asked again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from evaluator.domain import Criterion, Finding, RedFlag, RedFlagFinding, Rubric
from evaluator.judges.llm.checks import Checked, JudgedCriterion, JudgedFlag, Problem, check_reply
from evaluator.judges.llm.parsing import Reading

CONFIDENCE_FIRST = 0.8
"""Confidence of what the first reply settled.

A model's own figure would be a guess, so none is asked for. 0.8 is about the share of binary criteria on which large
models agree with people in published studies (0.77 to 0.86). It is a constant, not a measurement of this answer.
"""

CONFIDENCE_REPAIRED = 0.6
"""Confidence of what had to be asked again: the judge had overlooked, garbled or misquoted it at first."""


@dataclass(frozen=True, slots=True)
class Redo:
    """Something to ask again: a criterion or a red flag, and why."""

    id: str
    reason: Problem


@dataclass(slots=True)
class Progress:
    """What is known about one answer, from one reply to the next.

    Args:
        rubric: What is to be judged: a whole rubric, or one criterion of it.
        text: The answer as given.
        unbelieved: Spans of it that nothing may be quoted from.
    """

    rubric: Rubric
    text: str
    unbelieved: tuple[tuple[int, int], ...] = ()
    problems: dict[str, Problem] = field(init=False)
    strengths: tuple[str, ...] = field(default=(), init=False)
    _criteria: dict[str, tuple[JudgedCriterion, bool]] = field(default_factory=dict, init=False)
    _flags: dict[str, tuple[JudgedFlag, bool]] = field(default_factory=dict, init=False)
    _replies: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        ids = [criterion.id for criterion in self.rubric.criteria] + [flag.id for flag in self.rubric.red_flags]
        self.problems = dict.fromkeys(ids, "not_judged")

    def take(self, reading: Reading) -> None:
        """Keep what passes the checks and is not settled yet; note why the rest does not."""
        repaired = self._replies > 0
        self._replies += 1
        if reading.reply is None:
            self.problems = dict.fromkeys(self.problems, reading.fault or "malformed")
            return
        checked: Checked = check_reply(
            reading.reply, self.rubric, self.text, reading.fault or "not_judged", self.unbelieved
        )
        for id_ in list(self.problems):
            if id_ in checked.criteria:
                self._criteria[id_] = (checked.criteria[id_], repaired)
            elif id_ in checked.flags:
                self._flags[id_] = (checked.flags[id_], repaired)
        self.problems = {id_: checked.problems[id_] for id_ in self.problems if id_ in checked.problems}
        self.strengths = self.strengths or checked.strengths

    def redo(self) -> tuple[Redo, ...]:
        """What is still open, in rubric order."""
        return tuple(Redo(id_, reason) for id_, reason in self.problems.items())

    @property
    def hopeless(self) -> bool:
        """Whether not one criterion is settled (or, where there are none, not one red flag)."""
        return not self._criteria and (bool(self.rubric.criteria) or not self._flags)

    @property
    def main_problem(self) -> Problem:
        """The problem that most of the open criteria have."""
        counts = Counter(self.problems[one.id] for one in self.rubric.criteria if one.id in self.problems)
        return counts.most_common(1)[0][0] if counts else "not_judged"

    def findings(self, failure: str = "") -> tuple[Finding, ...]:
        """A finding for each criterion, in rubric order; open ones are unassessed.

        Args:
            failure: Why asking again ended early ("rate_limited", ...), or "".
        """
        return tuple(self._finding(criterion, failure) for criterion in self.rubric.criteria)

    def red_flags(self, failure: str = "") -> tuple[RedFlagFinding, ...]:
        """A finding for each red flag, in rubric order; open ones have `present` None."""
        return tuple(self._red_flag(flag, failure) for flag in self.rubric.red_flags)

    def _finding(self, criterion: Criterion, failure: str) -> Finding:
        if criterion.id not in self._criteria:
            return Finding(
                criterion_id=criterion.id,
                points=None,
                confidence=0.0,
                flags=_flags(self.problems[criterion.id], failure),
            )
        judged, repaired = self._criteria[criterion.id]
        unmet = [point for point, met in zip(criterion.points, judged.points, strict=True) if not met]
        return Finding(
            criterion_id=criterion.id,
            points=judged.points,
            confidence=CONFIDENCE_REPAIRED if repaired else CONFIDENCE_FIRST,
            evidence=judged.evidence,
            gap=(judged.gap or "Not found: " + " ".join(unmet)) if unmet else "",
            suggestion=(judged.suggestion or criterion.advice) if unmet else "",
            flags=("asked_again",) * repaired + ("quote_dropped",) * judged.dropped,
        )

    def _red_flag(self, flag: RedFlag, failure: str) -> RedFlagFinding:
        if flag.id not in self._flags:
            return RedFlagFinding(
                red_flag_id=flag.id, present=None, confidence=0.0, flags=_flags(self.problems[flag.id], failure)
            )
        judged, repaired = self._flags[flag.id]
        return RedFlagFinding(
            red_flag_id=flag.id,
            present=judged.present,
            confidence=CONFIDENCE_REPAIRED if repaired else CONFIDENCE_FIRST,
            evidence=judged.evidence,
            flags=("asked_again",) * repaired,
        )


def _flags(problem: Problem, failure: str) -> tuple[str, ...]:
    shown = "quote_not_found" if problem == "flag_quote_not_found" else problem
    return (shown, failure) if failure else (shown,)
