"""What is written, kept, resumed, merged and left alone."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluator.bank import load_bank
from evaluator.domain import Answer, Graded
from evaluator.errors import ConfigurationError, InputError, UnreachableError
from evaluator.judges import Case
from evaluator.runs import grade_one
from evaluator.runs.batch.budget import Budget, BudgetSpentError
from tests.authoring.derive_kit import (
    MODEL_ANSWER,
    MONDAY,
    OWNER,
    WEEKS,
    Kit,
    LetterEncoder,
    Model,
    criterion,
    red_flag,
)


def test_the_file_reads_like_the_shipped_ones(kit: Kit) -> None:
    """Keys, order, indentation and folding are those of the bank that comes with the package."""
    kit.derive()
    text = kit.file.read_text(encoding="utf-8")
    assert text.startswith(
        "question: on-call\n"
        "version: 1\n"
        "criteria:\n"
        "  - id: owner\n"
        "    statement: The answer says that the team that owns a service carries its pager.\n"
        "    weight: 5\n"
        "    themes: [incident-response]\n"
        "    points:\n"
        "      - The answer says that the team that owns a service carries its pager.\n"
        "    source: Each service has a team that owns it and carries its pager.\n"
        "    advice: Tell who is woken up at night, for example the people that wrote the code.\n"
        "    examples:\n"
        "      accept:\n"
        "        - Whoever wrote the code gets the call at night, no exceptions at all.\n"
    )
    assert max(len(line) for line in text.splitlines()) <= 100
    assert "\nred_flags:\n  - id: heroes\n" in text


def test_an_answer_can_be_graded_with_what_was_derived(kit: Kit) -> None:
    """The derived rubric gives an answer with one of three things its share of the score."""
    kit.derive()
    bank = load_bank(kit.root)
    case = Case(
        bank.find("on-call"), bank.rubric("on-call"), Answer(id="a", question_id="on-call", text=f"Well. {WEEKS}")
    )
    result = asyncio.run(grade_one(case, bank.scale, kit.judge))
    assert isinstance(result, Graded)
    assert result.score == 30.0


def test_a_final_rubric_is_never_overwritten(kit: Kit) -> None:
    """Deriving again skips it, asks nothing and changes nothing."""
    kit.derive()
    before = kit.file.read_text(encoding="utf-8")
    kit.model = Model()
    outcome = kit.derive()
    assert (outcome.kind, outcome.detail) == ("skipped", "it has a final rubric; --update proposes changes")
    assert kit.model.users == []
    assert kit.file.read_text(encoding="utf-8") == before


def test_an_own_draft_is_derived_again_and_an_edited_one_is_not(kit: Kit) -> None:
    """A draft that nobody touched may be replaced by a better one; one that a person edited may not."""
    kit.model = Model(red_flags=[{"red_flags": [red_flag(penalty=0)]}])
    kit.model.queued["red_flags"] *= 3
    assert kit.derive(spec="openai/weak").kind == "draft"
    kit.model = Model()
    assert kit.derive(spec="openai/strong").kind == "final"

    text = kit.file.read_text(encoding="utf-8").replace("version: 1\n", "version: 1\nstatus: draft\n# mine\n")
    kit.file.write_text(text, encoding="utf-8")
    outcome = kit.derive(spec="openai/other")
    assert outcome.kind == "skipped"
    assert "somebody wrote or edited" in outcome.detail
    assert kit.file.read_text(encoding="utf-8") == text


def test_a_rubric_written_meanwhile_is_not_overwritten(kit: Kit) -> None:
    """Somebody who saves a rubric while the model works keeps it."""
    model = Model()

    def meanwhile(request: httpx2.Request) -> httpx2.Response:
        kit.file.parent.mkdir(exist_ok=True)
        mine = {k: v for k, v in criterion("mine").items() if k != "source"}
        kit.file.write_text(json.dumps({"question": "on-call", "version": 1, "criteria": [mine]}), encoding="utf-8")
        return model(request)

    kit.model = meanwhile  # type: ignore[assignment]
    assert kit.derive().kind == "failed"
    assert kit.rubric().criteria[0].id == "mine"


def test_without_a_model_answer_there_is_nothing_to_derive_from(kit: Kit) -> None:
    """Such a question is skipped without a request."""
    kit.question("silent", None)
    assert kit.derive("silent").detail == "it has no model answer to derive from"
    assert kit.model.users == []


def test_a_derivation_that_broke_off_goes_on(kit: Kit) -> None:
    """What was replied before the server went away is not asked again."""
    kit.model = Model(weeks=[httpx2.Response(401, json={"error": {"message": "no"}})])
    with pytest.raises(UnreachableError):
        kit.derive()
    assert not kit.file.exists()
    kit.model = Model()
    outcome = kit.derive()
    assert outcome.draft is not None
    assert [kit.model.asked(step) for step in ("criteria", "owner", "weeks", "monday", "red_flags")] == [0, 0, 1, 0, 1]
    assert (outcome.kind, outcome.draft.replayed, outcome.draft.usage.calls) == ("final", 3, 3)


def test_replies_are_kept_by_model(kit: Kit) -> None:
    """Another model is asked everything itself: derivations are not mixed."""
    kit.model = Model(weeks=[httpx2.Response(401, json={"error": {"message": "no"}})])
    with pytest.raises(UnreachableError):
        kit.derive()
    kit.model = Model()
    kit.derive(spec="openai/gpt-5")
    assert len(kit.model.users) == 6


def test_a_torn_line_of_the_replies_costs_one_reply(kit: Kit) -> None:
    """A process that was killed while it wrote loses that line and no other."""
    kit.model = Model(weeks=[httpx2.Response(401, json={"error": {"message": "no"}})])
    with pytest.raises(UnreachableError):
        kit.derive()
    file = kit.root / "derived" / "on-call.replies.jsonl"
    file.write_text(file.read_text(encoding="utf-8")[:-40], encoding="utf-8")
    kit.model = Model()
    assert kit.derive().kind == "final"
    assert len(kit.model.users) == 4
    kit.file.unlink()
    kit.model = Model()
    kit.derive()
    assert kit.model.users == []


def test_a_budget_of_calls_ends_the_derivation_and_keeps_what_was_said(kit: Kit) -> None:
    """Not one request more than allowed is sent; the next run goes on."""
    with pytest.raises(BudgetSpentError):
        kit.derive(budget=Budget(max_calls=2))
    assert len(kit.model.users) == 2
    assert not kit.file.exists()
    kit.model = Model()
    assert kit.derive(budget=Budget(max_calls=4)).kind == "final"
    assert len(kit.model.users) == 4


def test_a_budget_of_dollars_ends_the_derivation(kit: Kit) -> None:
    """A request that could pass the limit is not sent; without a known price no limit can be held."""
    with pytest.raises(BudgetSpentError):
        kit.derive(budget=Budget(max_cost=0.000001))
    assert kit.model.users == []
    with pytest.raises(ConfigurationError, match="price of this model is not known"):
        kit.derive(budget=Budget(max_cost=1), spec="openai/nobody-knows-me")


def test_a_refusing_model_fails_one_question(kit: Kit) -> None:
    """A refusal is the outcome of its question, in the model's own words."""
    message = {"role": "assistant", "content": None, "refusal": "I would rather not."}
    reply = {"id": "1", "object": "chat.completion", "created": 1, "model": "stub"}
    kit.model = Model(
        criteria=[
            httpx2.Response(200, json=reply | {"choices": [{"index": 0, "finish_reason": "stop", "message": message}]})
        ]
    )
    outcome = kit.derive()
    assert outcome.kind == "failed"
    assert "I would rather not." in outcome.detail


# Without a model.


def test_an_extractive_draft(kit: Kit) -> None:
    """Each sentence becomes a criterion, and the file says what is missing."""
    kit.encoder = LetterEncoder()
    outcome = kit.derive(embedded=True)
    rubric = kit.rubric()
    assert outcome.kind == rubric.status == "draft"
    assert [c.source for c in rubric.criteria] == [OWNER, WEEKS, MONDAY]
    assert rubric.criteria[1].statement == f"The answer says: {WEEKS}"
    assert rubric.criteria[1].id == "nobody-call-week-five"
    assert kit.model.users == []
    text = kit.file.read_text(encoding="utf-8")
    assert "# draft: extracted: each criterion is a sentence of the model answer as it stands" in text
    assert "# draft: equal-weights: all criteria: all weights are 3" in text
    assert text.count("# draft: few-examples: all criteria: 0 accepted and 0 rejected examples") == 1
    assert text.count("  # draft: ") == 0


def test_an_extractive_draft_replaces_nothing(kit: Kit) -> None:
    """Not even another draft: that may be a better one."""
    kit.derive(embedded=True)
    assert kit.derive(embedded=True).kind == "skipped"


def test_a_model_may_replace_an_extractive_draft(kit: Kit) -> None:
    """A draft of sentences that nobody edited makes way for a derived rubric."""
    kit.derive(embedded=True)
    assert kit.derive().kind == "final"


def test_a_model_answer_without_a_sentence(kit: Kit) -> None:
    """Two words give no criterion, and that is said."""
    kit.question("on-call", "It depends.")
    with pytest.raises(InputError, match="holds no sentence"):
        kit.derive(embedded=True)


# Anything at all.

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 99)
    | st.text(max_size=40)
    | st.sampled_from([OWNER, WEEKS, MODEL_ANSWER]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["id", "source", "statement", "points", "weight", "themes", "advice", "penalty", "accept", "reject"]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(items=st.lists(VALUES, max_size=4), flags=VALUES, sentences=VALUES)
def test_whatever_a_model_says_the_file_loads(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, items: Any, flags: Any, sentences: Any
) -> None:
    """No reply makes a traceback or a rubric that the bank refuses."""
    monkeypatch.setenv("OPENAI_API_KEY", "not-needed")
    kit = Kit(tmp_path_factory.mktemp("bank"))
    said = {"criteria": [*items, criterion("weeks", WEEKS)]}
    kit.model = Model(
        criteria=[said, {"criteria": items}, {"criteria": items}],
        red_flags=[{"red_flags": flags}, {"red_flags": [sentences]}],
        weeks=[{"accept": sentences, "reject": items}],
    )
    outcome = kit.derive()
    assert outcome.kind in ("final", "draft")
    assert kit.rubric().status == outcome.kind
