"""A rubric in the making: entries, what the checks refused of them, and how often each was asked again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from evaluator.domain import Criterion, Evidence, RedFlag, Rubric, Usage

MAX_AGAIN = 2
"""How often the model is asked again for one criterion or red flag, over all steps."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a check refused something: a machine-readable name, and what to do about it, for people and models."""

    name: str
    message: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """One refusal in the order in which it happened; `where` is the id of an entry, or the step."""

    where: str
    refusal: Refusal


@dataclass(slots=True, eq=False)
class Entry:
    """A criterion or red flag. What could not be used as it came is replaced by something that a file may hold.

    `span` is where the source stands in the model answer; `told`, `examples` and `behaviour` are what the checks of the
    item, of its examples and of what judges make of it still refuse.
    """

    item: Criterion | RedFlag
    span: Evidence | None = None
    told: tuple[Refusal, ...] = ()
    wording: tuple[Refusal, ...] = ()
    examples: tuple[Refusal, ...] = ()
    behaviour: tuple[Refusal, ...] = ()
    asked: int = 0

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """All that is still refused, each once."""
        return tuple(dict.fromkeys((*self.told, *self.wording, *self.examples, *self.behaviour)))

    @property
    def may_ask(self) -> bool:
        """Whether the model may be asked for it once more."""
        return self.asked < MAX_AGAIN


@dataclass(slots=True)
class Draft:
    """The rubric of one question in the making.

    `reasons` are refusals of the rubric as a whole; `uncovered` the sentences of the model answer that no source
    touches; `notes` what code mended without asking; `rejected` every refusal, also of what was mended later.
    """

    question: str
    criteria: list[Entry] = field(default_factory=list)
    red_flags: list[Entry] = field(default_factory=list)
    reasons: tuple[Refusal, ...] = ()
    uncovered: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    replayed: int = 0

    @property
    def entries(self) -> list[Entry]:
        """Criteria, then red flags."""
        return [*self.criteria, *self.red_flags]

    @property
    def status(self) -> Literal["final", "draft"]:
        """Draft as long as anything is refused."""
        return "draft" if self.reasons or any(entry.refusals for entry in self.entries) else "final"

    @property
    def shared(self) -> tuple[Refusal, ...]:
        """Refusals that every one of several criteria has: they are said once, of all of them."""
        if len(self.criteria) < 2:  # noqa: PLR2004 - one criterion shares with nobody
            return ()
        first, *others = self.criteria
        return tuple(refusal for refusal in first.refusals if all(refusal in entry.refusals for entry in others))

    def refuse(self, where: str, refusals: tuple[Refusal, ...]) -> None:
        """Remember what was refused, each thing once."""
        new = [Rejected(where, refusal) for refusal in dict.fromkeys(refusals)]
        self.rejected += [one for one in new if one not in self.rejected]

    def rubric(self, version: int = 1) -> Rubric:
        """As an object; its criteria may be refused by the checks, but its shape is right."""
        return Rubric(
            question=self.question,
            version=version,
            status=self.status,
            criteria=tuple(entry.item for entry in self.criteria if isinstance(entry.item, Criterion)),
            red_flags=tuple(entry.item for entry in self.red_flags if isinstance(entry.item, RedFlag)),
        )
