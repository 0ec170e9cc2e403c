"""Replies whose quotes are not there, that break off, or that refuse."""

from __future__ import annotations

import json
from typing import Any

import pytest

from evaluator.errors import JudgeError, RejectedError, ReplyError
from tests.llm.reply_kit import BOTH_OPEN, note, sent, verdicts


@pytest.mark.parametrize("quotes", [["we use one dashboard for all"], ["o"], ["We"], [], [""], None, [7]])
def test_a_true_point_needs_a_quote_that_is_there(kit: Any, quotes: object) -> None:
    """Without a quote that stands in the answer a criterion is asked again, then unassessed: not met, not missed."""
    reply = sent(kit, kit.reply_of(kit.criterion(quotes=quotes), kit.criterion("automatic")))
    assessment = kit.assess(reply, reply, reply)
    first = assessment.findings[0]
    assert (first.verdict, first.points, first.evidence, first.flags) == ("unassessed", None, (), ("quote_not_found",))
    assert note(kit, 2).startswith("- same-meaning: no quote that you gave stands in the answer;")
    assert verdicts(assessment)[1] == "partial"


@pytest.mark.parametrize(
    "quote",
    [
        "nobody types \u201cby hand\u201d",
        "NOBODY   types\n'by hand'",
        "nobody types \u00abby hand\u00bb.",
        '\u201cnobody types "by hand"\u201d',
    ],
)
def test_quotation_marks_spacing_and_case_do_not_matter(kit: Any, quote: str) -> None:
    """A quote is found although the judge wrote it a little differently; the evidence is the original."""
    reply = kit.reply_of(kit.criterion(), kit.criterion("automatic", quotes=[quote]))
    (evidence,) = kit.assess(sent(kit, reply)).findings[1].evidence
    assert evidence.quote.rstrip('".') == 'nobody types "by hand'


def test_one_found_quote_is_enough_and_the_others_are_dropped(kit: Any) -> None:
    """Quotes that are not there are left out, with a flag; the same span counts once; order is that of the answer."""
    quotes = ["A nightly job pulls the numbers", "what nobody ever said here", "one definition of each metric"]
    finding = kit.assess(
        sent(kit, kit.reply_of(kit.criterion(), kit.criterion("automatic", quotes=[*quotes, quotes[0]])))
    ).findings[1]
    assert [evidence.quote for evidence in finding.evidence] == [quotes[2], quotes[0]]
    assert finding.flags == ("quote_dropped",)


def test_a_missed_criterion_needs_no_quote_and_keeps_none(kit: Any) -> None:
    """Evidence stands for what is met only."""
    reply = kit.reply_of(kit.criterion(points=[False], gap="Say it."), kit.criterion("automatic"))
    finding = kit.assess(sent(kit, reply)).findings[0]
    assert (finding.verdict, finding.evidence, finding.gap) == ("missed", (), "Say it.")


def test_gap_and_suggestion_are_never_empty_where_something_is_missing(kit: Any) -> None:
    """A judge that names no gap leaves the points that are not met and the advice of the rubric."""
    bare = {"id": "automatic", "quotes": ["pulls the numbers from GitHub"], "points": [True, False]}
    finding = kit.assess(sent(kit, kit.reply_of(kit.criterion(gap="Nonsense"), bare))).findings
    assert (finding[1].gap, finding[1].suggestion) == (
        "Not found: No one gathers them.",
        "Say which systems feed the numbers.",
    )
    assert finding[0].gap == ""


@pytest.mark.parametrize("quote", ["zebras negotiated an umbrella treaty", "One meaning.", "a"])
def test_nothing_but_quotes_that_are_not_there(kit: Any, quote: str) -> None:
    """Where every claim rests on an invented quote, one of the model answer, or a letter, the answer is not judged."""
    claim = kit.reply_of(
        kit.criterion(quotes=[quote]),
        kit.criterion("automatic", quotes=[quote], points=[True, True]),
        flags=[kit.red_flag(present=True, quote=quote)],
    )
    with pytest.raises(ReplyError) as caught:
        kit.assess(*[sent(kit, claim) for _ in range(3)])
    assert (caught.value.reason, caught.value.attempts) == ("quote_not_found", 3)
    assert caught.value.message == "The judge openai/gpt-5-mini quoted what does not stand in the answer."


def test_the_reason_is_that_of_the_criteria(kit: Any) -> None:
    """What is wrong with a red flag is not the reason why an answer could not be judged."""
    claim = kit.reply_of(
        kit.criterion(points=[True, True]), flags=[kit.red_flag(present=True, quote="never said by anybody")]
    )
    with pytest.raises(ReplyError) as caught:
        kit.assess(sent(kit, claim), max_repairs=0)
    assert caught.value.reason == "wrong_number_of_points"
    assert "did not give one true or false for every point" in caught.value.message


def test_a_red_flag_needs_a_quote(kit: Any) -> None:
    """A red flag without a quote in the answer is asked again and then left open."""
    claim = sent(kit, kit.reply_of(flags=[kit.red_flag(present=True, quote="We rank them all by pay")]))
    assessment = kit.assess(claim, claim, claim)
    (flag,) = assessment.red_flags
    assert (flag.present, flag.evidence, flag.flags) == (None, (), ("quote_not_found",))
    assert note(kit, 1).startswith("- league-table: the quote that you gave does not stand in the answer")
    proven = kit.assess(sent(kit, kit.reply_of(flags=[kit.red_flag(present="true", quote="We never ranked anybody")])))
    assert [(f.present, f.evidence[0].quote) for f in proven.red_flags] == [(True, "We never ranked anybody")]


def test_a_reply_cut_off_keeps_what_is_complete(kit: Any) -> None:
    """The criteria before the cut are kept, the rest is asked again with a larger limit."""
    whole = json.dumps(kit.reply_of())
    cut = kit.completion(whole[: whole.index('"automatic"') + 60], finish="length")
    rest = sent(kit, kit.reply_of(kit.criterion("automatic")))
    assessment = kit.assess(cut, rest, max_tokens=50)
    assert verdicts(assessment) == ["met", "partial"]
    assert note(kit, 1) == BOTH_OPEN.partition("\n")[2].format("your reply was cut off before it; be brief")
    assert [body["max_completion_tokens"] for body in kit.server.bodies] == [50, 100]


@pytest.mark.parametrize("share", [step / 40 for step in range(1, 40)])
def test_a_cut_anywhere_gives_no_wrong_finding(kit: Any, share: float) -> None:
    """Wherever a reply is cut, each criterion is as judged or open, never something else."""
    whole = json.dumps(kit.reply_of())
    cut = kit.completion(whole[: int(len(whole) * share)], finish="length")
    if int(len(whole) * share) < whole.index('}, {"id": "automatic"'):
        with pytest.raises(ReplyError) as caught:
            kit.assess(cut, max_repairs=0)
        assert caught.value.reason == "truncated"
        return
    found = kit.assess(cut, max_repairs=0)
    assert verdicts(found)[0] == "met"
    assert verdicts(found)[1] in ("partial", "unassessed")
    assert found.red_flags[0].present in (False, None)


def test_cut_off_before_anything(kit: Any) -> None:
    """Nothing but a beginning, again and again: truncated."""
    with pytest.raises(ReplyError) as caught:
        kit.assess(*[kit.completion("", finish="length") for _ in range(3)])
    assert caught.value.reason == "truncated"


def test_words_of_the_model_act_on_nothing(kit: Any) -> None:
    """Characters that act on a terminal or turn lines round are in no sentence of a model, and in no refusal."""
    said = "Name \x1b[31mthe\x07 \u202esystems\u2069,\u2028all \u0645\u06cc\u200c\u062e."
    flat = "Name [31mthe systems, all \u0645\u06cc\u200c\u062e."
    reply = kit.reply_of(kit.criterion(), kit.criterion("automatic", gap=said, suggestion=said), strengths=[said])
    assessment = kit.assess(kit.completion(json.dumps(reply)))
    finding = assessment.findings[1]
    assert (finding.gap, finding.suggestion, assessment.strengths) == (flat, flat, (flat,))
    with pytest.raises(RejectedError) as refused:
        kit.assess(kit.completion(None, refusal=said))
    assert refused.value.message.endswith(flat)


def test_refusal_and_content_filter(kit: Any) -> None:
    """A model that refuses and a filter that steps in are told apart, and not asked again."""
    with pytest.raises(RejectedError) as refused:
        kit.assess(kit.completion(None, refusal="I cannot help with that."))
    assert (refused.value.reason, refused.value.attempts) == ("refused", 1)
    assert "I cannot help with that." in refused.value.message
    with pytest.raises(RejectedError) as filtered:
        kit.assess(kit.completion('{"crit', finish="content_filter"))
    assert filtered.value.reason == "content_filter"


def test_an_error_while_asking_again_loses_nothing(kit: Any) -> None:
    """What the first reply settled is kept; what is open says why asking again ended."""
    first = sent(kit, kit.reply_of(kit.criterion()))
    assessment = kit.assess(first, kit.completion(None, refusal="no"))
    assert verdicts(assessment) == ["met", "unassessed"]
    assert assessment.findings[1].flags == ("not_judged", "refused")


def test_a_reply_of_a_megabyte(kit: Any) -> None:
    """A huge reply is read like any other; its texts are cut, its huge quotes are not searched for."""
    long = "very " * 200_000
    reply = kit.reply_of(
        kit.criterion(quotes=[long, "one definition of each metric"]),
        kit.criterion("automatic", gap=long),
        strengths=[long],
    )
    assessment = kit.assess(sent(kit, reply))
    assert verdicts(assessment) == ["met", "partial"]
    assert assessment.findings[0].flags == ("quote_dropped",)
    assert len(assessment.findings[1].gap) <= 500
    assert len(assessment.strengths[0]) <= 500


def test_extra_keys_and_loose_types_are_forgiven(kit: Any) -> None:
    """One quote instead of a list, line breaks in strings, strengths of the wrong type."""
    loose = kit.criterion(quotes="one definition of each metric", extra={"a": 1})
    text = json.dumps(kit.reply_of(loose, kit.criterion("automatic"), strengths="many", note=[1]))
    assessment = kit.assess(kit.completion(text.replace("No system named.", "No system\nnamed.")))
    assert verdicts(assessment) == ["met", "partial"]
    assert assessment.findings[1].gap == "No system named."
    assert assessment.strengths == ()


def test_shown_characters_in_a_quote_are_turned_back(kit: Any) -> None:
    """A quote with the visible form of an invisible character is found in the answer as given."""
    text = kit.ANSWER.replace("one definition", "one defi\u200bnition")
    for quote in ("one defi[U+200B]nition of each metric", "one definition of each metric"):
        reply = kit.reply_of(kit.criterion(quotes=[quote]), kit.criterion("automatic"))
        (evidence,) = kit.assess(sent(kit, reply), text=text).findings[0].evidence
        assert evidence.quote == "one defi\u200bnition of each metric"


def test_no_error_but_ours(kit: Any) -> None:
    """Whatever JSON a model sends, the result is an assessment or one of our errors."""
    odd: list[object] = [
        {"criteria": [None, 1, "x", [], {}], "red_flags": {}, "strengths": {"a": 1}},
        {"criteria": [{"id": None}, {"id": ["a"]}, {"id": {"b": 1}, "points": {}}], "red_flags": [[]]},
        {"red_flags": [{"id": "league-table", "present": None, "quote": ["a", None]}]},
    ]
    for reply in odd:
        with pytest.raises(JudgeError):
            kit.assess(sent(kit, reply), max_repairs=0)
