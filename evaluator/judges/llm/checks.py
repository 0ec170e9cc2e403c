"""Checks of a reply: what of it may be believed. A claim without a quote that stands in the answer is not believed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, TypeVar

from evaluator.domain import Criterion, Evidence, Rubric
from evaluator.evidence import find_quote
from evaluator.honesty import blotted
from evaluator.judges.llm.line import one_line
from evaluator.prompts import reveal

Problem = Literal[
    "not_judged",
    "contradiction",
    "wrong_number_of_points",
    "unreadable",
    "quote_not_found",
    "flag_quote_not_found",
    "truncated",
    "malformed",
    "ambiguous",
    "empty",
]
"""Why something has to be asked again. The prompt has a sentence for each."""

_LOG = logging.getLogger(__name__)
_MAX_QUOTES = 8
_MAX_TEXT = 500
_MAX_STRENGTHS = 3
_BLOT = "\ufffe"  # no character, so it stands in no quote and no answer
_TRUE = frozenset(("true", "yes", "1"))
_FALSE = frozenset(("false", "no", "0"))
_Judged = TypeVar("_Judged", "JudgedCriterion", "JudgedFlag")


@dataclass(frozen=True, slots=True)
class JudgedCriterion:
    """A criterion that passed the checks; evidence only where a point is met. `dropped`: a quote was not found."""

    points: tuple[bool, ...]
    evidence: tuple[Evidence, ...]
    gap: str
    suggestion: str
    dropped: bool


@dataclass(frozen=True, slots=True)
class JudgedFlag:
    """A red flag that passed the checks."""

    present: bool
    evidence: tuple[Evidence, ...]


@dataclass(slots=True)
class Checked:
    """What of a reply is believed, and for everything else that was wanted the problem."""

    criteria: dict[str, JudgedCriterion] = field(default_factory=dict)
    flags: dict[str, JudgedFlag] = field(default_factory=dict)
    problems: dict[str, Problem] = field(default_factory=dict)
    strengths: tuple[str, ...] = ()


def check_reply(
    reply: Mapping[str, object],
    rubric: Rubric,
    text: str,
    missing: Problem = "not_judged",
    unbelieved: Sequence[tuple[int, int]] = (),
) -> Checked:
    """Check a reply against the rubric and the answer.

    Args:
        reply: An object of our shape, as read.
        rubric: What should be judged; other ids are dropped.
        text: The answer as given.
        missing: The problem of what the reply does not mention.
        unbelieved: Spans of the answer that are addressed to the grader, hidden, or copied from the question or the
            rubric. What is quoted from them supports nothing, as if it were not there.
    """
    text = blotted(text, unbelieved, _BLOT)
    checked = Checked(strengths=_strengths(reply.get("strengths")))
    criteria = _by_id(reply.get("criteria"), (criterion.id for criterion in rubric.criteria))
    for criterion in rubric.criteria:
        judged = _settle(criteria[criterion.id], missing, partial(_check_criterion, criterion=criterion, text=text))
        if isinstance(judged, JudgedCriterion):
            checked.criteria[criterion.id] = judged
        else:
            checked.problems[criterion.id] = judged
    flags = _by_id(reply.get("red_flags"), (flag.id for flag in rubric.red_flags))
    for flag in rubric.red_flags:
        seen = _settle(flags[flag.id], missing, partial(_check_flag, text=text))
        if isinstance(seen, JudgedFlag):
            checked.flags[flag.id] = seen
        else:
            checked.problems[flag.id] = seen
    return checked


def _by_id(items: object, ids: Iterable[str]) -> dict[str, list[dict[str, object]]]:
    """The items of each id. An id may differ in case and in "_" for "-"; items of no known id are dropped."""
    found: dict[str, list[dict[str, object]]] = {known: [] for known in ids}
    names = {_name(known): known for known in found}
    for item in items if isinstance(items, list) else ():
        if not isinstance(item, dict):
            continue
        known = names.get(_name(item.get("id")))
        if known is None:
            _LOG.info("The judge invented the id %.60r; dropped.", item.get("id"))
        else:
            found[known].append(item)
    return found


def _name(value: object) -> str:
    return str(value).strip().casefold().replace("_", "-").replace(" ", "-")


def _settle(
    items: list[dict[str, object]],
    missing: Problem,
    check: Callable[[dict[str, object]], _Judged | Problem],
) -> _Judged | Problem:
    """One result for the items of one id: the first that passes, unless another one says something else."""
    results = [check(item) for item in items]
    if not results:
        return missing
    if len(items) > 1 and len({_claim(item) for item in items}) > 1:
        return "contradiction"
    return next((result for result in results if not isinstance(result, str)), results[0])


def _claim(item: dict[str, object]) -> str:
    """What an item says, without its texts."""
    points = item.get("points")
    said = [_boolean(point) for point in points] if isinstance(points, list) else points
    return f"{said} {_boolean(item.get('present'))}"


def _check_criterion(item: dict[str, object], criterion: Criterion, text: str) -> JudgedCriterion | Problem:
    listed = item.get("points")
    points = [_boolean(point) for point in listed] if isinstance(listed, list) else [None]
    if any(point is None for point in points):
        return "unreadable"
    if len(points) != len(criterion.points):
        return "wrong_number_of_points"
    met = tuple(bool(point) for point in points)
    quotes = _quotes(item.get("quotes")) if any(met) else []
    evidence, dropped = _find(quotes, text)
    if any(met) and not evidence:
        return "quote_not_found"
    if all(met):
        return JudgedCriterion(met, evidence, "", "", dropped)
    return JudgedCriterion(met, evidence, _sentence(item.get("gap")), _sentence(item.get("suggestion")), dropped)


def _check_flag(item: dict[str, object], text: str) -> JudgedFlag | Problem:
    present = _boolean(item.get("present"))
    if present is None:
        return "unreadable"
    if not present:
        return JudgedFlag(present=False, evidence=())
    evidence, _ = _find(_quotes(item.get("quote")), text)
    return JudgedFlag(present=True, evidence=evidence) if evidence else "flag_quote_not_found"


def _quotes(value: object) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    return [quote for quote in listed if isinstance(quote, str) and quote.strip()][:_MAX_QUOTES]


def _find(quotes: list[str], text: str) -> tuple[tuple[Evidence, ...], bool]:
    """The spans found, each once and in the order of the answer; and whether a quote was not found."""
    found = [_find_one(quote, text) for quote in quotes]
    spans = {(one.start, one.end): one for one in found if one is not None}
    return tuple(spans[span] for span in sorted(spans)), None in found


def _find_one(quote: str, text: str) -> Evidence | None:
    if len(quote) > 2 * len(text) + 100:  # longer than anything that could be a copy; not worth a search
        return None
    found = find_quote(quote, text)
    if found is None and "[U+" in quote:
        found = find_quote(reveal(quote), text)
    return None if found is not None and _BLOT in found.quote else found


def _boolean(value: object) -> bool | None:
    """True or false, also where a model writes it as text or as a number."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().casefold() if isinstance(value, str | int) else ""
    return True if word in _TRUE else False if word in _FALSE else None


def _sentence(value: object) -> str:
    """A text on one line, at most 500 characters."""
    return one_line(value, _MAX_TEXT) if isinstance(value, str) else ""


def _strengths(value: object) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else []
    return tuple(dict.fromkeys(text for item in listed if (text := _sentence(item))))[:_MAX_STRENGTHS]
