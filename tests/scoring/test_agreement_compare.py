"""A judge against a truth, as a whole and in groups."""

from __future__ import annotations

import pytest

from evaluator.domain import Graded, Provenance, Ungraded, Usage
from evaluator.scoring import score
from evaluator.scoring.agreement import Bootstrap, Figure, Item, Rater, alpha_of, compare, rater_of, score_of_labels
from tests.factory import RUBRIC, SCALE, assessment, finding

QUICK = Bootstrap(resamples=50)
MADE = Provenance(
    fingerprint="0",
    judge="scripted",
    model="scripted",
    prompt=None,
    rubric_version=1,
    evaluator_version="0",
    usage=Usage(),
)


def graded(answer: str, owner: tuple[bool, ...], review: tuple[bool, ...], *, hero: bool | None = False) -> Graded:
    """An evaluation of the factory's question."""
    card = score(RUBRIC, SCALE, assessment(finding("owner-paged", *owner), finding("page-review", *review), hero=hero))
    return Graded(
        question_id="on-call",
        answer_id=answer,
        candidate=None,
        provenance=MADE,
        **{n: getattr(card, n) for n in card.__class__.model_fields},
    )


def rater(name: str, verdicts: dict[tuple[str, str], str], scores: dict[str, float] | None = None) -> Rater:
    """A rater of the factory's question."""
    return Rater(name, {Item(a, "on-call", c): v for (a, c), v in verdicts.items()}, {}, scores or {})


def test_rater_of_evaluations() -> None:
    """Verdicts, red flags and scores are taken over; what is unassessed is absent; the ungraded are listed."""
    lost = Ungraded(question_id="on-call", answer_id="b", reason="empty", detail="", attempts=0, provenance=MADE)
    made = rater_of("j", [graded("a", (True, False), (), hero=None), lost])
    assert made.verdicts == {Item("a", "on-call", "owner-paged"): "partial"}
    assert made.red_flags == {}
    assert made.scores == {"a": 50.0}
    assert made.ungraded == ("b",)


def test_overall_figures() -> None:
    """Four pairs, three right; the majority of each criterion is right in three; the scores differ by 10 and 0."""
    truth = rater(
        "t", {("a", "x"): "met", ("a", "y"): "missed", ("b", "x"): "met", ("b", "y"): "partial"}, {"a": 50, "b": 80}
    )
    judge = rater(
        "j", {("a", "x"): "met", ("a", "y"): "met", ("b", "x"): "met", ("b", "y"): "partial"}, {"a": 60, "b": 80}
    )
    block = compare(judge, truth, bootstrap=QUICK).overall
    assert (block.answers, block.pairs, block.unjudged) == (2, 4, 0)
    assert block.figures["accuracy"].value == 0.75
    assert block.figures["met_judge"].value == 0.75
    assert block.figures["met_truth"].value == 0.5
    assert block.figures["score_mae"].value == 5
    assert block.figures["score_bias"].value == 5
    assert block.figures["score_pearson"] == Figure(None, "two pairs always lie on a line")
    assert block.majority["accuracy"].value == 0.75
    assert block.majority["kappa"].value == 1.0


def test_groups() -> None:
    """Blocks by question, criterion and group hold their own pairs; criteria have no scores."""
    truth = rater("t", {("a", "x"): "met", ("b", "x"): "met", ("b", "y"): "missed"}, {"a": 50, "b": 80})
    judge = rater("j", {("a", "x"): "met", ("b", "x"): "missed", ("b", "y"): "missed"}, {"a": 60, "b": 80})
    made = compare(judge, truth, group_of={"a": "terse", "c": "story"}, bootstrap=QUICK)
    assert {n: b.pairs for n, b in made.by_question.items()} == {"on-call": 3}
    assert {n: b.figures["accuracy"].value for n, b in made.by_criterion.items()} == {"on-call/x": 0.5, "on-call/y": 1}
    assert {n: b.figures["score_mae"].value for n, b in made.by_group.items()} == {"terse": 10}
    assert "score_mae" not in made.by_criterion["on-call/x"].figures


def test_unjudged_labels_are_counted_and_in_no_figure() -> None:
    """A label without a verdict of the judge changes no figure and is counted where it belongs."""
    truth = rater("t", {("a", "x"): "met", ("a", "y"): "met"})
    made = compare(rater("j", {("a", "x"): "met"}), truth, bootstrap=QUICK)
    assert made.overall.figures["accuracy"] == Figure(1.0)
    assert made.overall.unjudged == 1
    assert made.by_criterion["on-call/y"].unjudged == 1
    assert made.by_criterion["on-call/y"].figures["accuracy"] == Figure(None, "there is nothing to compare")


def test_nothing_in_common() -> None:
    """Two raters of different answers: all figures undefined, nothing raised."""
    made = compare(rater("j", {("a", "x"): "met"}), rater("t", {}), bootstrap=QUICK)
    assert made.overall.pairs == 0
    assert {f.value for f in made.overall.figures.values()} == {None}
    assert made.red_flags.pairs == 0


def test_scores_alone_are_compared() -> None:
    """Labels may hold nothing but scores; these are compared all the same."""
    truth = rater("t", {}, {"a": 10, "b": 50, "c": 90})
    judge = rater("j", {("a", "x"): "met"}, {"a": 20, "b": 60, "c": 100})
    made = compare(judge, truth, bootstrap=QUICK).overall
    assert made.figures["score_mae"].value == 10
    assert made.figures["score_pearson"].value == pytest.approx(1)
    assert made.figures["accuracy"].value is None


def test_red_flags_are_apart() -> None:
    """Red flags are present or absent and enter no figure of the criteria."""
    item = Item("a", "on-call", "hero-culture"), Item("b", "on-call", "hero-culture")
    truth = Rater("t", {}, {item[0]: True, item[1]: False})
    judge = Rater("j", {}, {item[0]: False, item[1]: False})
    made = compare(judge, truth, bootstrap=QUICK)
    assert made.red_flags.figures["accuracy"].value == 0.5
    assert made.red_flags.figures["f1_present"].value == 0
    assert made.red_flags.figures["present_truth"].value == 0.5
    assert made.overall.pairs == 0


def test_alpha_of_three_raters() -> None:
    """Raters who never differ have alpha 1; what one left out does no harm."""
    full = rater("a", {("1", "x"): "met", ("2", "x"): "missed"})
    part = rater("b", {("1", "x"): "met"})
    assert alpha_of([full, part, full]) == Figure(1.0)


def test_score_of_labels() -> None:
    """Points count where they are given, else partial is half; a red flag takes its penalty; a gap means no score."""
    labels = {"owner-paged": "partial", "page-review": "met"}
    assert score_of_labels(RUBRIC, labels, {}) == 60.0
    assert score_of_labels(RUBRIC, labels, {"page-review": (True,), "owner-paged": (True, False)}) == 60.0
    assert score_of_labels(RUBRIC, labels | {"hero-culture": "met"}, {}) == 40.0
    assert score_of_labels(RUBRIC, {"page-review": "met"}, {}) is None
