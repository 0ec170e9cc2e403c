"""One evaluation as terminal text, Markdown and JSON."""

from __future__ import annotations

import asyncio
import json
import re

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluator.domain import Assessment, Evidence, Graded, RedFlagFinding, Ungraded
from evaluator.errors import JudgeError
from evaluator.judges import Case, ScriptedJudge
from evaluator.judges.embedded.features import MAX_SENTENCES
from evaluator.reports import View, evaluation_schema, render_json, render_markdown, render_terminal
from evaluator.reports.markdown import escape
from evaluator.reports.view import visible
from evaluator.runs import grade_one
from tests.factory import ANSWER, CASE, QUESTION, RUBRIC, SCALE, assessment, finding

QUOTE = Evidence(quote="Each service has an owner", start=0, end=25)
FINDINGS = (
    finding("owner-paged", True, False, evidence=(QUOTE,), gap="You do not say that the owner is paged."),
    finding("page-review", flags=("low_confidence",)),
)


def evaluate(reply: Assessment | JudgeError, case: Case = CASE) -> Graded | Ungraded:
    """What grading the factory's answer gives when the judge replies so."""
    return asyncio.run(grade_one(case, SCALE, ScriptedJudge([reply])))


def view(reply: Assessment | JudgeError) -> View:
    """The same with everything a report needs."""
    return View(evaluate(reply), QUESTION, RUBRIC, SCALE, "Trust it a little.")


WITH_FLAG = Assessment(
    findings=FINDINGS,
    red_flags=(RedFlagFinding(red_flag_id="hero-culture", present=True, confidence=0.9, evidence=(QUOTE,)),),
)

TERMINAL = """\
7. on-call
How do you run on-call?

30.0 / 100  thin  #########.....................
Little is here.
0 met, 1 partial, 0 missed, 1 unassessed

Red flag
 ! The answer praises people for working through the night. (-20 points)
   "Each service has an owner"
   Instead: Praise the fix that lets people sleep.

Add first
1. Say who is woken up, for example the team that wrote the code.
2. Praise the fix that lets people sleep.

Criterion by criterion
 ~ partial  weight 4  The answer says that the owner of a service is paged.
   "Each service has an owner"
   Missing: You do not say that the owner is paged.
   Add: Say who is woken up, for example the team that wrote the code.

 ? unassessed  weight 1  The answer says that pages are reviewed every week.
   Note: the judge was not sure enough

--------------------------------------------------------------------------------
Judged by scripted, rubric version 1.
Trust it a little.
"""


def test_terminal_whole() -> None:
    """The text shows score, band, red flag, next steps, each criterion with quote, gap and advice, and the judge."""
    assert render_terminal(view(WITH_FLAG), width=80) == TERMINAL


@pytest.mark.parametrize("width", [40, 80, 120, 300])
def test_terminal_width(width: int) -> None:
    """No line is wider than the terminal, nor than 100 columns."""
    lines = render_terminal(view(WITH_FLAG), width=width).splitlines()
    assert max(map(len, lines)) <= min(width, 100)


def test_terminal_color_changes_no_word() -> None:
    """Colour adds escape sequences and nothing else."""
    colored = render_terminal(view(WITH_FLAG), width=80, color=True)
    assert "\x1b[" in colored
    plain = "\n".join(line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", colored).splitlines()) + "\n"
    assert plain == TERMINAL


def test_ungraded_is_no_zero() -> None:
    """An ungraded answer shows the reason, and that it has no score."""
    reply = JudgeError("truncated", "The reply was cut off.", "Try another model.", attempts=3)
    text = render_terminal(view(reply), width=80)
    assert "Not graded\nReason: reply cut off\nThe reply was cut off. Try another model.\n" in text
    assert "/ 100" not in text
    assert "**Not graded** (reply cut off): The reply was cut off. Try another model." in render_markdown(view(reply))


def test_candidate_text_cannot_act_on_the_terminal() -> None:
    """An escape sequence or a change of writing direction in a quote is spelt out."""
    quote = Evidence(quote="\x1b[2J own \u202eer", start=0, end=3)
    found = finding("owner-paged", True, True, evidence=(quote,)), finding("page-review", True)
    text = render_terminal(view(assessment(*found)), width=80)
    assert '"<U+001B>[2J own <U+202E>er"' in text
    assert "\x1b" not in text


def test_no_text_can_act_on_the_terminal() -> None:
    """What a reply, a judge or a bank says is spelt out wherever it is shown, as a quote is."""
    bad, seen = "x\x1b[2J\x1b]0;owned\x07\r\u202e", "x<U+001B>[2J<U+001B>]0;owned<U+0007> <U+202E>"
    base = evaluate(WITH_FLAG)
    assert isinstance(base, Graded)
    texts = {"gap": bad, "suggestion": bad, "statement": bad, "flags": (bad,)}
    graded = base.model_copy(
        update={
            "criteria": tuple(c.model_copy(update=texts) for c in base.criteria),
            "summary": base.summary.model_copy(update={"next_steps": (bad,)}),
            "provenance": base.provenance.model_copy(update={"judge": bad}),
        }
    )
    flags = tuple(f.model_copy(update={"statement": bad, "advice": bad}) for f in RUBRIC.red_flags)
    bands = tuple(b.model_copy(update={"meaning": bad}) for b in SCALE.bands)
    rubric, scale = RUBRIC.model_copy(update={"red_flags": flags}), SCALE.model_copy(update={"bands": bands})
    question = QUESTION.model_copy(update={"text": bad})
    text = " ".join(render_terminal(View(graded, question, rubric, scale, bad), width=100).split())
    assert text.count(seen) == 15
    assert "\x1b" not in text
    failed = evaluate(JudgeError("odd\x1b", bad)).model_copy(update={"detail": bad})
    text = " ".join(render_terminal(View(failed, question, rubric, scale, bad), width=100).split())
    assert f"Reason: odd<U+001B> {seen} An answer" in text
    assert "\x1b" not in text


def test_lines_of_reports_cannot_act_either() -> None:
    """A name in a table is spelt out, and the blanks of the table stay."""
    assert visible("  a\x1bb\r\n  1.0\t2\u2028") == "  a<U+001B>b<U+000D><U+000A>  1.0\t2<U+2028>"


def test_markdown() -> None:
    """Markdown has the same content under headings, quotes as block quotes."""
    text = render_markdown(view(WITH_FLAG))
    assert text.startswith("# 7. on-call\n\nHow do you run on-call?\n\n**30.0 / 100, thin.** Little is here.\n")
    assert (
        "## Red flag (-20 points)\n\nThe answer praises people for working through the night.\n\n> Each service" in text
    )
    assert (
        "### Partial (weight 4)\n\nThe answer says that the owner of a service is paged.\n\n> Each service has an owner\n"
        in text
    )
    assert "- **Missing:** You do not say that the owner is paged.\n- **Add:** Say who is woken up" in text


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("# Heading", "\\# Heading"),
        ("1. first", "\\1. first"),
        ("- item", "\\- item"),
        ("<b>&amp;</b>", "\\<b\\>&amp;amp;\\</b\\>"),
        ("a\n\n---\nb", "a --- b"),
        ("[x](y) ![z](w) `c` *d* _e_ | ~f~", "\\[x\\](y) \\!\\[z\\](w) \\`c\\` \\*d\\* \\_e\\_ \\| \\~f\\~"),
    ],
)
def test_markdown_is_escaped(text: str, escaped: str) -> None:
    """What a candidate wrote cannot become a heading, a list, a link, a table or HTML."""
    assert escape(text) == escaped


@given(st.text(max_size=200))
def test_markdown_escape_leaves_no_tag(text: str) -> None:
    """No text opens an HTML tag or a line of its own."""
    escaped = escape(text)
    assert "\n" not in escaped
    assert not re.search(r"(?<!\\)(?:\\\\)*<", escaped)


def test_json_is_section_six() -> None:
    """The JSON has exactly the agreed keys, in order."""
    data = json.loads(render_json(evaluate(WITH_FLAG)))
    assert list(data) == [
        "schema", "status", "question_id", "answer_id", "candidate", "score", "band", "criteria", "red_flags", "summary",
        "flags", "provenance",
    ]  # fmt: skip
    assert list(data["criteria"][0]) == [
        "id", "statement", "weight", "verdict", "credit", "confidence", "points", "evidence", "gap", "suggestion", "flags",
    ]  # fmt: skip
    assert data["criteria"][0]["points"][1] == {"statement": "The answer says that the owner is paged.", "met": False}
    assert data["criteria"][0]["evidence"] == [{"quote": "Each service has an owner", "start": 0, "end": 25}]
    assert list(data["red_flags"][0]) == ["id", "present", "confidence", "evidence", "flags"]
    assert list(data["summary"]) == ["strengths", "next_steps"]
    assert list(data["provenance"]) == [
        "fingerprint", "judge", "model", "prompt", "rubric_version", "evaluator_version", "usage",
    ]  # fmt: skip
    assert list(data["provenance"]["usage"]) == ["calls", "input_tokens", "output_tokens", "cost_usd", "seconds"]
    assert (data["schema"], data["status"], data["score"], data["candidate"]) == (1, "graded", 30.0, None)


def test_json_of_ungraded() -> None:
    """An ungraded evaluation has a reason, a detail and the attempts, and no score."""
    data = json.loads(render_json(evaluate(JudgeError("refused", "No.", attempts=2))))
    assert list(data) == [
        "schema", "status", "question_id", "answer_id", "reason", "detail", "attempts", "provenance",
    ]  # fmt: skip
    assert (data["status"], data["reason"], data["detail"], data["attempts"]) == ("ungraded", "refused", "No.", 2)


@pytest.mark.parametrize("reply", [WITH_FLAG, JudgeError("refused", "No.")], ids=["graded", "ungraded"])
def test_json_satisfies_the_schema(reply: Assessment | JudgeError) -> None:
    """Every evaluation satisfies the exported JSON Schema, which forbids anything else."""
    validator = jsonschema.Draft202012Validator(evaluation_schema())
    validator.check_schema(evaluation_schema())
    data = json.loads(render_json(evaluate(reply)))
    assert list(validator.iter_errors(data)) == []
    assert [error.validator for error in validator.iter_errors({**data, "extra": 1})] != []
    without_reason = {key: value for key, value in data.items() if key not in ("score", "reason")}
    assert list(validator.iter_errors(without_reason)) != []


def test_json_comes_back() -> None:
    """What was printed can be read again into the same evaluation."""
    graded = evaluate(WITH_FLAG)
    assert Graded.model_validate_json(render_json(graded)) == graded


def test_fingerprint_depends_on_the_text_only() -> None:
    """The same text under another id has the same fingerprint; another text has another."""
    renamed = Case(QUESTION, RUBRIC, ANSWER.model_copy(update={"id": "b", "candidate": "Kim"}))
    other = Case(QUESTION, RUBRIC, ANSWER.model_copy(update={"text": ANSWER.text + "!"}))
    first, same, changed = (evaluate(WITH_FLAG, case).provenance.fingerprint for case in (CASE, renamed, other))
    assert first == same
    assert first != changed
    assert re.fullmatch(r"[0-9a-f]{64}", first)


def test_remarks_are_one_plain_sentence() -> None:
    """What is flagged on an answer is said in words, in the terminal and in Markdown; without flags nothing is."""
    flagged = evaluate(WITH_FLAG).model_copy(update={"flags": ("hidden_text", "copied_from:b\x1b7")})
    seen = View(flagged, QUESTION, RUBRIC, SCALE, "")
    said = "Remarks: it holds text that a person does not see; it is almost the same as answer b<U+001B>7."
    assert said in " ".join(render_terminal(seen).split())
    assert "Remarks: it holds text that a person does not see" in render_markdown(seen)
    assert "Remarks" not in render_terminal(view(WITH_FLAG))


def test_what_is_said_of_every_criterion_is_said_once() -> None:
    """That only the beginning of an answer was read stands at the top and not under each criterion."""
    cut = ("answer_truncated",)
    found = (
        finding("owner-paged", True, False, gap="Not who.", evidence=(QUOTE,), flags=cut),
        finding("page-review", flags=(*cut, "low_confidence")),
    )
    seen = view(assessment(*found))
    for text in (render_terminal(seen, width=80), render_markdown(seen)):
        assert text.count("Only the first 120 sentences of the answer were read.") == 1
        assert text.index("Only the first 120") < text.index("Criterion by criterion")
        assert text.count("Note: ") == 1
        assert "truncated" not in text
    assert MAX_SENTENCES == 120
    assert "Only the first" not in render_terminal(view(WITH_FLAG))


def test_that_an_answer_is_very_short_is_said_once() -> None:
    """That the judge misses more in one or two sentences stands at the top and not under each criterion."""
    short = ("few_sentences",)
    found = (
        finding("owner-paged", True, True, evidence=(QUOTE,), flags=short),
        finding("page-review", False, flags=short),
    )
    seen = view(assessment(*found))
    for text in (render_terminal(seen, width=200), render_markdown(seen)):
        assert text.count("The answer is very short.") == 1
        assert "few sentences" not in text


def test_a_quote_that_is_there_twice_is_shown_once() -> None:
    """Two quotes of the same words, from two places of the answer, are printed once."""
    again = QUOTE.model_copy(update={"start": 50, "end": 75})
    seen = view(assessment(finding("owner-paged", True, False, evidence=(QUOTE, again)), finding("page-review")))
    for text in (render_terminal(seen, width=80), render_markdown(seen)):
        assert text.count(QUOTE.quote) == 1


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("too_short", "too short"),
        ("nothing_of_its_own", "nothing of its own"),
        ("not_english", "not in English"),
        ("odd\x07one", "odd<U+0007>one"),
    ],
)
def test_reasons_are_words(reason: str, words: str) -> None:
    """Why an answer has no score is said in words, in the terminal and in Markdown; JSON keeps the code."""
    seen = view(JudgeError(reason, "It is so."))
    assert f"Reason: {words}\n" in render_terminal(seen, width=80)
    assert f"**Not graded** ({escape(words)})" in render_markdown(seen)
    assert json.loads(render_json(seen.evaluation))["reason"] == reason
