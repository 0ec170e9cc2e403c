"""The page, parsed as a browser would."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pytest

from evaluator.domain import Question
from evaluator.judges.embedded import EmbeddedJudge, measured
from evaluator.reports.cohort import page_pieces, render_page
from evaluator.reports.cohort.collect import ATTEMPTS, Cohort
from evaluator.reports.cohort.details import CHUNK
from tests.factory import QUESTION, RUBRIC
from tests.reports.cohort_records import cohort_of, graded, ungraded

FULL, HALF, NONE = (True, True), (True, False), (False, False)
YES, NO = (True,), (False,)
HOSTILE = "</script><script>alert(1)</script><!--<img src=x onerror=alert(2)>\u2028&lt;b&gt;'\"{{ 7 * 7 }}]]>"


class Page(HTMLParser):
    """Elements with their attributes, the text of each, and what stands in scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.words: list[str] = []
        self.figures: dict[str, str] = {}
        self._open: tuple[str, dict[str, str | None]] = ("", {})
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self._open = tag, dict(attrs)
        self.tags.append(self._open)
        if tag == "script":
            self.scripts.append((dict(attrs), ""))

    def handle_data(self, data: str) -> None:
        """Note a text."""
        tag, attributes = self._open
        if tag == "script" and self.scripts:
            self.scripts[-1] = self.scripts[-1][0], self.scripts[-1][1] + data
        elif tag != "style":
            self.words.append(data)
            if "data-figure" in attributes and data.strip():
                self.figures[str(attributes["data-figure"])] = data

    def handle_endtag(self, tag: str) -> None:
        """Text after an end belongs to nothing in particular."""
        del tag
        self._open = "", {}

    @property
    def text(self) -> str:
        """All that is written on the page, on one line."""
        return " ".join(" ".join(self.words).split())

    def data(self, name: str) -> Any:
        """One block of data."""
        return json.loads(next(text for attributes, text in self.scripts if attributes.get("id") == name))


def small() -> Cohort:
    """Three candidates, one of them without a result."""
    return cohort_of(
        graded("Ada", FULL, NO, text="The owner is paged.", extra={"team": "Red"}, hero=True),
        graded("Bo", HALF, YES, text="There is an owner.", answer_id="b1"),
        graded("Bo", FULL, YES, text="The owner is paged, and we review.", answer_id="b2"),
        ungraded("Cy"),
    )


@cache
def page() -> Page:
    """The page of the small cohort."""
    return Page(render_page(small(), title="Spring"))


def test_figures_on_the_page() -> None:
    """The figures at a glance are in the page itself, without a script."""
    assert page().figures == {"graded": "2", "ungraded": "1", "unanswered": "0", "mean": "80.0"}
    assert "3 candidates, 1 question. The middle score is 80.0 of 100." in page().text
    assert "The answer is empty." in page().text
    assert "The answer praises people for working through the night." in page().text
    assert "80.0 → 100.0" not in page().text
    assert "60.0 → 100.0" in page().text


def test_same_cohort_same_bytes() -> None:
    """Nothing depends on the time or on chance."""
    assert render_page(small(), title="Spring") == render_page(small(), title="Spring")


def test_nothing_is_fetched() -> None:
    """No element names an address, and the policy lets a browser fetch nothing and run only the two known scripts."""
    for tag, attributes in page().tags:
        assert tag not in ("link", "iframe", "img", "base", "object", "form")
        assert "src" not in attributes
        assert (attributes.get("href") or "#").startswith("#")
        assert not [name for name in attributes if name.startswith("on")]
    policy = next(str(a["content"]) for t, a in page().tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-eval" not in policy
    assert "http" not in policy
    run = [text for attributes, text in page().scripts if attributes.get("type") != "application/json"]
    digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in run]
    assert re.findall(r"'sha256-([^']+)'", policy) == digests
    assert len(run) == 2


def test_language_headings_and_tables() -> None:
    """The page names its language; there is one h1; every table has headers with a scope; labels have controls."""
    tags = page().tags
    assert dict(tags)["html"] == {"lang": "en"}
    assert [tag for tag, _ in tags].count("h1") == 1
    assert all(attributes.get("scope") for tag, attributes in tags if tag == "th")
    plots = [attributes for _, attributes in tags if "data-plot" in attributes]
    assert [p["data-plot"] for p in plots] == ["scores", "themes", "questions"]
    assert all(p["role"] == "img" and p["aria-label"] for p in plots)
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {str(attributes["href"])[1:] for tag, attributes in tags if tag == "a"}
    assert links <= set(ids)


def test_tables_that_are_stacked_on_a_narrow_screen_name_their_figures() -> None:
    """The heads of the criteria's columns, which a narrow screen does not show, stand beside each figure too."""
    tags = page().tags
    start = next(n for n, (_, attributes) in enumerate(tags) if "data-question" in attributes)
    row = [n for n in range(start, len(tags)) if tags[n][0] == "tr"][1]
    cells = [attributes.get("data-label") for tag, attributes in tags[row + 1 : row + 12] if tag == "td"][:6]
    assert cells == [None, "met", "in part", "missed", "credit", "separates"]


def test_heat_map_data() -> None:
    """Per candidate and question: score, a digit per criterion, red flags; 0 is ungraded."""
    assert page().data("index") == [
        ["Ada", 60.0, 1, 0, [[60.0, "20", [0]]]],
        ["Bo", 100.0, 1, 0, [[100.0, "22", []]]],
        ["Cy", None, 0, 1, [0]],
    ]


def test_details_of_a_candidate() -> None:
    """Quotes, gaps, columns of the input, and attempts in order; advice that the rubric gives is not repeated."""
    ada, bo, cy = page().data("chunk-0")
    assert ada == [
        [["team", "Red"]],
        [
            [
                "Ada-on-call", "solid",
                [[["The owner is paged."], "", ""], [[], "It is not said who is paged.", ""]],
                [["The owner is paged."]],
                ["Say when pages are looked at again.", "Praise the fix that lets people sleep."], "", "", [],
            ]
        ],
        "Judged by scripted, last on 2026-11-20.",
    ]  # fmt: skip
    assert bo[1][0][7] == [["b1", 60.0, "solid", "2026-11-20"], ["b2", 100.0, "strong", "2026-11-20"]]
    assert cy == [[], [["Cy-on-call", "empty", "The answer is empty.", []]], "Judged by scripted, last on 2026-11-20."]


def test_plots_hold_the_figures() -> None:
    """The histogram has the counts, the bars the shares, the box the five numbers."""
    plots = page().data("plots")
    assert plots["scores"]["data"][0]["y"] == [0, 0, 0, 0, 0, 0, 1, 0, 0, 1]
    assert plots["themes"]["data"][0]["x"] == [90.0]
    assert plots["questions"]["data"][0]["median"] == [80.0]
    assert all(plot["config"]["displayModeBar"] is False for plot in plots.values())


def hostile_cohort() -> Cohort:
    """Markup in every text that a candidate, a judge or a bank could bring in."""
    question = Question(id="on-call", level="bonus", themes=(HOSTILE,), text=HOSTILE, number=None, model_answer=HOSTILE)
    cohort = cohort_of(
        graded(HOSTILE, FULL, YES, text=HOSTILE + "!", answer_id=HOSTILE + "2", extra={HOSTILE: HOSTILE}),
        graded(HOSTILE, HALF, NO, text=HOSTILE, gap=HOSTILE, answer_id=HOSTILE, extra={HOSTILE: HOSTILE}, hero=True),
        ungraded("x" + HOSTILE, detail=HOSTILE, reason=HOSTILE),
        questions=(question,),
    )
    rubric = cohort.rubrics["on-call"]
    texts = {"statement": HOSTILE, "advice": HOSTILE}
    cohort.rubrics = {
        "on-call": rubric.model_copy(
            update={
                "criteria": tuple(c.model_copy(update=texts) for c in rubric.criteria),
                "red_flags": tuple(f.model_copy(update=texts) for f in rubric.red_flags),
            }
        )
    }
    bands = tuple(b.model_copy(update={"meaning": HOSTILE}) for b in cohort.scale.bands)
    cohort.scale = cohort.scale.model_copy(update={"bands": bands})
    cohort.judges = {HOSTILE: 1}
    return cohort


def test_hostile_texts_stay_texts() -> None:
    """With markup in every field the page has the same elements as without, and the texts arrive unchanged."""
    made = Page(render_page(hostile_cohort(), title=HOSTILE))
    assert len(made.scripts) == 2 + 3 + 1
    assert not [tag for tag, _ in made.tags if tag in ("img", "iframe")]
    assert made.tags.count(("b", {})) == 3, "two gaps with advice, and a red flag"
    assert not [name for _, attributes in made.tags for name in attributes if name.startswith("on")]
    shown = HOSTILE.replace("\u2028", " ")
    assert made.data("index")[0][0] == shown
    (extra, answers, _), _ = made.data("chunk-0")
    assert extra == [[shown, shown]]
    assert answers[0][2][0][:2] == [[shown], shown]
    assert made.data("bank")[0]["criteria"][0][0] == HOSTILE
    assert "49" not in made.text.replace("{{ 7 * 7 }}", "")
    for attributes, text in made.scripts:
        if attributes.get("type") == "application/json":
            assert not set("<>&\u2028\u2029") & set(text)


def test_hostile_texts_do_not_reach_plotly_as_markup() -> None:
    """Plotly reads some markup in labels, so names of the bank arrive there escaped."""
    plots = Page(render_page(hostile_cohort(), title="x")).data("plots")
    assert "<" not in json.dumps(plots["themes"]["layout"]["annotations"])


def test_direction_and_control_characters_are_spelt_out() -> None:
    """A name cannot turn the line around or hide something in it."""
    made = Page(render_page(cohort_of(graded("Eve\u202egnp\u0007", FULL, YES)), title="x"))
    assert made.data("index")[0][0] == "Eve<U+202E>gnp<U+0007>"


def test_details_are_limited_and_said_so() -> None:
    """Of more candidates than are shown one by one, the page says how many there are; the figures are about all."""
    cohort = cohort_of(*(graded(f"P{n}", FULL, YES) for n in range(5)), details=2)
    made = Page(render_page(cohort, title="x", details=2))
    assert [row[0] for row in made.data("index")] == ["P0", "P1"]
    assert made.figures["graded"] == "5"
    assert "The first 2 of 5 are here; all figures above are about all." in made.text


def test_page_that_would_be_too_large_shows_fewer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the findings of all would make too large a page, the first candidates are shown, and the page says why."""
    everybody = [graded(f"P{n}", FULL, YES) for n in range(9)]
    monkeypatch.setattr(sys.modules[Cohort.__module__], "WORDS", cohort_of(*everybody[:4]).words)
    cohort = cohort_of(*everybody)
    made = Page(render_page(cohort, title="x"))
    assert [row[0] for row in made.data("index")] == ["P0", "P1", "P2", "P3"]
    assert made.figures["graded"] == "9"
    assert "The first 4 of 9 are here; all figures above are about all. More would make the page too large" in made.text
    assert sum(entry.texts is not None for _, entry in cohort.entries("on-call")) == 4


def test_attempts_that_are_left_out_are_counted_on_the_page() -> None:
    """Between the first and the later attempts stands how many are not listed."""
    cohort = cohort_of(*(graded("a", FULL, YES, text=f"text {n}") for n in range(ATTEMPTS + 5)))
    made = Page(render_page(cohort, title="x"))
    ((_, (answer,), _),) = made.data("chunk-0")
    attempts = answer[7]
    assert (attempts[1], len(attempts)) == (5, ATTEMPTS + 1)
    assert "(5 more)" in made.text


def test_page_comes_in_pieces() -> None:
    """The pieces are the page, and none is the whole of it."""
    cohort = cohort_of(*(graded(f"P{n}", FULL, YES) for n in range(3 * CHUNK)))
    pieces = list(page_pieces(cohort, title="x"))
    assert "".join(pieces) == render_page(cohort, title="x")
    assert sum('"P0"' in piece or piece.startswith("[[[]") for piece in pieces) >= 3


def test_details_come_in_blocks() -> None:
    """More candidates than fit into one block are in several, and the last one is in the last."""
    cohort = cohort_of(*(graded(f"P{n}", FULL, YES) for n in range(CHUNK + 1)))
    made = Page(render_page(cohort, title="x"))
    assert len(made.data("chunk-0")) == CHUNK
    assert len(made.data("chunk-1")) == 1


def test_waiting_answers_are_said() -> None:
    """A run that is not finished says so."""
    made = Page(render_page(small(), title="x", waiting=7))
    assert "7 answers are still waiting to be judged." in made.text


def test_nothing_graded_at_all() -> None:
    """A run of ungraded answers is a page that says so, without plots of nothing breaking."""
    made = Page(render_page(cohort_of(ungraded("a"), ungraded("b")), title="x"))
    assert "No answer has been graded yet." in made.text
    assert made.figures == {"graded": "0", "ungraded": "2", "unanswered": "0"}


@pytest.mark.parametrize("cost", [None, 0.5])
def test_cost_is_said(cost: float | None) -> None:
    """The cost, or that it is not known."""
    made = Page(render_page(cohort_of(graded("a", FULL, YES, cost=cost)), title="x"))
    assert ("Cost: unknown for 1 judgements" in made.text) is (cost is None)
    assert ("Cost: $0.5000." in made.text) is (cost == 0.5)


def test_question_number_may_be_missing() -> None:
    """A question without a number is shown by its id."""
    bare = QUESTION.model_copy(update={"number": None})
    made = Page(render_page(cohort_of(graded("a", FULL, YES), questions=(bare,)), title="x"))
    assert made.data("bank")[0]["number"] is None


def test_a_page_about_one_is_that_ones_sheet() -> None:
    """Without others there are no figures of a cohort and no plots; progress stays, after the sheet."""
    text = render_page(cohort_of(graded("a", HALF, NO, text="one"), graded("a", FULL, YES, text="two")), title="x")
    made = Page(text)
    ids = [attributes["id"] for tag, attributes in made.tags if tag == "section"]
    assert ids == ["candidates", "progress"]
    assert (made.figures, made.data("plots"), len(text) < 100_000) == ({}, {}, True)
    assert "lack it" not in made.text
    assert "40.0 → 100.0" in made.text
    policy = next(str(a["content"]) for t, a in made.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.count("sha256-") == 1


def test_every_sheet_has_a_foot_that_is_printed() -> None:
    """Judge, date and caveat stand on the sheet itself; remarks are marked as the coach's and are not printed."""
    assert page().data("chunk-0")[0][2] == "Judged by scripted, last on 2026-11-20."
    assert "not a verdict. How far scripted agrees with people on these questions is not known." in page().text
    style = render_page(small(), title="x").partition("<style>")[2].partition("</style>")[0]
    printed = style[style.index("@media print") :]
    hidden = re.findall(r"([^{}]+)\{ display: none", printed)
    assert any(".coach" in selectors for selectors in hidden)
    assert not any(".foot" in selectors for selectors in hidden)
    script = page().scripts[-1][1]
    assert 'class: "coach" }, make("b", {}, "For the coach, not printed. "), answer[5]' in script
    assert 'make("div", { class: "foot" }, make("p", {}, judged), ...[...at("caveats").children]' in script


def test_the_caveat_of_the_embedded_judge_is_what_was_measured() -> None:
    """Where the embedded judge was at work, the page says by how much it is off, and how many red flags it finds."""
    cohort = small()
    cohort.judges = {"embedded": 3}
    made = Page(render_page(cohort, title="x"))
    assert EmbeddedJudge().trust(RUBRIC) in made.text
    flags = measured()["shipped"]["red_flags"]
    assert f"on practice answers it found {flags['raised_right']} of {flags['there']}." in made.text


def test_no_red_flag_found_is_not_none_there() -> None:
    """The page says that none was found, not that there is none."""
    made = Page(render_page(cohort_of(graded("a", FULL, YES), graded("b", FULL, YES)), title="x"))
    assert "Red flags None was found." in made.text


def test_counts_say_what_they_count() -> None:
    """That only last attempts are counted stands at the figure, with the number of the others."""
    assert "graded counting the last attempt of each; 1 earlier attempt under Progress" in page().text
    assert "asked or not" in page().text
    once = Page(render_page(cohort_of(graded("a", FULL, YES), graded("b", FULL, YES)), title="x"))
    assert "last attempt of each" not in once.text


def test_reasons_and_parts_are_words() -> None:
    """A reason is words on the page, and that an answer was read in part is said on the sheet."""
    part = graded("a", HALF, NO)
    criteria = tuple(c.model_copy(update={"flags": ("answer_truncated",)}) for c in part.evaluation.criteria)  # type: ignore[union-attr]
    cut = replace(part, evaluation=part.evaluation.model_copy(update={"criteria": criteria}))
    made = Page(render_page(cohort_of(cut, ungraded("b", reason="nothing_of_its_own")), title="x"))
    (first, _), (second, _) = ((answers, judged) for _, answers, judged in made.data("chunk-0"))
    assert first[0][6] == "Only the first 120 sentences of the answer were read."
    assert second[0][1] == "nothing of its own"
    assert "nothing_of_its_own" not in made.text
