"""Each fault of wording is caught, and a sound rubric passes."""

from __future__ import annotations

from typing import Any

import pytest

from evaluator.bank import Bank, lint_rubric
from evaluator.domain import RedFlag
from tests.factory import RUBRIC

FIRST = RUBRIC.criteria[0]


def lints(**changes: Any) -> list[tuple[str, str, tuple[str | int, ...]]]:
    """Name, level and path of each lint of the factory's rubric with the first criterion changed."""
    changed = RUBRIC.model_copy(update={"criteria": (FIRST.model_copy(update=changes), *RUBRIC.criteria[1:])})
    return [(lint.name, lint.level, lint.path) for lint in lint_rubric(changed)]


def test_sound_rubric_has_no_lints() -> None:
    """A rubric without a fault gets no remark."""
    assert lints() == []


def test_shipped_rubrics_have_no_lints(bank: Bank) -> None:
    """Nothing in the wording of the shipped rubrics is left to mend."""
    assert [lint for rubric in bank.load_rubrics() for lint in lint_rubric(rubric)] == []


def test_compound_point() -> None:
    """Two demands in one point are an error at that point."""
    points = FIRST.points[0], "The answer says that the owner is paged and names the service."
    assert ("compound", "error", ("criteria", 0, "points", 1)) in lints(points=points)


def test_compound_statement_with_one_point() -> None:
    """Two demands in a statement need two points; with two points they are fine."""
    statement = "The answer names the owner of a service and says that the owner is paged."
    assert ("compound", "error", ("criteria", 0, "statement")) in lints(statement=statement, points=(statement,))
    assert "compound" not in {name for name, _, _ in lints(statement=statement)}


@pytest.mark.parametrize("word", ["good", "appropriate", "effectively", "robust", "various"])
def test_vague_word(word: str) -> None:
    """A word that two assessors read differently is an error where it stands."""
    statement = f"The answer says that the owner of a service is {word} paged."
    assert ("vague", "error", ("criteria", 0, "statement")) in lints(statement=statement)


def test_points_that_leave_something_out() -> None:
    """Points must ask for what the statement demands."""
    assert ("points-incomplete", "error", ("criteria", 0, "points")) in lints(points=("The answer describes a rota.",))


def test_points_that_ask_for_more() -> None:
    """Points must not ask for what the statement does not demand."""
    points = *FIRST.points, "The answer compares salaries, holidays, bonuses, pensions, bicycles and canteens."
    assert ("points-beyond", "error", ("criteria", 0, "points")) in lints(points=points)


def test_illustrations_need_no_point() -> None:
    """What follows "such as" or stands in brackets is no demand."""
    statement = "The answer says that the owner of a service is paged, such as a squad, guild, tribe, pod or chapter."
    assert lints(statement=statement) == []


def test_advice_that_repeats_the_statement() -> None:
    """Advice must say more than the statement does."""
    advice = "Say that the owner of the service is paged."
    assert ("advice-repeats", "error", ("criteria", 0, "advice")) in lints(advice=advice)


def test_equal_weights() -> None:
    """Weights that are all the same say nothing."""
    assert ("equal-weights", "error", ("criteria",)) in lints(weight=RUBRIC.criteria[1].weight)


@pytest.mark.parametrize(
    ("statement", "caught"),
    [
        ("The answer does not say that the owner of a service is paged.", True),
        ("The answer fails to say that the owner of a service is paged.", True),
        ("The answer wakes people who have never seen the service.", False),
    ],
)
def test_red_flag_that_negates_a_criterion(statement: str, caught: bool) -> None:
    """A red flag that only says that a criterion is missing is an error; a harmful practice is none."""
    flag = RedFlag(id="negated", statement=statement, penalty=10, advice="Do.")
    found = lint_rubric(RUBRIC.model_copy(update={"red_flags": (flag,)}))
    assert [lint.name for lint in found] == ["negated-criterion"] * caught
