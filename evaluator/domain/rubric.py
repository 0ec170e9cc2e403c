"""How an answer to one question is judged, and the scale that turns judgement into a score."""

from __future__ import annotations

from typing import Literal

from evaluator.domain.question import Frozen


class Examples(Frozen):
    """Sentences that satisfy a statement (`accept`) and sentences that sound close and do not (`reject`)."""

    accept: tuple[str, ...] = ()
    reject: tuple[str, ...] = ()


class Criterion(Frozen):
    """One thing that an answer should say.

    `points` are one to three atomic yes/no checks that together are the statement; `source` is the span of the
    model answer that the criterion came from; `advice` is one sentence to the candidate; `weight` is 1 to 5.
    """

    id: str
    statement: str
    weight: int
    themes: tuple[str, ...] = ()
    points: tuple[str, ...]
    source: str | None = None
    advice: str
    examples: Examples = Examples()


class RedFlag(Frozen):
    """A harmful practice. `penalty` is in points of the score (0 to 100); `examples.accept` commit it."""

    id: str
    statement: str
    penalty: int
    advice: str
    examples: Examples = Examples()


class Rubric(Frozen):
    """The criteria and red flags of one question."""

    question: str
    version: int
    status: Literal["final", "draft"] = "final"
    criteria: tuple[Criterion, ...]
    red_flags: tuple[RedFlag, ...] = ()

    @property
    def entries(self) -> tuple[Criterion | RedFlag, ...]:
        """All that a judge reports on: the criteria, then the red flags."""
        return (*self.criteria, *self.red_flags)


class Band(Frozen):
    """A named range of scores: from `lower` (inclusive) up to the next band."""

    name: str
    lower: float
    meaning: str


class Scale(Frozen):
    """How judgement becomes a score.

    `bands` are in descending order of `lower`, the last at 0. With a red flag present, points are taken off (each
    flag's own penalty) and the band is at most `red_flag_cap`. An answer is ungraded when more than
    `max_unassessed` of the weight (0 to 1) could not be assessed.
    """

    bands: tuple[Band, ...]
    red_flag_cap: str
    max_unassessed: float
