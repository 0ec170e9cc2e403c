"""The arithmetic of a score."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluator.domain import Assessment
from evaluator.scoring import band, score, unassessed_share
from tests.factory import RUBRIC, SCALE, assessment, finding


def test_formula() -> None:
    """Score = 100 x sum(weight x points met / points) / sum(weight): (4 x 1/2 + 1 x 1) / 5 is 60."""
    card = score(RUBRIC, SCALE, assessment(finding("owner-paged", True, False), finding("page-review", True)))
    assert (card.score, card.band) == (60.0, "solid")
    assert [c.verdict for c in card.criteria] == ["partial", "met"]
    assert [c.credit for c in card.criteria] == [0.5, 1.0]


def test_unassessed_weight_does_not_count() -> None:
    """A criterion that was not assessed is neither gain nor loss, and its credit is None."""
    card = score(RUBRIC, SCALE, assessment(finding("owner-paged", True, True), finding("page-review")))
    assert card.score == 100.0
    assert card.criteria[1].credit is None
    assert [p.met for p in card.criteria[1].points] == [None]


def test_red_flag_takes_points_and_caps_the_band() -> None:
    """A red flag takes its penalty off and holds the band at the cap of the scale."""
    full = finding("owner-paged", True, True), finding("page-review", True)
    card = score(RUBRIC, SCALE, assessment(*full, hero=True))
    assert (card.score, card.band) == (80.0, "solid")
    assert card.summary.next_steps == ("Praise the fix that lets people sleep.",)


def test_never_below_zero() -> None:
    """A penalty cannot push the score below 0, nor a cap lift the band."""
    card = score(
        RUBRIC, SCALE, assessment(finding("owner-paged", False, False), finding("page-review", False), hero=True)
    )
    assert (card.score, card.band) == (0.0, "thin")


def test_doubtful_red_flag_costs_nothing() -> None:
    """A red flag that the judge could not tell is no accusation."""
    card = score(RUBRIC, SCALE, assessment(finding("owner-paged", True, True), finding("page-review", True), hero=None))
    assert (card.score, card.band) == (100.0, "strong")
    assert card.red_flags[0].present is None


def test_next_steps_by_weight_lost() -> None:
    """What costs most comes first; the judge's own suggestion wins over the rubric's advice."""
    card = score(
        RUBRIC,
        SCALE,
        assessment(finding("owner-paged", False, False, suggestion="Name the owner."), finding("page-review", False)),
    )
    assert card.summary.next_steps == ("Name the owner.", "Say when pages are looked at again.")
    assert card.summary.strengths == ()


def test_met_criterion_has_no_gap_or_suggestion() -> None:
    """Feedback on a met criterion does not ask for more, whatever the judge wrote."""
    full = finding("owner-paged", True, True, gap="none", suggestion="More."), finding("page-review", False)
    card = score(RUBRIC, SCALE, assessment(*full))
    assert (card.criteria[0].gap, card.criteria[0].suggestion) == ("", "")
    assert card.criteria[1].suggestion == "Say when pages are looked at again."


def test_unassessed_share() -> None:
    """The share is of weight, not of criteria."""
    found = assessment(finding("owner-paged", True, True), finding("page-review"))
    assert unassessed_share(RUBRIC, found) == pytest.approx(0.2)


@pytest.mark.parametrize(
    "found",
    [
        assessment(finding("page-review", True), finding("owner-paged", True, True)),
        assessment(finding("owner-paged", True, True)),
        assessment(finding("owner-paged", True), finding("page-review", True)),
        assessment(finding("owner-paged"), finding("page-review")),
    ],
    ids=["order", "missing", "points", "nothing assessed"],
)
def test_findings_must_fit(found: Assessment) -> None:
    """Findings in another order, too few, with other points, or none assessed, are an error and not a score."""
    with pytest.raises(ValueError, match=r"owner-paged|nothing to score"):
        score(RUBRIC, SCALE, found)


@pytest.mark.parametrize(
    ("points", "name"), [(100, "strong"), (70, "strong"), (69.9, "solid"), (50, "solid"), (0, "thin")]
)
def test_band_edges(points: float, name: str) -> None:
    """A band begins at its lower bound."""
    assert band(SCALE, points, capped=False) == name


_POINTS = st.tuples(st.tuples(st.booleans(), st.booleans()) | st.none(), st.tuples(st.booleans()) | st.none())


@given(points=_POINTS, hero=st.booleans())
def test_score_is_bounded_and_monotone(
    points: tuple[tuple[bool, ...] | None, tuple[bool, ...] | None], hero: bool
) -> None:
    """Any score lies between 0 and 100, and one more point met never lowers it."""
    first, second = points
    if first is None and second is None:
        return
    findings = finding("owner-paged", *(first or ())), finding("page-review", *(second or ()))
    value = score(RUBRIC, SCALE, assessment(*findings, hero=hero)).score
    assert 0 <= value <= 100
    if first is not None:
        better = finding("owner-paged", True, first[1]), findings[1]
        assert score(RUBRIC, SCALE, assessment(*better, hero=hero)).score >= value
