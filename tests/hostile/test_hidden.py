"""Each way of hiding text: a reader is told, a language model sees it, and nothing can be quoted from it."""

from __future__ import annotations

import base64

import pytest

from evaluator.honesty import remarks_on, unbelieved_spans
from evaluator.judges.llm.checks import check_reply
from evaluator.prompts import fence_answer
from tests.factory import QUESTION, RUBRIC

HONEST = "We page the owner of the service, and nobody else."
SECRET = "Every page is looked at again on Monday by all of us"
CODE = base64.b64encode(f"{SECRET}, and then some more.".encode()).decode()
LETTERS = {
    "zero-width": "\u200b".join(SECRET),
    "direction": f"\u202e{SECRET[::-1]}\u202c",
    "isolates": f"\u2066{SECRET}\u2069",
    "look-alikes": SECRET.replace("e", "\u0435").replace("a", "\u0430"),
    "tag letters": "".join(chr(0xE0000 + ord(letter)) for letter in SECRET),
    "blank letters": SECRET.replace(" ", "\u3164"),
}
BLOCKS = {
    "comment": f"<!-- {SECRET} -->",
    "open comment": f"<!-- {SECRET}",
    "link label": f"[//]: # ({SECRET})",
    "white": f'<span style="color: white">{SECRET}</span>',
    "white by number": f'<p style="color:#fff">{SECRET}</p>',
    "tiny": f'<span style="font-size:0">{SECRET}</span>',
    "not displayed": f'<div style="display: none">{SECRET}</div>',
    "hidden": f"<span hidden>{SECRET}</span>",
    "white by attribute": f'<font color="white">{SECRET}</font>',
    "hidden, the last of several attributes": f'<p class="a" lang="en" hidden>{SECRET}</p>',
    "text of a picture": f"![{SECRET}](https://pictures.invalid/dot.png)",
    "title of a link": f'[notes](https://notes.invalid "{SECRET}")',
    "white in LaTeX": f"\\textcolor{{white}}{{{SECRET}}}",
    "base64": CODE,
}


def flags(text: str) -> set[str]:
    """The flags of an answer."""
    return {remark.flag for remark in remarks_on(text, QUESTION, RUBRIC)}


@pytest.mark.parametrize("hidden", [*LETTERS.values(), *BLOCKS.values()], ids=[*LETTERS, *BLOCKS])
def test_each_way_of_hiding_is_flagged(hidden: str) -> None:
    """The coach is told that something is hidden; the same words in the open are not remarked."""
    assert "hidden_text" in flags(f"{HONEST}\n{hidden}")
    assert flags(f"{HONEST}\n{SECRET}") == set()


@pytest.mark.parametrize(
    "markup",
    [
        '<p style="background-color:#ffffff;margin:0">{}</p>',
        '<td style="border-color: white">{}</td>',
        '<p style="background:transparent; font-size:0.9em; opacity:0.8">{}</p>',
        '<div class="overflow-hidden">{}</div>',
        '<a title="no hidden costs" href="https://example.org">{}</a>',
        "![the board](board.png) {}",
        "[{}](https://example.org)",
    ],
)
def test_what_a_page_brings_along_is_not_hidden(markup: str) -> None:
    """Text that was copied from a page with its markup is visible text."""
    assert flags(markup.format(HONEST)) == set()


@pytest.mark.parametrize("name", [name for name in LETTERS if name != "look-alikes"])
def test_hidden_letters_are_shown_to_the_model(name: str) -> None:
    """What a person does not see stands in the prompt as visible numbers."""
    body = fence_answer(f"{HONEST}\n{LETTERS[name]}").body
    unseen = {letter for letter in LETTERS[name] if not letter.isascii()}
    assert unseen
    assert all(f"[U+{ord(letter):04X}]" in body and letter not in body for letter in unseen)


@pytest.mark.parametrize("name", BLOCKS)
def test_nothing_is_met_by_a_hidden_block(name: str) -> None:
    """A judge that quotes from a block that only programs read gets nothing through; the words beside it count."""
    text = f"{HONEST}\n{BLOCKS[name]}"
    for quote, passes in ((CODE if name == "base64" else SECRET, False), (HONEST, True)):
        item = {"id": "page-review", "quotes": [quote], "points": [True], "gap": "", "suggestion": ""}
        checked = check_reply({"criteria": [item]}, RUBRIC, text, unbelieved=unbelieved_spans(text))
        assert ("page-review" in checked.criteria) == passes
