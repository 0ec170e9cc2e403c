"""Figures of a cohort against numbers worked out by hand."""

from __future__ import annotations

import pytest

from evaluator.reports.cohort import collect, measures
from evaluator.reports.cohort.collect import ATTEMPTS
from evaluator.reports.cohort.words import number, percent, separates, share
from evaluator.scoring.agreement import Figure
from tests.factory import QUESTION
from tests.reports.cohort_records import FakeRecord, cohort_of, graded, ungraded

FULL, HALF, NONE = (True, True), (True, False), (False, False)
YES, NO = (True,), (False,)
SECOND = QUESTION.model_copy(update={"id": "paging", "number": 8, "themes": ("culture",)})


def test_glance() -> None:
    """Scores 100, 40 and 0: bins, bands, spread; the ungraded answer and the missing one are counted apart."""
    cohort = cohort_of(
        graded("a", FULL, YES),
        graded("b", HALF, NO),
        graded("c", NONE, NO),
        ungraded("d"),
        graded("a", FULL, YES, question=SECOND),
        questions=(QUESTION, SECOND),
    )
    seen = measures.glance(cohort)
    assert (seen.candidates, seen.questions, seen.graded, seen.ungraded, seen.unanswered) == (4, 2, 4, 1, 3)
    assert seen.bins == (1, 0, 0, 0, 1, 0, 0, 0, 0, 2)
    assert [(name, count) for name, _, _, count in seen.bands] == [("strong", 2), ("solid", 0), ("thin", 2)]
    assert seen.spread == measures.Spread(0, 30, 70, 100, 100, 60)


@pytest.mark.parametrize("others", [(), (graded("b", FULL, YES, question=SECOND),)])
def test_a_corrected_question(others: tuple[FakeRecord, ...]) -> None:
    """Evaluations under a question that was corrected since are former ones, also where others answer that question."""
    wrong, right = (graded("a", HALF, NO, answer_id="x", question=q, cost=0.5) for q in (SECOND, QUESTION))
    again = graded("a", FULL, YES, answer_id="x", text="We page her.")
    cohort = cohort_of(wrong, wrong, right, again, *others, questions=(QUESTION, SECOND) if others else (QUESTION,))
    assert list(cohort.people[0].attempts) == ["on-call"]
    assert (cohort.former, cohort.cost_usd) == (2, 1.5)
    (progress,) = measures.progress(cohort)
    assert [entry.score for entry in progress.attempts] == [40, 100]
    assert len(measures.questions(cohort)) == 1 + len(others)
    assert cohort.lacking(SECOND.id, "page-review") == []


def test_glance_of_nothing_graded() -> None:
    """Without a score there is no spread, and nothing is 0 that is unknown."""
    seen = measures.glance(cohort_of(ungraded("a")))
    assert seen.spread is None
    assert sum(seen.bins) == 0


def test_spread_of_one() -> None:
    """One score is its own median and quartiles."""
    assert measures.spread([40]) == measures.Spread(40, 40, 40, 40, 40, 40)


def test_themes_are_weighted() -> None:
    """Weights 4 and 1: (4 x 0.5 + 1 x 1) / 5 of the question's theme was earned."""
    assert measures.themes(cohort_of(graded("a", HALF, YES))) == [
        measures.ThemeFigure("incident-response", 0.6, criteria=2, findings=2)
    ]


def test_unassessed_criteria_are_in_no_figure() -> None:
    """A criterion that the judge left open counts neither as met nor as missed."""
    (figure,) = measures.questions(cohort_of(graded("a", (), YES), graded("b", FULL, YES)))
    assert figure.criteria[0].counts == (0, 0, 1, 1)
    assert figure.criteria[0].credit == 1.0
    assert figure.criteria[0].assessed == 1


def test_questions_hardest_first() -> None:
    """The question with the lower mean score comes first."""
    cohort = cohort_of(graded("a", FULL, YES), graded("a", HALF, NO, question=SECOND), questions=(QUESTION, SECOND))
    assert [q.question.id for q in measures.questions(cohort)] == ["paging", "on-call"]


def test_separation_leaves_the_item_out_of_the_rest() -> None:
    """Credits 0, 0, 1, 1, 0 against the other criterion's 0, 0, 1, 1, 1: r = 2 / 3 by hand, and not 0.93."""
    people = [(NONE, NO), (NONE, NO), (FULL, YES), (FULL, YES), (FULL, NO)]
    (figure,) = measures.questions(cohort_of(*(graded(str(n), o, r) for n, (o, r) in enumerate(people))))
    assert figure.criteria[1].separates.value == pytest.approx(2 / 3)
    assert figure.criteria[0].separates.value == pytest.approx(2 / 3)


def test_separation_undefined() -> None:
    """Too few answers, or answers that are all alike, have no correlation, and it is said why."""
    (few,) = measures.questions(cohort_of(graded("a", FULL, YES)))
    assert few.criteria[0].separates == Figure(None, "fewer than 5 answers")
    (alike,) = measures.questions(cohort_of(*(graded(str(n), FULL, YES) for n in range(6))))
    assert alike.criteria[0].separates == Figure(None, "all answers are alike")
    assert alike.separates == Figure(None, "fewer than 5 answers")


def test_separation_of_a_lone_criterion() -> None:
    """A rubric with one criterion has no rest to compare it with."""
    cohort = cohort_of(*(graded(str(n), FULL, YES) for n in range(5)))
    rubric = cohort.rubrics["on-call"]
    cohort.rubrics = {"on-call": rubric.model_copy(update={"criteria": rubric.criteria[:1]})}
    for person in cohort.people:
        entry = person.latest("on-call")
        assert entry is not None
        entry.levels, entry.credits = entry.levels[:1], entry.credits[:1]
    (figure,) = measures.questions(cohort)
    assert figure.criteria[0].separates == Figure(None, "the rubric has one criterion")


def test_gaps_commonest_first_with_examples() -> None:
    """Three of three lack the review, one of three the owner; near misses and a good answer are shown."""
    cohort = cohort_of(
        graded("a", FULL, NO, text="The owner is paged."), graded("b", HALF, NO, text="There is an owner."),
        graded("c", FULL, NO),
    )  # fmt: skip
    first, second = measures.gaps(cohort, measures.questions(cohort))
    assert (first.figure.criterion.id, first.figure.lacking, first.said) == ("page-review", 3, ())
    assert (second.figure.criterion.id, second.figure.lacking) == ("owner-paged", 1)
    assert [(e.candidate, e.quote) for e in second.lacking] == [("b", "There is an owner.")]
    assert [(e.candidate, e.quote) for e in second.said] == [("a", "The owner is paged.")]


def test_red_flags() -> None:
    """Who committed one, of how many graded answers."""
    (flag,) = measures.red_flags(cohort_of(graded("a", FULL, YES, hero=True), graded("b", FULL, YES), ungraded("c")))
    assert (flag.flag.id, flag.candidates, flag.answers) == ("hero-culture", ("a",), 2)
    assert flag.examples[0].quote == "We page the owner."


def test_last_attempt_counts_and_progress_is_shown() -> None:
    """Of two answers to one question the later one is in the figures, and what it gained and lost is listed."""
    cohort = cohort_of(
        graded("a", FULL, NO, text="one", answer_id="x1"), graded("a", HALF, YES, text="two", answer_id="x2")
    )
    assert measures.glance(cohort).graded == 1
    assert measures.glance(cohort).spread == measures.spread([60.0])
    (step,) = measures.progress(cohort)
    assert [entry.score for entry in step.attempts] == [80.0, 60.0]
    assert step.gained == ("The answer says that pages are reviewed every week.",)
    assert step.lost == ("The answer says that the owner of a service is paged.",)


def test_same_text_judged_again_is_no_progress() -> None:
    """A former judgement of the same text is replaced by the later one and counted as such."""
    cohort = cohort_of(graded("a", NONE, NO), graded("a", FULL, YES))
    assert measures.progress(cohort) == []
    assert cohort.former == 1
    assert measures.glance(cohort).spread == measures.spread([100.0])


def test_changed_text_of_the_same_answer_is_progress() -> None:
    """An answer that was rewritten under the same id is a second attempt."""
    (step,) = measures.progress(cohort_of(graded("a", NONE, NO, text="old"), graded("a", FULL, YES, text="new")))
    assert [entry.score for entry in step.attempts] == [0.0, 100.0]


def test_many_attempts_keep_the_first_and_the_latest() -> None:
    """Of many attempts the first graded one and the latest are kept, the rest is counted; only the last has its words."""
    tried = [graded("a", FULL if n == 29 else NONE, NO, text=f"text {n}") for n in range(30)]
    cohort = cohort_of(ungraded("a"), *tried)
    (step,) = measures.progress(cohort)
    kept = cohort.people[0].attempts["on-call"]
    assert (len(step.attempts), step.left_out) == (ATTEMPTS, 31 - ATTEMPTS)
    assert [entry.score for entry in step.attempts] == [0.0] * (ATTEMPTS - 1) + [80.0]
    assert step.gained == ("The answer says that the owner of a service is paged.",)
    assert measures.glance(cohort).earlier == 30
    assert [entry.texts is not None for entry in kept] == [False] * (ATTEMPTS - 1) + [True]
    assert cohort.words == len(kept[-1].texts or "")


def test_findings_on_dropped_criteria_are_counted() -> None:
    """A criterion that the latest rubric no longer has is in no figure, and the page can say so."""
    record = graded("a", FULL, YES)
    rubrics = cohort_of(record).rubrics
    smaller = {"on-call": rubrics["on-call"].model_copy(update={"criteria": rubrics["on-call"].criteria[:1]})}
    cohort = collect([record], {"on-call": QUESTION}, smaller, cohort_of(record).scale)
    assert cohort.outdated == 1
    assert measures.questions(cohort)[0].criteria[0].counts == (0, 0, 1, 0)


def test_answers_without_a_candidate_stand_alone() -> None:
    """Each is a person of its own, named after the answer, and has left nothing unanswered."""
    cohort = cohort_of(
        graded(None, FULL, YES, answer_id="x"), graded(None, NONE, NO, answer_id="y"), questions=(QUESTION, SECOND)
    )
    assert [p.name for p in cohort.people] == ["answer x", "answer y"]
    assert measures.glance(cohort).unanswered == 0


def test_costs_are_added_up_and_unknown_ones_counted() -> None:
    """An unknown cost is not 0."""
    cohort = cohort_of(graded("a", FULL, YES, cost=0.25), graded("b", FULL, YES, cost=None))
    assert (cohort.cost_usd, cohort.unpriced) == (0.25, 1)


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        (Figure(0.41), "well (+0.41)"),
        (Figure(0.2), "a little (+0.20)"),
        (Figure(0.0), "hardly (+0.00)"),
        (Figure(-0.3), "the wrong way round (\N{MINUS SIGN}0.30)"),
        (Figure(None, "fewer than 5 answers"), "fewer than 5 answers"),
    ],
)
def test_separation_in_words(figure: Figure, words: str) -> None:
    """A word and the figure, or the reason why there is none."""
    assert separates(figure) == words


def test_numbers_in_words() -> None:
    """A missing figure is a dash; a bar of nothing has no width."""
    assert (number(None), number(61.24), percent(None), percent(0.125)) == (
        "\N{EN DASH}",
        "61.2",
        "\N{EN DASH}",
        "12 %",
    )
    assert (share(1, 4), share(0, 0)) == ("25.00%", "0%")
