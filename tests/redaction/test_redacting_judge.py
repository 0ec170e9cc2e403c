"""A judge that sees only placeholders."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from evaluator.bank import Bank
from evaluator.domain import Answer, Assessment, Evidence, Finding, Graded, RedFlagFinding, Rubric
from evaluator.errors import UnreachableError
from evaluator.evidence import find_quote
from evaluator.judges import Case, Judge, OpenGate, ScriptedJudge
from evaluator.judges.llm import LLMJudge
from evaluator.judges.llm.settings import LLMSettings
from evaluator.redaction import Listed, RedactingJudge, Redactor, SendingRedactingJudge, redacting
from evaluator.runs import fingerprint, grade_one

TEXT = "I asked Priya Raman at priya@example.com, and Priya agreed. Then Kestrel Freight called +44 7700 900 461 twice."
SEEN = "I asked [NAME_1] at [EMAIL_1], and [NAME_2] agreed. Then [COMPANY_1] called [PHONE_1] twice."


def case_of(bank: Bank, text: str = TEXT) -> Case:
    """A case with a question of the shipped bank."""
    question = bank.find("dora-rollout")
    answer = Answer(id="anna-smith-1", question_id=question.id, text=text, candidate="Anna Smith")
    return Case(question, bank.rubric(question.id), answer)


def quote(text: str) -> Evidence:
    """Evidence from what the judge saw, without the brackets at its ends, as the search for quotes leaves it."""
    found = find_quote(text, SEEN)
    assert found is not None
    return found


def says(rubric: Rubric) -> Assessment:
    """An assessment that quotes and names what it saw."""
    first, *others = rubric.criteria
    finding = Finding(
        criterion_id=first.id,
        points=(True,) * len(first.points),
        confidence=0.9,
        evidence=(quote("[NAME_2] agreed. Then [COMPANY_1]"), quote("I asked [NAME_1]")),
        gap="What [NAME_1] said is not told.",
        suggestion="Say what COMPANY_1 and [Name_2] wanted.",
    )
    rest = (Finding(criterion_id=c.id, points=(False,) * len(c.points), confidence=0.9) for c in others)
    flags = (RedFlagFinding(red_flag_id=f.id, present=False, confidence=0.9) for f in rubric.red_flags)
    return Assessment(findings=(finding, *rest), red_flags=tuple(flags), strengths=("Wrote to [EMAIL_1].",))


def test_the_judge_sees_no_personal_data(bank: Bank) -> None:
    """Text, id and candidate are hidden; question and rubric are the same."""
    case = case_of(bank)
    inner = ScriptedJudge([says(case.rubric)])
    asyncio.run(redacting(inner, Redactor()).assess(case))
    [seen] = inner.history
    assert seen.answer == Answer(id="answer", question_id="dora-rollout", text=SEEN)
    assert (seen.question, seen.rubric) == (case.question, case.rubric)


def test_what_it_says_is_about_the_answer(bank: Bank) -> None:
    """Quotes, gap, suggestion and strengths have the words of the author, and offsets hold in the answer."""
    case = case_of(bank)
    found = asyncio.run(redacting(ScriptedJudge([says(case.rubric)]), Redactor()).assess(case))
    first = found.findings[0]
    assert [e.quote for e in first.evidence] == ["Priya agreed. Then Kestrel Freight", "I asked Priya Raman"]
    assert all(TEXT[e.start : e.end] == e.quote for e in first.evidence)
    assert first.gap == "What Priya Raman said is not told."
    assert first.suggestion == "Say what Kestrel Freight and Priya wanted."
    assert found.strengths == ("Wrote to priya@example.com.",)
    evaluation = asyncio.run(grade_one(case, bank.scale, redacting(ScriptedJudge([says(case.rubric)]), Redactor())))
    assert isinstance(evaluation, Graded)
    assert "[NAME" not in evaluation.model_dump_json()
    assert evaluation.candidate == "Anna Smith"


def test_its_identity_tells(bank: Bank) -> None:
    """Redaction and each list have fingerprints of their own; the judge and its model keep their names."""
    inner = ScriptedJudge([])
    judges: list[Judge] = [
        inner,
        redacting(inner, Redactor()),
        redacting(inner, Redactor(Listed((("company", "Acme"),)))),
        redacting(inner, Redactor(Listed((("name", "Acme"),)))),
    ]
    case = case_of(bank)
    assert len({fingerprint(case, bank.scale, judge.identity) for judge in judges}) == 4
    assert {(j.identity.judge, j.identity.model) for j in judges} == {("scripted", "scripted")}
    assert "Acme" not in judges[2].identity.settings
    assert set(json.loads(judges[1].identity.settings)["redaction"]) == {"list", "rules"}


def test_the_order_of_a_list_does_not_count() -> None:
    """The same entries in another order are the same list."""
    one, other = Listed((("name", "A"), ("company", "B"))), Listed((("company", "B"), ("name", "A")))
    assert one.digest == other.digest


def test_errors_pass(bank: Bank) -> None:
    """An error of the judge is raised as it is."""
    error = UnreachableError("unreachable", "No network.")
    with pytest.raises(UnreachableError) as caught:
        asyncio.run(redacting(ScriptedJudge([error]), Redactor()).assess(case_of(bank)))
    assert caught.value is error


def test_it_sends_as_its_judge_does(bank: Bank) -> None:
    """A judge that sends can be estimated and held to a gate, with the text that it would send; others cannot."""
    sender = redacting(LLMJudge(LLMSettings(spec="openai/gpt-5-mini")), Redactor())
    assert isinstance(sender, SendingRedactingJudge)
    sender.send_through(OpenGate())
    estimate: Any = sender.estimate(case_of(bank))
    sent = "".join(text for pair in estimate.messages for text in pair)
    assert "[NAME_1]" in sent
    assert not any(word in sent for word in ("Priya", "Kestrel", "priya@", "900 461", "Anna", "anna"))
    plain = redacting(ScriptedJudge([]), Redactor())
    assert type(plain) is RedactingJudge
    assert not hasattr(plain, "estimate")
    with pytest.raises(TypeError, match="sends no requests"):
        SendingRedactingJudge(ScriptedJudge([]), Redactor())


def test_it_says_so(bank: Bank) -> None:
    """The sentence about trust mentions what was hidden; closing closes the other judge."""
    judge = redacting(ScriptedJudge([]), Redactor())
    assert judge.trust(bank.rubric("dora-rollout")).endswith("were hidden from it.")
    assert repr(judge).startswith("RedactingJudge(")
    asyncio.run(judge.aclose())
