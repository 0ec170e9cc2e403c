"""What deriving again proposes, changes and leaves alone."""

from __future__ import annotations

import pytest

from evaluator.errors import InputError
from tests.authoring.derive_kit import (
    ACCEPT,
    MODEL_ANSWER,
    OWNER,
    Kit,
    Model,
    examples,
    three,
)


def edited(kit: Kit, old: str, new: str) -> str:
    """Edit the rubric as a person would."""
    text = kit.file.read_text(encoding="utf-8")
    assert old in text
    kit.file.write_text(text.replace(old, new), encoding="utf-8")
    return text.replace(old, new)


BETTER = "Tell who carries the pager and give the name of one such team."


def better() -> Model:
    """A model that now writes another advice for the first criterion, and another example for the last."""
    said = three()
    said["criteria"][0]["advice"] = BETTER
    said["criteria"][2] |= {"id": "weekly-review", "weight": 1}
    return Model(criteria=[said], **{"weekly-review": [examples([*ACCEPT[1:], "Mondays at nine we delete noise."])]})


def test_an_update_is_only_proposed(kit: Kit) -> None:
    """The difference is shown, nothing is written, and applying it asks nothing again."""
    kit.derive()
    before = kit.file.read_text(encoding="utf-8")
    kit.model = better()
    proposed = kit.update(spec="openai/gpt-5")
    assert proposed.kind == "proposed"
    assert "-    advice: Tell who is woken up at night" in proposed.diff
    assert f"+    advice: {BETTER}" in proposed.diff
    assert "-version: 1\n+version: 2" in proposed.diff
    assert kit.file.read_text(encoding="utf-8") == before
    kit.model = Model()
    applied = kit.update(spec="openai/gpt-5", apply=True)
    assert (applied.kind, applied.diff) == ("final", proposed.diff)
    assert kit.model.users == []
    assert kit.rubric().version == 2


def test_ids_stay_where_the_source_is_the_same(kit: Kit) -> None:
    """A criterion that comes back under another id keeps the old one."""
    kit.derive()
    kit.model = better()
    kit.update(spec="openai/gpt-5", apply=True)
    rubric = kit.rubric()
    assert [(c.id, c.weight) for c in rubric.criteria] == [("owner", 5), ("weeks", 3), ("monday", 1)]
    assert rubric.criteria[2].examples.accept[-1] == "Mondays at nine we delete noise."


def test_what_a_person_edited_stays(kit: Kit) -> None:
    """Edited words, comments and removed entries survive every update; what nobody touched is renewed."""
    kit.derive()
    edited(kit, "    advice: Tell who is woken up at night, for example the people that wrote the code.\n    examples:\n"
           "      accept:\n        - Whoever", "    advice: My own words.\n    examples:\n      accept:\n        - Whoever")  # fmt: skip
    edited(kit, "    weight: 3\n", "    weight: 4  # the board asked for it\n")
    kit.model = better()
    for spec in ("openai/gpt-5", "openai/gpt-4"):
        kit.update(spec=spec, apply=True)
        kit.model = better()
    text = kit.file.read_text(encoding="utf-8")
    rubric = kit.rubric()
    assert rubric.criteria[1].weight == 4
    assert "    weight: 4  # the board asked for it\n" in text
    assert rubric.criteria[2].weight == 1


def test_an_edited_field_stays_beside_one_that_is_renewed(kit: Kit) -> None:
    """Within one criterion the edited advice stays while the examples are renewed."""
    kit.derive()
    data = "advice: Tell who is woken up at night, for example the people that wrote the code."
    text = kit.file.read_text(encoding="utf-8")
    at = text.rindex(data)
    kit.file.write_text(text[:at] + "advice: My own words." + text[at + len(data) :], encoding="utf-8")
    kit.model = better()
    kit.update(spec="openai/gpt-5", apply=True)
    last = kit.rubric().criteria[2]
    assert (last.advice, last.weight) == ("My own words.", 1)
    assert last.examples.accept[-1] == "Mondays at nine we delete noise."


def test_a_removed_criterion_stays_removed(kit: Kit) -> None:
    """What a person took out does not come back."""
    kit.derive()
    text = kit.file.read_text(encoding="utf-8")
    start, end = text.index("  - id: weeks"), text.index("  - id: monday")
    kit.file.write_text(text[:start] + text[end:], encoding="utf-8")
    kit.model = Model()
    outcome = kit.update(spec="openai/gpt-5")
    assert outcome.kind == "unchanged"
    assert [c.id for c in kit.rubric().criteria] == ["owner", "monday"]


def test_a_rubric_of_a_persons_own_only_grows(kit: Kit) -> None:
    """Without a record every word counts as edited; what it lacks is added below, with the layout kept."""
    kit.file.parent.mkdir()
    own = (
        "# our rubric\nquestion: on-call\nversion: 4\ncriteria:\n  # from the handbook\n  - id: pager\n"
        "    statement: The answer says that the team that owns a service carries its pager.\n    weight: 2\n"
        "    points: [The answer says that the team that owns a service carries its pager.]\n"
        f"    source: {OWNER}\n    advice: Say it.\n"
    )
    kit.file.write_text(own, encoding="utf-8")
    outcome = kit.update(apply=True)
    text = kit.file.read_text(encoding="utf-8")
    assert text.startswith(own.replace("version: 4", "version: 5"))
    assert outcome.kind == "final"
    assert [c.id for c in kit.rubric().criteria] == ["pager", "weeks", "monday"]
    assert [f.id for f in kit.rubric().red_flags] == ["heroes"]


def test_a_changed_model_answer_is_followed(kit: Kit) -> None:
    """A source that no longer stands in the model answer is replaced by the new one."""
    kit.derive()
    new = "Every service has one team that owns it, and that team is paged."
    kit.question("on-call", MODEL_ANSWER.replace(OWNER, new))
    said = three()
    said["criteria"][0]["source"] = new
    kit.model = Model(criteria=[said])
    outcome = kit.update(apply=True)
    assert outcome.kind == "final"
    assert kit.rubric().criteria[0].source == new


def test_an_update_of_nothing_changes_nothing(kit: Kit) -> None:
    """The same replies give the same rubric."""
    kit.derive()
    outcome = kit.update()
    assert (outcome.kind, outcome.diff) == ("unchanged", "")


def test_there_must_be_something_to_update(kit: Kit) -> None:
    """Without a rubric --update says to leave it out."""
    with pytest.raises(InputError, match="has no rubric to update"):
        kit.update()


def test_a_broken_record_is_named(kit: Kit) -> None:
    """A record that cannot be read says what removing it means."""
    kit.derive()
    (kit.root / "derived" / "on-call.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match="counts as edited"):
        kit.update()
