"""What is found in articles of every shape, and what is left out of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluator.authoring.article import Found, find_entries, open_article, read_article

ARTICLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "article.txt"


def found(text: str, name: str = "article.txt") -> Found:
    """What is found in a text."""
    return find_entries(read_article(text.encode(), name).blocks)


def pairs(text: str, name: str = "article.txt") -> list[tuple[str, str | None]]:
    """Questions with their answers."""
    return [(entry.question, entry.answer) for entry in found(text, name).entries]


def test_an_article_without_blank_lines() -> None:
    """Sections, advertisements, related links, contents and conclusion are told from questions and answers."""
    result = find_entries(open_article(ARTICLE).blocks)
    assert [e.number for e in result.entries] == [1, 2, 3, 4, 5, 6, 7]
    assert [e.level for e in result.entries] == ["foundational"] * 3 + ["advanced"] * 2 + ["bonus"] * 2
    lines = ARTICLE.read_text(encoding="utf-8").splitlines()
    for entry in result.entries:
        at = lines.index(f"{entry.number}. {entry.question}")
        assert entry.where == at + 1
        assert entry.answer == (lines[at + 1] if entry.number <= 5 else None)  # type: ignore[operator]
    assert [(p.part, p.reason, p.line.where) for p in result.lines if p.part not in {"question", "answer"}] == [
        ("heading", "", 1),
        *(("left out", "introduction", where) for where in range(2, 8)),
        ("heading", "", 8),
        ("heading", "", 9),
        ("left out", "related link", 14),
        ("left out", "related link", 17),
        ("heading", "", 18),
        ("left out", "advertisement", 23),
        ("heading", "", 24),
        ("heading", "", 27),
        ("left out", "conclusion", 28),
        ("left out", "advertisement", 29),
    ]


RUN, PAGED = "How do you run on-call?", "Owners are paged."
MEASURE, FLOW = "What do you measure?", "Lead time, mostly."


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("dot.txt", f"1. {RUN}\n{PAGED}\n2. {MEASURE}\n{FLOW}\n"),
        ("blank.txt", f"1) {RUN}\n\n{PAGED}\n\n2) {MEASURE}\n\n{FLOW}\n"),
        ("tight.txt", f"1.{RUN}\n{PAGED}\n2.{MEASURE}\n{FLOW}\n"),
        ("one-line.txt", f"1. {RUN} Owners are paged, and we review it.\n2. {MEASURE} {FLOW}\n"),
        ("label.txt", f"Q: {RUN}\nA: {PAGED}\n\nQ: {MEASURE}\nA: {FLOW}\n"),
        ("label-line.txt", f"Q1. {RUN} A: {PAGED}\nQ2. {MEASURE} A: {FLOW}\n"),
        ("label-word.txt", f"Question 1: {RUN}\nSample answer: {PAGED}\nQuestion 2: {MEASURE}\nAnswer:\n{FLOW}\n"),
        ("bare.txt", f"{RUN}\n\n{PAGED}\n\n{MEASURE}\n\n{FLOW}\n"),
        ("bullet.txt", f"- {RUN}\n  {PAGED}\n- {MEASURE}\n  {FLOW}\n"),
        ("heading.md", f"# Two\n\nHello.\n\n## {RUN}\n\n{PAGED}\n\n## {MEASURE}\n\n{FLOW}\n"),
        ("numbered.md", f"# Two\n\n### 1. {RUN}\n{PAGED}\n\n### 2. {MEASURE}\n{FLOW}\n\n# Conclusion\nBye.\n"),
        ("bold.md", f"**1. {RUN}**\n\n{PAGED}\n\n**2. {MEASURE}**\n\n{FLOW}\n"),
        ("list.md", f"1. **{RUN}**\n\n   {PAGED}\n\n1. **{MEASURE}**\n\n   {FLOW}\n"),
        ("lazy.md", f"# x\n1. {RUN}\n{PAGED}\n2. {MEASURE}\n{FLOW}\n"),
        ("bullets.md", f"# x\n- {RUN}\n  - Owners\n- {MEASURE}\n\n  {FLOW}\n"),
        ("table.md", f"| Question | Answer |\n|---|---|\n| {RUN} | {PAGED} |\n| {MEASURE} | {FLOW} |\n"),
        ("table.html", f"<table><tr><td>{RUN}<td>{PAGED}</tr><tr><td>{MEASURE}<td><p>Lead time,</p><p>mostly.</p></table>"),
        ("h.html", f"<body><h1>Two</h1><h2>{RUN}</h2><p>Owners<b> are</b> paged.</p><h2>{MEASURE}</h2>{FLOW}"),
        ("ol.html", f"<body><ol><li>{RUN}<p>{PAGED}</p><li>{MEASURE}<br>{FLOW}</ol>"),
        ("strong.html", f"<p><strong>1. {RUN}</strong><br>{PAGED}</p><p><b>2. {MEASURE}</b><br>{FLOW}"),
        ("details.html", f"<body><details><summary>{RUN}</summary>{PAGED}</details><details><summary>{MEASURE}</summary>{FLOW}"),
        ("terms.html", f"<body><dl><dt>{RUN}<dd>{PAGED}<dt>{MEASURE}<dd>{FLOW}</dl>"),
    ],
)  # fmt: skip
def test_shapes(name: str, text: str) -> None:
    """Numbers, labels, headings, bold lines, bullets, tables and terms all mark questions."""
    shapes = {"one-line.txt": "Owners are paged, and we review it.", "bullets.md": "Owners."}
    expected = [(RUN, shapes.get(name, PAGED)), (MEASURE, None if name == "one-line.txt" else FLOW)]
    if name == "one-line.txt":  # three words behind a question mark may belong to the question
        expected[1] = (f"{MEASURE} {FLOW}", None)
    assert pairs(text, name) == expected


def test_wrapped_lines() -> None:
    """Text wrapped at a fixed width is joined, questions as well as answers, without blank lines between them."""
    text = (
        "Foundational Questions\n"
        "1. How do you plan a quarter when half of the work is not\n"
        "known yet, and who decides what is dropped?\n"
        "I leave a third of the capacity empty and say so. When some\n"
        "thing comes, Product decides within a day. What is dropped\n"
        "gets a line in the plan, so that something is never lost.\n"
        "Advanced Questions\n"
        "2. Who is asked first, and why is it that one in particular?\n"
        "The person on call is asked first, since they know the state.\n"
    )
    assert pairs(text) == [
        (
            "How do you plan a quarter when half of the work is not known yet, and who decides what is dropped?",
            "I leave a third of the capacity empty and say so. When some thing comes, Product decides within a day. "
            "What is dropped gets a line in the plan, so that something is never lost.",
        ),
        (
            "Who is asked first, and why is it that one in particular?",
            "The person on call is asked first, since they know the state.",
        ),
    ]  # fmt: skip


def test_numbers_inside_an_answer() -> None:
    """Numbered steps and numbered questions inside an answer stay in it; a list keeps its items apart."""
    text = (
        f"1. {RUN}\nI do three things:\n1. Name owners\n2. Review pages\n3. Cut noise\n"
        f"2. {MEASURE}\n10 - 20 percent of changes fail. I ask:\n1. What hurts?\n2. Who pays?\n3. How do you plan?\nIn the open.\n"
    )
    assert pairs(text) == [
        (RUN, "I do three things: 1. Name owners; 2. Review pages; 3. Cut noise."),
        (MEASURE, "10 - 20 percent of changes fail. I ask: 1. What hurts? 2. Who pays?"),
        ("How do you plan?", "In the open."),
    ]


def test_contents_repeat_the_questions() -> None:
    """A list of contents is left out: the questions with text below them are the real ones."""
    text = f"Table of contents\n1. {RUN}\n2. {MEASURE}\n\n1. {RUN}\n{PAGED}\n2. {MEASURE}\n{FLOW}\n"
    assert [(e.number, e.answer) for e in found(text).entries] == [(1, PAGED), (2, FLOW)]


def test_numbered_sections_and_restarts() -> None:
    """A section may have a number too, and questions may start from 1 in each."""
    text = f"## 1. Basic questions\n\n1. {RUN}\n2. {MEASURE}\n\n## 2. Expert questions\n\n1. Who decides?\n2. Why so?\n"
    assert [(e.number, e.question, e.level) for e in found(text, "a.md").entries] == [
        (1, RUN, "foundational"),
        (2, MEASURE, "foundational"),
        (1, "Who decides?", "advanced"),
        (2, "Why so?", "advanced"),
    ]


def test_topics_without_a_question_mark() -> None:
    """A request is a question; a numbered topic is one where its neighbours ask."""
    text = f"1. Describe your first month.\nI listened.\n2. Your view on debt\nIt is a loan.\n3. {MEASURE}\n{FLOW}\n"
    assert pairs(text) == [
        ("Describe your first month.", "I listened."),
        ("Your view on debt", "It is a loan."),
        (MEASURE, FLOW),
    ]


def test_bonus_section_in_another_style() -> None:
    """Questions that a level's section lists without numbers are found as well."""
    text = f"## Basics\n\n1. {RUN}\n\n   {PAGED}\n2. Who is told?\n\n## Bonus practice\n\n- {MEASURE}\n- Who decides?\n\n## Conclusion\n\n- Really?\n"
    entries = found(text, "a.md").entries
    assert [(e.question, e.level) for e in entries] == [
        (RUN, "foundational"),
        ("Who is told?", "foundational"),
        (MEASURE, "bonus"),
        ("Who decides?", "bonus"),
    ]


def test_advice_around_the_answer() -> None:
    """Why a question is asked and how to answer it are no part of the answer; headings inside it do not end it."""
    text = (
        f"## {RUN}\n\n**Why they ask it**\n\nThey want care.\n\n**Sample answer:**\n\n{PAGED}\n\n#### More\n\nEvery week.\n\n"
        f"## {MEASURE}\n\n### How to answer\n\nBe honest.\n\n### Answer\n\n{FLOW}\n\nTip: smile.\n"
    )
    assert pairs(text, "a.md") == [(RUN, f"{PAGED} Every week."), (MEASURE, FLOW)]


def test_table_with_number_and_level() -> None:
    """A table may give number and level in columns of their own, in any order."""
    text = f"| Answer | # | Question | Level |\n|---|---|---|---|\n| {PAGED} | 4 | {RUN} | basic |\n| | 5 | Your view on debt | expert |\n"
    assert [(e.number, e.question, e.answer, e.level) for e in found(text, "a.md").entries] == [
        (4, RUN, PAGED, "foundational"),
        (5, "Your view on debt", None, "advanced"),
    ]


def test_page_furniture() -> None:
    """Navigation, sidebars, advertisements, hidden text and comments of a page are left out; the page itself is not."""
    text = (
        f"<body class='has-sidebar'><nav><h2>Who are we?</h2></nav><form class='page'><div class='content share'><h2>{RUN}</h2><p>{PAGED}</p>"
        f"<div class='ad-slot'><p>Buy!</p></div><p hidden>psst</p><h2>{MEASURE}</h2><p>{FLOW}</p><script>x?</script></div></form>"
        "<aside><h2>What else?</h2></aside><div id='comments'><p>Great!</p></div><!-- gone? --></body>"
    )
    result = found(text, "a.html")
    assert [(e.question, e.answer) for e in result.entries] == [(RUN, PAGED), (MEASURE, FLOW)]
    assert [p.line.text for p in result.lines if p.part == "left out"] == [
        "Who are we?",
        "Buy!",
        "psst",
        "What else?",
        "Great!",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "On leadership\n\nPeople matter.\n\nBut why?\n\nThey build things.\n\nThey break things.\n\nThey mend them.\n\nSuch is life.\n",
        "1. Wash your hands.\n2. Peel the apples.\n3. Bake.\n",
        "Just one line",
        "| City | People |\n|---|---|\n| Bern | 140 |\n",
    ],
    ids=["essay", "recipe", "line", "table"],
)
def test_no_questions(text: str) -> None:
    """A text that asks nothing has no questions in it."""
    assert pairs(text, "a") == []
