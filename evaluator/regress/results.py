"""What one case came to, in the form that baselines and reports keep."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from pydantic import Field

from evaluator.bank import Labelled
from evaluator.domain import Frozen, Graded, Rubric, Ungraded, Usage
from evaluator.regress.suite import Trial
from evaluator.scoring.agreement import score_of_labels

Status = Literal["graded", "ungraded"]


class CaseResult(Frozen):
    """One case: verdicts by criterion, red flags ("present", "absent", "unassessed"), score, and what it is about.

    `labels` and `label_score` are what people said about the answer, empty and None where nobody did; `recording` is
    the digest of the replies, "" for a judge that sends nothing.
    """

    answer: str
    question: str
    style: str
    calls: str
    status: Status
    reason: str = ""
    score: float | None = None
    verdicts: dict[str, str] = Field(default_factory=dict)
    red_flags: dict[str, str] = Field(default_factory=dict)
    labels: dict[str, str] = Field(default_factory=dict)
    label_score: float | None = None
    recording: str = ""
    usage: Usage = Usage()


class Flip(Frozen):
    """A verdict that is not what it was. `item` is a criterion, a red flag, or "" for the status of the answer."""

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


def result_of(trial: Trial, evaluation: Graded | Ungraded, recording: str) -> CaseResult:
    """The result of one case."""
    labels, score = _labels(trial.labels, trial.case.rubric)
    about = {
        "answer": trial.case.answer.id,
        "question": trial.case.question.id,
        "style": trial.style,
        "calls": trial.calls,
        "labels": labels,
        "label_score": score,
        "recording": recording,
        "usage": evaluation.provenance.usage.model_copy(update={"seconds": 0.0}),
    }
    if isinstance(evaluation, Ungraded):
        return CaseResult(**about, status="ungraded", reason=evaluation.reason)
    return CaseResult(
        **about,
        status="graded",
        score=evaluation.score,
        verdicts={one.id: one.verdict for one in evaluation.criteria},
        red_flags={one.id: _presence(one.present) for one in evaluation.red_flags},
    )


def flips(before: Mapping[str, CaseResult], after: Mapping[str, CaseResult]) -> tuple[Flip, ...]:
    """Every verdict that differs between two sets of results, in order of case and criterion.

    An answer that is graded in one of them only is one flip. Criteria that only one of them knows are flips, too.
    """
    found: list[Flip] = []
    for id_ in sorted(before.keys() & after.keys()):
        found += _flips(id_, before[id_], after[id_])
    return tuple(found)


def _flips(case: str, old: CaseResult, new: CaseResult) -> Iterable[Flip]:
    about = {"case": case, "question": new.question, "style": new.style}
    if old.status != new.status:
        yield Flip(**about, item="", before=_status(old), after=_status(new))
        return
    for was, now in ((old.verdicts, new.verdicts), (old.red_flags, new.red_flags)):
        for item in sorted(was.keys() | now.keys()):
            before, after = was.get(item, "not there"), now.get(item, "not there")
            if before != after:
                yield Flip(**about, item=item, before=before, after=after, label=new.labels.get(item, ""))


def _status(result: CaseResult) -> str:
    return f"ungraded ({result.reason})" if result.status == "ungraded" else "graded"


def _presence(present: bool | None) -> str:
    return "unassessed" if present is None else "present" if present else "absent"


def _labels(labelled: Labelled | None, rubric: Rubric) -> tuple[dict[str, str], float | None]:
    """Labels by criterion and red flag (as "present" or "absent"), and the score: the person's, else computed."""
    if labelled is None:
        return {}, None
    flags = {flag.id for flag in rubric.red_flags}
    labels = {
        name: ("present" if label == "met" else "absent") if name in flags else label
        for name, label in labelled.labels.items()
    }
    score = labelled.score
    return labels, score_of_labels(rubric, labelled.labels, labelled.points) if score is None else score
