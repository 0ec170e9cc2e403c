"""What the page shows on demand, as compact JSON: the heat map and the candidates.

A candidate is an array, as are the findings: the names of the fields would weigh more than what they hold. The script
of the page reads them by position; `templates/report.js` and this file belong together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import fmean
from typing import Any

from evaluator.reports.cohort.collect import Cohort, Entry, Person, compact
from evaluator.reports.view import one_line

CHUNK = 50
"""Candidates per block; a block is parsed when one of its candidates is first looked at."""

_UNSAFE = tuple((c, f"\\u{ord(c):04x}") for c in "<>&\u2028\u2029")


def embed(value: object) -> str:
    """JSON that can stand inside a script element: no text in it can end the element or begin another."""
    return safe(compact(value))


def safe(made: str) -> str:
    """JSON with all characters spelt out that mean something to a browser; they occur only within strings."""
    for character, spelt in _UNSAFE:  # str.translate takes ten times as long
        made = made.replace(character, spelt)
    return made


def bank_json(cohort: Cohort) -> list[dict[str, Any]]:
    """Questions with their criteria and red flags, in the order of the columns of the heat map."""
    return [
        {
            "id": question.id,
            "number": question.number,
            "text": question.text,
            "criteria": [[c.statement, c.advice, c.weight] for c in cohort.rubrics[question.id].criteria],
            "flags": [[f.statement, f.advice, f.penalty] for f in cohort.rubrics[question.id].red_flags],
        }
        for question in cohort.questions.values()
    ]


def index_json(cohort: Cohort, people: Sequence[Person]) -> list[list[Any]]:
    """One row per candidate: name, mean score or null, number graded, ungraded, and per question a cell of the map.

    A cell is null (no answer), 0 (ungraded), or [score, a digit per criterion, positions of red flags].
    """
    rows = []
    for person in people:
        latest = [person.latest(question) for question in cohort.questions]
        scores = [e.score for e in latest if e is not None and e.score is not None]
        cells = [None if e is None else _cell(e) for e in latest]
        mean = round(fmean(scores), 1) if scores else None
        rows.append([person.name, mean, len(scores), sum(e is not None for e in latest) - len(scores), cells])
    return rows


def detail_chunks(cohort: Cohort, people: Sequence[Person]) -> Iterator[str]:
    """The findings in words, in blocks of `CHUNK` candidates: [columns of the input, answers by question, judged by].

    A block is JSON, put together from the JSON that `collect` has made: reading that only to write it again would take
    longer than all else on the page.
    """
    for start in range(0, len(people), CHUNK):
        block = people[start : start + CHUNK]
        rows = (
            f"[{compact(_columns(p))},[{','.join(_answer(p, q) for q in cohort.questions)}],{compact(_judged(p))}]"
            for p in block
        )
        yield f"[{','.join(rows)}]"


def _cell(entry: Entry) -> list[Any] | int:
    if entry.score is None:
        return 0
    return [entry.score, "".join(map(str, entry.levels)), list(entry.flags)]


def _columns(person: Person) -> list[list[str]]:
    return [[one_line(name), one_line(value)] for name, value in person.extra.items() if value.strip()]


def _judged(person: Person) -> str:
    """Who judged the answers that count, and when: "Judged by embedded, last on 2026-11-20."."""
    counting = [tried[-1] for tried in person.attempts.values()]
    judges = " and ".join(dict.fromkeys(entry.judge for entry in counting))
    return f"Judged by {judges}, last on {max(entry.graded_at for entry in counting):%Y-%m-%d}."


def _answer(person: Person, question: str) -> str:
    entry = person.latest(question)
    if entry is None:
        return "null"
    attempts: list[Any] = [_attempt(tried) for tried in person.attempts[question]]
    if left_out := (person.left_out or {}).get(question):
        attempts.insert(1, left_out)
    earlier = attempts if len(attempts) > 1 else []
    if entry.texts is None:
        return compact([entry.answer_id, entry.reason, entry.detail, earlier])
    return f"[{compact(entry.answer_id)},{compact(entry.band)},{entry.texts},{compact(earlier)}]"


def _attempt(entry: Entry) -> list[Any]:
    return [entry.answer_id, entry.score, entry.band or entry.reason, f"{entry.graded_at:%Y-%m-%d}"]
