"""From an item of a reply to an entry: every value is checked, and what cannot be used is refused with a reason."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from evaluator.authoring.derive.coverage import substantive_spans
from evaluator.authoring.derive.draft import Entry, Refusal
from evaluator.authoring.derive.naming import id_from, slug
from evaluator.domain import Criterion, Evidence, RedFlag
from evaluator.evidence import find_quote
from evaluator.prompts import reveal
from evaluator.wording import cut

MAX_POINTS = 3
MAX_WORDS = 40
"""The longest statement of the shipped bank has 36 words."""

WIDE = 0.6
"""A source that spans more than this share of an answer of several sentences points at nothing in particular."""

WEIGHTS = range(1, 6)
PENALTIES = range(5, 31)
MIDDLE_WEIGHT = 3
MIDDLE_PENALTY = 15
NO_ADVICE = "Say how you do this, with an example of your own."

_TWO_CHECKS = re.compile(r",? and that\b|[.!?;]\s+\S", re.IGNORECASE)
_SUBJECT = "the answer "
_SHOWN = 160
_SENTENCES = 2
_STOPS = ".!?"


@dataclass(slots=True)
class Findings:
    """Collects refusals while an item is read."""

    refusals: list[Refusal] = field(default_factory=list)

    def refuse(self, name: str, message: str) -> None:
        """Note one."""
        self.refusals.append(Refusal(name, message))

    @property
    def done(self) -> tuple[Refusal, ...]:
        """What was noted, each once."""
        return tuple(dict.fromkeys(self.refusals))


def read_criterion(
    item: Mapping[str, object], model_answer: str, themes: Collection[str], fallback: tuple[str, ...]
) -> Entry | None:
    """Read one criterion.

    Args:
        item: An item of the reply, of any content.
        model_answer: Where the source must stand.
        themes: Themes that may be used; empty: any.
        fallback: Themes of the question, for a criterion that names none that may be used.

    Returns:
        An entry without examples; None where the item has no statement.
    """
    statement = line_of(item.get("statement"))
    if not statement:
        return None
    found = Findings()
    _check_form(statement, "the statement", found)
    points = _points(item.get("points"), statement, found)
    span = _span(item.get("source"), model_answer, found)
    named = item.get("themes")
    fitting = [slug(str(theme)) for theme in named] if isinstance(named, list) else []
    chosen = tuple(dict.fromkeys(theme for theme in fitting if theme and (theme in themes or not themes)))
    criterion = Criterion(
        id=slug(str(item.get("id") or "")) or id_from(statement),
        statement=statement,
        weight=_number(item.get("weight"), WEIGHTS, MIDDLE_WEIGHT, "weight", found),
        themes=chosen or fallback,
        points=points,
        source=span.quote if span else None,
        advice=_advice(item.get("advice"), found),
    )
    return Entry(criterion, span, found.done)


def read_red_flag(item: Mapping[str, object]) -> Entry | None:
    """Read one red flag; None where the item has no statement."""
    statement = line_of(item.get("statement"))
    if not statement:
        return None
    found = Findings()
    _check_form(statement, "the statement", found)
    red_flag = RedFlag(
        id=slug(str(item.get("id") or "")) or id_from(statement),
        statement=statement,
        penalty=_number(item.get("penalty"), PENALTIES, MIDDLE_PENALTY, "penalty", found),
        advice=_advice(item.get("advice"), found),
    )
    return Entry(red_flag, None, found.done)


def line_of(value: object) -> str:
    """A text on one line, without characters that nobody sees; "" for anything else."""
    if not isinstance(value, str):
        return ""
    return "".join(character for character in " ".join(value.split()) if character.isprintable())


def shown(text: str) -> str:
    """A text for a message, cut where it is long."""
    return cut(text, _SHOWN)


def _check_form(text: str, what: str, found: Findings) -> None:
    if not text.lower().startswith(_SUBJECT):
        found.refuse("form", f'{what} must begin with "The answer", as in "The answer says that ...": "{shown(text)}"')
    if len(text.split()) > MAX_WORDS:
        found.refuse("too-long", f'{what} has more than {MAX_WORDS} words: "{shown(text)}"')


def _points(value: object, statement: str, found: Findings) -> tuple[str, ...]:
    lines = [line_of(point) for point in value] if isinstance(value, list) else []
    lines = [line for line in lines if line]
    points = list({line.casefold(): line for line in reversed(lines)}.values())[::-1]
    if len(points) < len(lines):
        found.refuse("point-repeated", "a point stands there twice: write each once")
    if not 1 <= len(points) <= MAX_POINTS:
        found.refuse("points-number", f"there must be one to {MAX_POINTS} points, not {len(points)}")
    for point in points[:MAX_POINTS]:
        _check_form(point, "a point", found)
        two = _TWO_CHECKS.search(point)
        if two:
            found.refuse("compound", f'two checks in one point ("{two[0].strip()}"): split it: "{shown(point)}"')
    return tuple(points[:MAX_POINTS]) or (statement,)


def _span(value: object, model_answer: str, found: Findings) -> Evidence | None:
    quote = line_of(value)
    if not quote:
        found.refuse("source-missing", "copy the span of the model answer that it comes from into source")
        return None
    span = find_quote(quote, model_answer) or (find_quote(reveal(quote), model_answer) if "[U+" in quote else None)
    if span is None:
        message = f'the source does not stand in the model answer; copy it character by character: "{shown(quote)}"'
        found.refuse("source-not-found", message)
        return None
    if span.end < len(model_answer) and quote[-1] in _STOPS and model_answer[span.end] in _STOPS:
        end = span.end + 1  # a whole sentence keeps its full stop
        span = Evidence(quote=model_answer[span.start : end], start=span.start, end=end)
    if len(substantive_spans(model_answer)) > _SENTENCES and span.end - span.start > WIDE * len(model_answer):
        found.refuse("source-too-wide", "the source is most of the model answer; take only the sentence it comes from")
    return span


def _number(value: object, allowed: range, otherwise: int, name: str, found: Findings) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value in allowed:
        return value
    message = f"{name} must be a whole number from {allowed.start} to {allowed.stop - 1}, not {shown(repr(value))}"
    found.refuse(name, message)
    return otherwise


def _advice(value: object, found: Findings) -> str:
    advice = line_of(value)
    if not advice:
        found.refuse("advice-missing", "write one sentence of advice to the candidate")
    return advice or NO_ADVICE
