"""Evaluations, one at a time, to a compact picture of a cohort.

What is kept of an answer is a few numbers; the texts of findings are kept only for as many candidates as the page
shows, and examples only as many as it prints. So memory grows slowly with the number of answers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from heapq import heappush, heapreplace
from itertools import count
from typing import Any, Protocol

from evaluator.domain import Answer, CriterionResult, Evidence, Graded, Question, Rubric, Scale, Ungraded
from evaluator.reports.view import one_line

LEVELS = ("missed", "partial", "met", "unassessed")
"""Verdicts by their code, 0 to 3."""

_EXAMPLES = 3
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
    flags; `score` is None where the answer is ungraded, and `reason` and `detail` say why. `texts` are the findings in
    words, for candidates that the page shows.
    """

    answer_id: str
    score: float | None
    band: str
    levels: tuple[int, ...]
    credits: tuple[float | None, ...]
    flags: tuple[int, ...]
    graded_at: datetime
    reason: str = ""
    detail: str = ""
    texts: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A line of an answer that stands for others: who, what was quoted, what was missing."""

    candidate: str
    quote: str
    gap: str


@dataclass(slots=True)
class Person:
    """A candidate, or an answer without one; attempts are in order, the latest last, by question id."""

    name: str
    extra: Mapping[str, str]
    anonymous: bool = False
    attempts: dict[str, dict[str, Entry]] = field(default_factory=dict)

    def latest(self, question: str) -> Entry | None:
        """The attempt that counts."""
        tried = self.attempts.get(question)
        return next(reversed(tried.values())) if tried else None


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
    judgements that a later one of the same text has replaced.
    """

    questions: Mapping[str, Question]
    rubrics: Mapping[str, Rubric]
    scale: Scale
    people: list[Person] = field(default_factory=list)
    judges: dict[str, int] = field(default_factory=dict)
    latest: datetime | None = None
    outdated: int = 0
    former: int = 0
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
    cohort = Cohort(questions, rubrics, scale)
    people: dict[tuple[bool, str], Person] = {}
    for record in records:
        named = record.answer.candidate is not None
        key = named, record.answer.candidate or record.answer.id
        person = people.get(key)
        if person is None:
            name = one_line(key[1]) if named else f"answer {one_line(key[1])}"
            person = people[key] = Person(name, record.extra, anonymous=not named)
            cohort.people.append(person)
        person.extra = record.extra
        _add(cohort, person, record, in_words=len(cohort.people) <= details)
    return cohort


def _add(cohort: Cohort, person: Person, record: Record, *, in_words: bool) -> None:
    made = record.evaluation.provenance
    cohort.latest = max(cohort.latest or record.graded_at, record.graded_at)
    cohort.judges[made.judge] = cohort.judges.get(made.judge, 0) + 1
    if made.usage.cost_usd is None:
        cohort.unpriced += 1
    else:
        cohort.cost_usd += made.usage.cost_usd
    entry = _entry(cohort, person, record, in_words=in_words)
    tried = person.attempts.setdefault(record.evaluation.question_id, {})
    # The same text judged again is the same attempt; it moves to the end, where the latest one is.
    digest = hashlib.sha256(record.answer.text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    if tried.pop(f"{record.answer.id}\0{digest}", None) is not None:
        cohort.former += 1
    tried[f"{record.answer.id}\0{digest}"] = entry


def _entry(cohort: Cohort, person: Person, record: Record, *, in_words: bool) -> Entry:
    made = record.evaluation
    if isinstance(made, Ungraded):
        return Entry(
            made.answer_id, None, "", (), (), (), record.graded_at, one_line(made.reason), one_line(made.detail)
        )
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
    return Entry(
        answer_id=one_line(made.answer_id),
        score=made.score,
        band=made.band,
        levels=tuple(_CODE[r.verdict] if r else _CODE["unassessed"] for r in found),
        credits=tuple(r.credit if r else None for r in found),
        flags=tuple(n for n, flag in enumerate(rubric.red_flags) if flag.id in flags),
        graded_at=record.graded_at,
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


def _in_words(made: Graded, rubric: Rubric) -> dict[str, Any]:
    """The findings as the page shows them; advice that the rubric gives word for word is left to the rubric."""
    results = {result.id: result for result in made.criteria}
    rows: list[list[Any]] = []
    for criterion in rubric.criteria:
        result = results.get(criterion.id)
        if result is None:
            rows.append([])
            continue
        quotes = [one_line(evidence.quote) for evidence in result.evidence]
        own = "" if result.suggestion == criterion.advice else one_line(result.suggestion)
        rows.append([quotes, one_line(result.gap), own])
    by_id = {flag.id: flag for flag in made.red_flags if flag.present}
    quotes_of = [[one_line(e.quote) for e in by_id[f.id].evidence] for f in rubric.red_flags if f.id in by_id]
    return {"criteria": rows, "flags": quotes_of, "steps": [one_line(step) for step in made.summary.next_steps]}


def _best(kept: dict[tuple[str, str], _Best], question: str, name: str) -> list[Example]:
    found = kept.get((question, name))
    return found.best() if found else []
