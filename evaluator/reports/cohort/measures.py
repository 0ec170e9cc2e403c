"""Figures of a cohort. Of several attempts the latest counts; an ungraded answer is in no figure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median, quantiles

from evaluator.domain import Criterion, Question, RedFlag
from evaluator.reports.cohort.collect import LEVELS, Cohort, Entry, Example, Person
from evaluator.scoring.agreement import Figure, pearson, sums

ENOUGH = 5
"""With fewer answers a correlation says nothing."""

BIN = 10


@dataclass(frozen=True, slots=True)
class Spread:
    """Five numbers of a set of scores, 0 to 100, and their mean."""

    low: float
    first: float
    middle: float
    third: float
    high: float
    mean: float


@dataclass(frozen=True, slots=True)
class Glance:
    """The cohort in numbers.

    `earlier` counts attempts before the last ones, which alone are in the other figures; `unanswered` counts questions
    of the run that a named candidate gave no answer to, asked or not.
    """

    candidates: int
    questions: int
    graded: int
    ungraded: int
    earlier: int
    unanswered: int
    spread: Spread | None
    bins: tuple[int, ...]
    bands: tuple[tuple[str, float, str, int], ...]


@dataclass(frozen=True, slots=True)
class ThemeFigure:
    """A theme: the share of its weight that the cohort earned (0 to 1), criteria and findings it rests on."""

    name: str
    credit: float
    criteria: int
    findings: int


@dataclass(frozen=True, slots=True)
class CriterionFigure:
    """A criterion: how often each verdict, mean credit (0 to 1, None where never assessed), and how it separates."""

    question: Question
    criterion: Criterion
    counts: tuple[int, int, int, int]
    credit: float | None
    separates: Figure

    @property
    def assessed(self) -> int:
        """Answers with a verdict."""
        return sum(self.counts[:3])

    @property
    def lacking(self) -> int:
        """Answers that miss it or meet it in part."""
        return self.counts[0] + self.counts[1]


@dataclass(frozen=True, slots=True)
class QuestionFigure:
    """A question: its scores, how it separates candidates, and its criteria in rubric order."""

    question: Question
    graded: int
    ungraded: int
    spread: Spread | None
    separates: Figure
    criteria: tuple[CriterionFigure, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """A criterion that many lack, with examples of what was lacking and of one who said it."""

    figure: CriterionFigure
    lacking: tuple[Example, ...]
    said: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class FlagFigure:
    """A red flag, who committed it, and examples."""

    question: Question
    flag: RedFlag
    candidates: tuple[str, ...]
    answers: int
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """A candidate who answered a question more than once: the attempts in order, `left_out` of them after the first."""

    candidate: str
    question: Question
    attempts: tuple[Entry, ...]
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    left_out: int = 0


def glance(cohort: Cohort) -> Glance:
    """The cohort as a whole."""
    latest = [entry for q in cohort.questions for _, entry in cohort.entries(q)]
    scores = [entry.score for entry in latest if entry.score is not None]
    bins = Counter(min(int(score // BIN), 100 // BIN - 1) for score in scores)
    bands = Counter(entry.band for entry in latest if entry.score is not None)
    named = [p for p in cohort.people if not p.anonymous]
    return Glance(
        candidates=len(cohort.people),
        questions=len(cohort.questions),
        graded=len(scores),
        ungraded=len(latest) - len(scores),
        earlier=sum(
            len(tried) - 1 + (p.left_out or {}).get(q, 0) for p in cohort.people for q, tried in p.attempts.items()
        ),
        unanswered=sum(q not in p.attempts for p in named for q in cohort.questions),
        spread=spread(scores),
        bins=tuple(bins[n] for n in range(100 // BIN)),
        bands=tuple((b.name, b.lower, b.meaning, bands[b.name]) for b in cohort.scale.bands),
    )


def spread(scores: Sequence[float]) -> Spread | None:
    """Five-number summary (inclusive quartiles); None of nothing, and of one score that score throughout."""
    if not scores:
        return None
    first, _, third = quantiles(scores, n=4, method="inclusive") if len(scores) > 1 else [scores[0]] * 3
    return Spread(min(scores), first, median(scores), third, max(scores), fmean(scores))


def themes(cohort: Cohort) -> list[ThemeFigure]:
    """Themes by the share of their weight that was earned, weakest first.

    A criterion without themes of its own belongs to those of its question.
    """
    gained: dict[str, float] = {}
    possible: Counter[str] = Counter()
    findings: Counter[str] = Counter()
    criteria: Counter[str] = Counter()
    for question in cohort.questions.values():
        rubric = cohort.rubrics[question.id]
        entries = cohort.entries(question.id)
        for number, criterion in enumerate(rubric.criteria):
            credits_ = [c for _, e in entries if e.credits and (c := e.credits[number]) is not None]
            for theme in dict.fromkeys(criterion.themes or question.themes):
                gained[theme] = gained.get(theme, 0) + criterion.weight * sum(credits_)
                possible[theme] += criterion.weight * len(credits_)
                findings[theme] += len(credits_)
                criteria[theme] += 1
    made = [ThemeFigure(t, gained[t] / possible[t], criteria[t], findings[t]) for t in criteria if possible[t]]
    return sorted(made, key=lambda figure: (figure.credit, figure.name))


def questions(cohort: Cohort) -> list[QuestionFigure]:
    """Questions, hardest (lowest mean score) first; those without a score last."""
    scores = {
        id(person): {q: e.score for q in cohort.questions if (e := person.latest(q)) and e.score is not None}
        for person in cohort.people
        if len(person.attempts) > 1  # an answer without others is not compared with any
    }
    made = []
    for question in cohort.questions.values():
        entries = cohort.entries(question.id)
        scored = [(person, entry) for person, entry in entries if entry.score is not None]
        made.append(
            QuestionFigure(
                question=question,
                graded=len(scored),
                ungraded=len(entries) - len(scored),
                spread=spread([entry.score for _, entry in scored if entry.score is not None]),
                separates=_question_separates(question.id, scored, scores),
                criteria=tuple(_criteria(cohort, question, [entry for _, entry in scored])),
            )
        )
    return sorted(made, key=lambda q: (q.spread is None, q.spread.mean if q.spread else 0, q.question.id))


def separation(pairs: Iterable[tuple[float, float]]) -> Figure:
    """Corrected item-total correlation: of an item with all the rest, never with itself, -1 to 1.

    None with fewer than five answers or where the item or the rest never varies. L. Crocker, J. Algina, Introduction to
    Classical and Modern Test Theory (1986), chapter 14.
    """
    kept = list(pairs)
    if len(kept) < ENOUGH:
        return Figure(None, f"fewer than {ENOUGH} answers")
    made = pearson(sums(kept))
    return made if made.value is not None else Figure(None, "all answers are alike")


def _question_separates(
    question: str, scored: list[tuple[Person, Entry]], scores: dict[int, dict[str, float]]
) -> Figure:
    pairs = []
    for person, entry in scored:
        rest = [score for other, score in scores.get(id(person), {}).items() if other != question]
        if rest and entry.score is not None:
            pairs.append((entry.score, fmean(rest)))
    return separation(pairs)


def _criteria(cohort: Cohort, question: Question, entries: list[Entry]) -> Iterable[CriterionFigure]:
    rubric = cohort.rubrics[question.id]
    weights = [c.weight for c in rubric.criteria]
    sums_of = [_earned(entry, weights) for entry in entries]
    for number, criterion in enumerate(rubric.criteria):
        counts = Counter(entry.levels[number] for entry in entries)
        pairs, credits_ = [], []
        for entry, (earned, possible) in zip(entries, sums_of, strict=True):
            credit = entry.credits[number]
            if credit is None:
                continue
            credits_.append(credit)
            if possible > criterion.weight:
                pairs.append((credit, (earned - criterion.weight * credit) / (possible - criterion.weight)))
        yield CriterionFigure(
            question=question,
            criterion=criterion,
            counts=(counts[0], counts[1], counts[2], counts[3]),
            credit=fmean(credits_) if credits_ else None,
            separates=separation(pairs) if len(weights) > 1 else Figure(None, "the rubric has one criterion"),
        )


def _earned(entry: Entry, weights: Sequence[int]) -> tuple[float, int]:
    kept = [(w, c) for w, c in zip(weights, entry.credits, strict=True) if c is not None]
    return sum(w * c for w, c in kept), sum(w for w, _ in kept)


def gaps(cohort: Cohort, figures: Iterable[QuestionFigure], limit: int = 8) -> list[Gap]:
    """The criteria that the largest share of answers lacks, the heavier first of equals."""
    found = [c for q in figures for c in q.criteria if c.lacking]
    found.sort(key=lambda c: (-c.lacking / c.assessed, -c.criterion.weight, -c.lacking, c.question.id, c.criterion.id))
    return [
        Gap(
            c,
            tuple(cohort.lacking(c.question.id, c.criterion.id)),
            tuple(cohort.said(c.question.id, c.criterion.id)),
        )
        for c in found[:limit]
    ]


def red_flags(cohort: Cohort) -> list[FlagFigure]:
    """Red flags that were committed, the commonest first."""
    made = []
    for question in cohort.questions.values():
        entries = cohort.entries(question.id)
        for number, flag in enumerate(cohort.rubrics[question.id].red_flags):
            who = tuple(person.name for person, entry in entries if number in entry.flags)
            if who:
                examples = tuple(cohort.flagged(question.id, flag.id))
                made.append(FlagFigure(question, flag, who, sum(e.score is not None for _, e in entries), examples))
    return sorted(made, key=lambda f: (-len(f.candidates), f.question.id, f.flag.id))


def ungraded(cohort: Cohort) -> list[tuple[str, Question, Entry]]:
    """Who has no result for what, by reason: candidate, question, attempt."""
    found = [
        (person.name, question, entry)
        for question in cohort.questions.values()
        for person, entry in cohort.entries(question.id)
        if entry.score is None
    ]
    return sorted(found, key=lambda row: row[2].reason)


def progress(cohort: Cohort) -> list[Progress]:
    """Candidates who answered a question more than once, with the criteria that the last attempt gained and lost."""
    made = []
    for person in cohort.people:
        for question_id, tried in person.attempts.items():
            attempts = tuple(tried)
            graded = [entry for entry in attempts if entry.score is not None]
            if len(attempts) < 2:  # noqa: PLR2004 - one attempt is no progress
                continue
            gained, lost = _changes(cohort, question_id, graded[0], graded[-1]) if len(graded) > 1 else ((), ())
            left_out = (person.left_out or {}).get(question_id, 0)
            made.append(Progress(person.name, cohort.questions[question_id], attempts, gained, lost, left_out))
    return made


def _changes(cohort: Cohort, question: str, first: Entry, last: Entry) -> tuple[tuple[str, ...], tuple[str, ...]]:
    gained: list[str] = []
    lost: list[str] = []
    for criterion, before, after in zip(cohort.rubrics[question].criteria, first.levels, last.levels, strict=True):
        if LEVELS.index("unassessed") in (before, after) or before == after:
            continue
        (gained if after > before else lost).append(criterion.statement)
    return tuple(gained), tuple(lost)
