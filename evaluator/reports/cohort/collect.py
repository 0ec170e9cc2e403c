"""Evaluations, one at a time, to a compact picture of a cohort.

What is kept of an answer is a few numbers. The texts of findings are kept for the attempts that count, of as many
candidates as the page shows and only up to `WORDS` characters; examples only as many as it prints; of many attempts at
one question the first graded and the latest. So memory grows with candidates times questions, and a few hundred bytes
each; how often somebody answered or was judged again does not matter.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from heapq import heappush, heapreplace
from itertools import count, groupby
from sys import intern
from types import MappingProxyType
from typing import Any, Protocol

from evaluator.domain import Answer, CriterionResult, Evidence, Graded, Question, Rubric, Scale, Ungraded
from evaluator.reports.view import how_it_was_read, one_line, quotes, remarks_line, why_ungraded

LEVELS = ("missed", "partial", "met", "unassessed")
"""Verdicts by their code, 0 to 3."""

WORDS = 48_000_000
"""Characters of findings that a page holds; a browser does not open one that is much larger."""

ATTEMPTS = 20
"""So many attempts of a candidate at a question are kept and listed; the rest is counted."""

_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_EXAMPLES = 3
_NOTHING: Mapping[str, str] = MappingProxyType({})
_CODE = {level: code for code, level in enumerate(LEVELS)}


class Record(Protocol):
    """One evaluation of a run, current or former, in the order of the input and oldest first."""

    @property
    def answer(self) -> Answer:
        """What was judged."""
        ...

    @property
    def extra(self) -> Mapping[str, str]:
        """Columns of the input that are carried through."""
        ...

    @property
    def evaluation(self) -> Graded | Ungraded:
        """What came of it."""
        ...

    @property
    def graded_at(self) -> datetime:
        """When, in UTC."""
        ...


@dataclass(slots=True)
class Entry:
    """One attempt of one candidate at one question.

    `levels` has a code per criterion of the rubric, `credits` 0 to 1 or None; `flags` are positions of present red
    flags; `score` is None where the answer is ungraded, and `reason` and `detail` say why, in words. `key` tells answer
    and text from others. `texts` is what the page shows of the findings (`_in_words`), of the attempt that counts.
    """

    key: bytes
    answer_id: str
    score: float | None
    band: str
    levels: bytes
    credits: tuple[float | None, ...]
    flags: tuple[int, ...]
    graded_at: datetime
    judge: str
    reason: str = ""
    detail: str = ""
    texts: str | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A line of an answer that stands for others: who, what was quoted, what was missing."""

    candidate: str
    quote: str
    gap: str


@dataclass(slots=True)
class Person:
    """A candidate, or an answer without one; attempts are in order, the latest last, by question id.

    `left_out` counts attempts that are not kept; they lie between the first and the second of those that are.
    """

    name: str
    extra: Mapping[str, str]
    anonymous: bool = False
    attempts: dict[str, list[Entry]] = field(default_factory=dict)
    left_out: dict[str, int] | None = None

    def latest(self, question: str) -> Entry | None:
        """The attempt that counts."""
        tried = self.attempts.get(question)
        return tried[-1] if tried else None


class _Best:
    """The few examples with the highest confidence; of equals the first."""

    def __init__(self, limit: int) -> None:
        self._heap: list[tuple[float, int, Example]] = []
        self._limit, self._number = limit, count(0, -1)

    def offer(self, confidence: float, make: Callable[[], Example]) -> None:
        """Keep what `make` returns if it is among the best; else it is not even made."""
        entry = confidence, next(self._number)
        if len(self._heap) >= self._limit and entry <= self._heap[0][:2]:
            return
        (heappush if len(self._heap) < self._limit else heapreplace)(self._heap, (*entry, make()))

    def best(self) -> list[Example]:
        return list(dict.fromkeys(example for *_, example in sorted(self._heap, key=lambda e: (-e[0], -e[1]))))


@dataclass(slots=True)
class Cohort:
    """All candidates with their attempts, and what these were judged by.

    `outdated` counts findings on criteria that the latest rubric does not have; they are in no figure. `former` counts
    judgements that a later one of the same text has replaced, or that were made under a question that is no longer the
    answer's. The first `shown` candidates have their findings in words (`words` characters); they are fewer than were
    asked for where that would be `too_large`.
    """

    questions: Mapping[str, Question]
    rubrics: Mapping[str, Rubric]
    scale: Scale
    people: list[Person] = field(default_factory=list)
    judges: dict[str, int] = field(default_factory=dict)
    latest: datetime | None = None
    outdated: int = 0
    former: int = 0
    shown: int = 0
    words: int = 0
    too_large: bool = False
    cost_usd: float = 0.0
    unpriced: int = 0
    near_misses: dict[tuple[str, str], _Best] = field(default_factory=dict)
    well_put: dict[tuple[str, str], _Best] = field(default_factory=dict)
    committed: dict[tuple[str, str], _Best] = field(default_factory=dict)

    def entries(self, question: str) -> list[tuple[Person, Entry]]:
        """Who answered a question, with the attempt that counts."""
        return [(p, entry) for p in self.people if (entry := p.latest(question)) is not None]

    def lacking(self, question: str, criterion: str) -> list[Example]:
        """Answers that come near a criterion and do not meet it, or miss it."""
        return _best(self.near_misses, question, criterion)

    def said(self, question: str, criterion: str) -> list[Example]:
        """Answers that meet a criterion."""
        return _best(self.well_put, question, criterion)

    def flagged(self, question: str, flag: str) -> list[Example]:
        """Answers that commit a red flag."""
        return _best(self.committed, question, flag)


def collect(
    records: Iterable[Record],
    questions: Mapping[str, Question],
    rubrics: Mapping[str, Rubric],
    scale: Scale,
    *,
    details: int = 2500,
) -> Cohort:
    """Read all evaluations once.

    Args:
        records: Current evaluations, and former ones where progress is to be shown.
        questions: By id, in the order in which they are shown.
        rubrics: By question id.
        scale: Bands.
        details: For how many candidates the findings are kept in words.
    """
    cohort = Cohort(questions, rubrics, scale, shown=details)
    people: dict[tuple[bool, str], Person] = {}
    numbers: dict[float, float] = {}
    shown: dict[int, None] = {}
    for record in _asked_so(records, cohort):
        named = record.answer.candidate is not None
        key = named, record.answer.candidate or record.answer.id
        person = people.get(key)
        if person is None:
            name = one_line(key[1]) if named else f"answer {one_line(key[1])}"
            person = people[key] = Person(name, _NOTHING, anonymous=not named)
            if len(cohort.people) < cohort.shown:
                shown[id(person)] = None
            cohort.people.append(person)
        in_words = id(person) in shown
        if in_words:
            person.extra = record.extra
        _add(cohort, person, record, numbers, in_words=in_words)
        while cohort.words > WORDS and len(shown) > 1:
            cohort.too_large = True
            cohort.shown = len(shown) - 1
            _forget_words(cohort, cohort.people[cohort.shown])
            shown.popitem()
    return cohort


def _asked_so(records: Iterable[Record], cohort: Cohort) -> Iterator[Record]:
    """Evaluations of an answer under the question that it is an answer to now.

    Former ones, from before that was corrected in the input, say nothing about the candidate. They were paid for.
    """
    for _, group in groupby(records, key=lambda record: record.answer.id):
        of_one = list(group)
        question = of_one[-1].evaluation.question_id
        for record in of_one:
            _count_cost(cohort, record)
            if record.evaluation.question_id == question and question in cohort.questions:
                yield record
            else:
                cohort.former += 1


def _count_cost(cohort: Cohort, record: Record) -> None:
    cost = record.evaluation.provenance.usage.cost_usd
    if cost is None:
        cohort.unpriced += 1
    else:
        cohort.cost_usd += cost


def _forget_words(cohort: Cohort, person: Person) -> None:
    person.extra = _NOTHING
    for tried in person.attempts.values():
        _drop_texts(cohort, tried[-1])


def _drop_texts(cohort: Cohort, entry: Entry) -> None:
    cohort.words -= len(entry.texts or "")
    entry.texts = None


def _add(cohort: Cohort, person: Person, record: Record, numbers: dict[float, float], *, in_words: bool) -> None:
    made = record.evaluation.provenance
    cohort.latest = max(cohort.latest or record.graded_at, record.graded_at)
    cohort.judges[made.judge] = cohort.judges.get(made.judge, 0) + 1
    entry = _entry(cohort, person, record, numbers, in_words=in_words)
    cohort.words += len(entry.texts or "")
    question = record.evaluation.question_id
    tried = person.attempts.setdefault(question, [])
    if tried:
        _drop_texts(cohort, tried[-1])
    # The same text judged again is the same attempt; it moves to the end, where the latest one is.
    same = next((n for n, other in enumerate(tried) if other.key == entry.key), None)
    if same is not None:
        del tried[same]
        cohort.former += 1
    tried.append(entry)
    if len(tried) > ATTEMPTS:
        del tried[0 if tried[0].score is None else 1]
        person.left_out = person.left_out or {}
        person.left_out[question] = person.left_out.get(question, 0) + 1


def _entry(cohort: Cohort, person: Person, record: Record, numbers: dict[float, float], *, in_words: bool) -> Entry:
    made = record.evaluation
    body = f"{record.answer.id}\0{record.answer.text}".encode("utf-8", "surrogatepass")
    key = hashlib.sha256(body).digest()[:8]
    judge = intern(one_line(made.provenance.judge))
    if isinstance(made, Ungraded):
        why, detail = intern(why_ungraded(made.reason)), intern(one_line(made.detail))
        return Entry(key, made.answer_id, None, "", b"", (), (), record.graded_at, judge, why, detail)
    rubric = cohort.rubrics[made.question_id]
    results = {result.id: result for result in made.criteria}
    flags = {flag.id: flag for flag in made.red_flags if flag.present}
    cohort.outdated += len(results.keys() - {c.id for c in rubric.criteria})
    for result in made.criteria:
        _remember(cohort, person.name, made.question_id, result)
    for flag in flags.values():
        best = _best_of(cohort.committed, (made.question_id, flag.id), _EXAMPLES)
        best.offer(flag.confidence, partial(_example, person.name, flag.evidence, ""))
    found = [results.get(criterion.id) for criterion in rubric.criteria]
    credits_ = [r.credit if r else None for r in found]
    return Entry(
        key=key,
        answer_id=one_line(made.answer_id),
        score=made.score,
        band=intern(made.band),
        levels=bytes(_CODE[r.verdict] if r else _CODE["unassessed"] for r in found),
        credits=tuple(None if c is None else numbers.setdefault(c, c) for c in credits_),  # few differ: kept once
        flags=tuple(n for n, flag in enumerate(rubric.red_flags) if flag.id in flags),
        graded_at=record.graded_at,
        judge=judge,
        texts=_in_words(made, rubric) if in_words else None,
    )


def _remember(cohort: Cohort, name: str, question: str, result: CriterionResult) -> None:
    """Offer a finding as an example; a near miss with a quote shows more than a plain one."""
    key = question, result.id
    make = partial(_example, name, result.evidence, result.gap)
    if result.verdict == "met" and result.evidence:
        _best_of(cohort.well_put, key, 1).offer(result.confidence, make)
    elif result.verdict in ("partial", "missed"):
        shows = (result.verdict == "partial") + bool(result.evidence)
        _best_of(cohort.near_misses, key, _EXAMPLES).offer(shows + result.confidence, make)


def _example(name: str, evidence: tuple[Evidence, ...], gap: str) -> Example:
    return Example(name, one_line(evidence[0].quote) if evidence else "", one_line(gap))


def _best_of(kept: dict[tuple[str, str], _Best], key: tuple[str, str], limit: int) -> _Best:
    found = kept.get(key)
    if found is None:
        found = kept[key] = _Best(limit)
    return found


def _in_words(made: Graded, rubric: Rubric) -> str:
    """The findings as the page shows them: JSON of criteria, red flags, next steps, remarks and whether all was read.

    Advice that the rubric gives word for word is left to the rubric.
    """
    results = {result.id: result for result in made.criteria}
    rows: list[list[Any]] = []
    for criterion in rubric.criteria:
        result = results.get(criterion.id)
        if result is None:
            rows.append([])
            continue
        own = "" if result.suggestion == criterion.advice else one_line(result.suggestion)
        rows.append([quotes(result.evidence), one_line(result.gap), own])
    by_id = {flag.id: flag for flag in made.red_flags if flag.present}
    quotes_of = [quotes(by_id[f.id].evidence) for f in rubric.red_flags if f.id in by_id]
    steps = [one_line(step) for step in made.summary.next_steps]
    return compact([rows, quotes_of, steps, remarks_line(made.flags), how_it_was_read(made)])[1:-1]


def compact(value: object) -> str:
    """JSON without blanks."""
    return _JSON.encode(value)


def _best(kept: dict[tuple[str, str], _Best], question: str, name: str) -> list[Example]:
    found = kept.get((question, name))
    return found.best() if found else []
