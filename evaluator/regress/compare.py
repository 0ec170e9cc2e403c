"""Two results side by side on the same answers: two prompts, two models, or two versions of a rubric."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evaluator.domain import Usage
from evaluator.errors import InputError
from evaluator.regress.check import Findings, Measured, measure, total_usage
from evaluator.regress.results import AnyResult, Flip, Result, flips


class Side(BaseModel):
    """One of the two: where it comes from, who judged, and what each case came to. The JSON of a run holds it, too."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    schema_version: Literal[1] = Field(default=1, alias="schema")
    name: str = ""
    judge: str
    prompt: str | None
    cases: dict[str, AnyResult]


@dataclass(frozen=True, slots=True)
class Group:
    """Flips from A to B in one question or style, by whether the label lies nearer then."""

    name: str
    cases: int
    closer: int
    further: int
    other: int


@dataclass(frozen=True, slots=True)
class Duel:
    """A and B on the cases that both have; `only_a` and `only_b` are cases that the other has not."""

    a: Side
    b: Side
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]
    measured: tuple[Measured, ...]
    flips: tuple[Flip, ...]
    by_question: tuple[Group, ...]
    by_style: tuple[Group, ...]
    usage_a: Usage
    usage_b: Usage


def side_of(findings: Findings, name: str = "") -> Side:
    """Today's result of a suite."""
    return Side(name=name, judge=findings.judge, prompt=findings.prompt, cases=dict(findings.results))


def read_side(file: Path) -> Side:
    """The result of a run that was written as JSON.

    Raises:
        InputError: It cannot be read, or is something else.
    """
    hint = "Give a suite, or a file made by 'evaluator regress run --format json'."
    try:
        found = Side.model_validate(json.loads(file.read_text(encoding="utf-8")))
        return found.model_copy(update={"name": str(file)})
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror or error}.", hint) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{file} is no result of a run: {place}: {first['msg']}.", hint) from error
    except ValueError as error:
        raise InputError(f"{file} is no result of a run: {error}.", hint) from error


def duel(a: Side, b: Side) -> Duel:
    """Compare two results.

    Raises:
        InputError: They have no case in common.
    """
    both = sorted(a.cases.keys() & b.cases.keys())
    if not both:
        raise InputError("The two results have no case in common.", "Compare results about the same answers.")
    before, after = {id_: a.cases[id_] for id_ in both}, {id_: b.cases[id_] for id_ in both}
    changed = flips(before, after)
    return Duel(
        a=a,
        b=b,
        only_a=tuple(sorted(a.cases.keys() - b.cases.keys())),
        only_b=tuple(sorted(b.cases.keys() - a.cases.keys())),
        measured=measure(before, after),
        flips=changed,
        by_question=_groups("question", after, changed),
        by_style=_groups("style", after, changed),
        usage_a=total_usage(before),
        usage_b=total_usage(after),
    )


def _groups(
    key: Literal["question", "style"], cases: Mapping[str, Result], changed: tuple[Flip, ...]
) -> tuple[Group, ...]:
    sizes = Counter(str(getattr(one, key, "")) for one in cases.values())
    made = []
    for name in sorted(sizes):
        ways = Counter(one.direction for one in changed if getattr(one, key) == name)
        closer, further = ways["closer"], ways["further"]
        made.append(Group(name or "(none)", sizes[name], closer, further, ways.total() - closer - further))
    return tuple(made)
