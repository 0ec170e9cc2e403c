"""What one case came to, in the form that baselines and reports keep."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Discriminator, Field, Tag

from evaluator.domain import Frozen, Usage


class Result(Frozen):
    """What every case has, whatever kind it is of.

    `recording` is the digest of the replies, "" for a judge that sends nothing; `KEPT` are the fields that a baseline
    holds, `reason` apart.
    """

    KEPT: ClassVar[frozenset[str]] = frozenset({"recording", "status"})

    question: str = ""
    status: str
    reason: str = ""
    recording: str = ""
    usage: Usage = Usage()

    @property
    def parts(self) -> tuple[Mapping[str, str], ...]:
        """Groups of names with what each came to: all that can flip. Empty where the case came to nothing."""
        return ()


class CaseResult(Result):
    """One answer: verdicts by criterion, red flags ("present", "absent", "unassessed"), score, and what it is about.

    `labels` and `label_score` are what people said about the answer, empty and None where nobody did.
    """

    KEPT: ClassVar[frozenset[str]] = Result.KEPT | {"score", "verdicts", "red_flags"}

    answer: str = ""
    style: str = ""
    calls: str = ""
    status: Literal["graded", "ungraded"]
    score: float | None = None
    verdicts: dict[str, str] = Field(default_factory=dict)
    red_flags: dict[str, str] = Field(default_factory=dict)
    labels: dict[str, str] = Field(default_factory=dict)
    label_score: float | None = None

    @property
    def parts(self) -> tuple[Mapping[str, str], ...]:
        """Verdicts, then red flags."""
        return self.verdicts, self.red_flags


class DerivedResult(Result):
    """One derivation: what stands in the rubric, and what the checks refused on the way, also of what was mended.

    `criteria` says of each how many points it has and whether a source ("2 points, with source"); `red_flags` the
    penalty of each; `refused` counts refusals by the name of the check; `examples` and `requests` are counts.
    """

    KEPT: ClassVar[frozenset[str]] = Result.KEPT | {"criteria", "red_flags", "refused", "examples", "requests"}

    status: Literal["rubric", "draft", "nothing"]
    criteria: dict[str, str]
    red_flags: dict[str, str] = Field(default_factory=dict)
    refused: dict[str, int] = Field(default_factory=dict)
    examples: int = 0
    requests: int = 0

    @property
    def parts(self) -> tuple[Mapping[str, str], ...]:
        """Criteria, red flags, refusals, counts."""
        if self.status == "nothing":
            return ()
        return (
            {f"criterion {id_}": found for id_, found in self.criteria.items()},
            {f"red flag {id_}": found for id_, found in self.red_flags.items()},
            {f"refused: {name}": str(count) for name, count in self.refused.items()},
            {"examples": str(self.examples), "requests": str(self.requests)},
        )


def _kind(value: object) -> str:
    is_derived = isinstance(value, DerivedResult) or (isinstance(value, dict) and "criteria" in value)
    return "derivation" if is_derived else "answer"


AnyResult = Annotated[
    Annotated[CaseResult, Tag("answer")] | Annotated[DerivedResult, Tag("derivation")], Discriminator(_kind)
]
"""Either kind, for files that hold results."""


def of_answers(results: Mapping[str, Result]) -> dict[str, CaseResult]:
    """Those that are about answers: only they have scores, styles and labels."""
    return {id_: one for id_, one in results.items() if isinstance(one, CaseResult)}


class Flip(Frozen):
    """Something that is not what it was.

    `item` is a criterion, a red flag, what `DerivedResult.parts` names, or "" for the status of the case.
    """

    case: str
    question: str
    style: str
    item: str
    before: str
    after: str
    label: str = ""

    @property
    def direction(self) -> Literal["closer", "further", "aside", "unlabelled"]:
        """Whether the label lies nearer now; "aside" where both are as far from it."""
        order = {"missed": 0, "absent": 0, "partial": 1, "met": 2, "present": 2}
        if self.label not in order:
            return "unlabelled"
        # Not judged is as far from every label as can be.
        far = [abs(order[v] - order[self.label]) if v in order else len(order) for v in (self.before, self.after)]
        return "closer" if far[1] < far[0] else "further" if far[1] > far[0] else "aside"


def flips(before: Mapping[str, Result], after: Mapping[str, Result]) -> tuple[Flip, ...]:
    """All that differs between two sets of results, in order of case and criterion.

    A case that came to nothing in one of them only is one flip. Criteria that only one of them knows are flips, too.
    """
    found: list[Flip] = []
    for id_ in sorted(before.keys() & after.keys()):
        found += _flips(id_, before[id_], after[id_])
    return tuple(found)


def _flips(case: str, old: Result, new: Result) -> Iterable[Flip]:
    style, labels = (new.style, new.labels) if isinstance(new, CaseResult) else ("", {})
    about = {"case": case, "question": new.question, "style": style}
    if old.status != new.status:
        yield Flip(**about, item="", before=_status(old), after=_status(new))
        if not (any(old.parts) and any(new.parts)):
            return
    for was, now in zip(old.parts, new.parts, strict=False):
        for item in sorted(was.keys() | now.keys()):
            before, after = was.get(item, "not there"), now.get(item, "not there")
            if before != after:
                yield Flip(**about, item=item, before=before, after=after, label=labels.get(item, ""))


def _status(result: Result) -> str:
    return f"{result.status} ({result.reason})" if result.reason else result.status
