"""What holds for every text whatsoever."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from evaluator.authoring.article import find_entries, read_article
from evaluator.authoring.article.blocks import Block, clean
from evaluator.authoring.article.ids import MAX_LENGTH, question_id
from evaluator.authoring.article.wrapping import to_blocks
from evaluator.bank.files import ID_PATTERN
from evaluator.errors import InputError

PIECES = (
    "1. How do you plan?", "2. What then?", "3. Peel apples", "1.", "Q: Why?", "A: Because.", "A:", "Answer", "Related: this", "# What?", "## Basics",
    "Conclusion", "Advanced Questions", "- Who?", "  - so", "We plan in the open.", "", "| a? | b |", "|---|---|", "**Why?**", "> quoted", "<p>", "<li>",
    "Why? Since we said so, and more.", "10 - 20", "Q1: base", "Advertisement", "Tip: smile", "```", "   ", "\u2019\u2014\u201c?\u201d", "Was tun Sie?",
)  # fmt: skip
LINES = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=30)), max_size=25)


@settings(max_examples=150, deadline=None)
@given(lines=LINES, name=st.sampled_from(["a.txt", "a.md", "a.html"]))
def test_any_text_is_read(lines: list[str], name: str) -> None:
    """Any text that is not empty or full of control characters gives entries with a question; nothing else is raised."""
    raw = "\n".join(lines).encode(errors="replace")
    try:
        document = read_article(raw, name)
    except InputError:
        assert not raw.strip() or not all(c.isprintable() or c.isspace() for c in raw.decode())
        return
    for entry in find_entries(document.blocks).entries:
        assert clean(entry.question) == entry.question != ""
        assert entry.answer is None or clean(entry.answer) == entry.answer != ""


@settings(max_examples=150, deadline=None)
@given(lines=LINES)
def test_every_line_has_one_place(lines: list[str]) -> None:
    """Every word of the input lands in exactly one line, in order, and every line in exactly one part."""
    blocks = [Block(line, where) for where, line in enumerate(lines, 1)]
    result = find_entries(blocks)
    given_words = [word for line in lines for word in clean(line).split()]
    assert [word for placed in result.lines for word in placed.line.text.split()] == given_words
    for placed in result.lines:
        assert (placed.entry is not None) == (placed.part in {"question", "answer"})
        assert (placed.reason != "") == (placed.part == "left out")
    asked = [placed.entry for placed in result.lines if placed.part == "question"]
    assert sorted(set(asked), key=lambda e: e or 0) == list(range(len(result.entries)))


@settings(max_examples=150, deadline=None)
@given(lines=LINES)
def test_wrapping_loses_nothing(lines: list[str]) -> None:
    """Joining wrapped lines keeps every word, bullets aside."""
    whole = [clean(line) for line in lines]
    blocks = to_blocks(list(enumerate(lines, 1)))
    kept = " ".join(block.text for block in blocks).replace(" ", "").replace("-", "")
    marks = str.maketrans("", "", "-*+\u2022\u2023\u2043\u25aa\u25cf\u25e6\u00b7\u2013\uf0b7 ")
    assert kept.translate(marks) == "".join(whole).translate(marks)


@settings(max_examples=200, deadline=None)
@given(text=st.text(min_size=1, max_size=120), taken=st.sets(st.text(max_size=10), max_size=3))
def test_ids(text: str, taken: set[str]) -> None:
    """Every text has an id that a bank accepts, the same one each time, and one that is not taken."""
    name = question_id(text, taken)
    assert re.match(ID_PATTERN, name)
    assert len(name) <= MAX_LENGTH + 3
    assert name == question_id(text, taken)
    assert question_id(text, {name}) != name
