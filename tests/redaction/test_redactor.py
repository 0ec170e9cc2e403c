"""What is hidden in a text, and the way back."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluator.domain import Evidence
from evaluator.errors import InputError
from evaluator.redaction import KINDS, Listed, Redactor, read_list

ROOT = Path(__file__).resolve().parents[2]
SENTENCES = [
    json.loads(line)["text"] for line in (ROOT / "tests/hostile/redaction.jsonl").read_text("utf-8").splitlines()
]
LEAST = {"name": 0.94, "email": 0.96, "phone": 0.94, "url": 0.95, "company": 0.84}
"""The measured recall (docs/redaction.md) less a margin of one or two spans."""

AWKWARD = [
    "[NAME_1]",
    "NAME_2",
    "[EMAIL_1",
    "name_1",
    "]",
    "[",
    "[[PHONE_1]]",
    "\u0660",
    "_",
    "1",
    "\n",
    " ",
    "é",
    "\u200b",
    "🦊",
]
TEXTS = st.lists(st.sampled_from([*AWKWARD, *SENTENCES]) | st.text(max_size=20), max_size=8).map("".join)


def test_recall_holds() -> None:
    """Of each kind at least so much of the sentences is hidden, and nearly nothing needlessly."""
    lines, _, needless = runpy.run_path(str(ROOT / "docs/make_redaction.py"))["measure"]("redaction.jsonl")
    assert set(lines) == set(KINDS)
    for kind, line in lines.items():
        assert line.recall >= LEAST[kind], kind
    assert len(needless) <= 4


def test_the_page_is_current() -> None:
    """The table of docs/redaction.md is what the script writes today."""
    page = (ROOT / "docs/redaction.md").read_text("utf-8")
    assert runpy.run_path(str(ROOT / "docs/make_redaction.py"))["table"]() in page


@given(TEXTS)
def test_back_and_forth(text: str) -> None:
    """A redacted text restored is the text, whatever stands in it."""
    redacted = Redactor(Listed((("company", "rota"), ("name", "é")))).redact(text)
    assert redacted.restore(redacted.text) == text
    assert redacted.original == text


@given(TEXTS, st.data())
def test_evidence_of_the_original(text: str, data: st.DataObject) -> None:
    """Any span of the redacted text is a span of the original, and restores to its quote at whole placeholders."""
    redacted = Redactor().redact(text)
    start = data.draw(st.integers(0, len(redacted.text)))
    end = data.draw(st.integers(start, len(redacted.text)))
    found = redacted.evidence(Evidence(quote=redacted.text[start:end], start=start, end=end))
    assert 0 <= found.start <= found.end <= len(text)
    assert text[found.start : found.end] == found.quote
    assert redacted.original_span(0, len(redacted.text)) == (0, len(text))


@given(TEXTS)
def test_nothing_hidden_is_left(text: str) -> None:
    """Each span is replaced by a placeholder in its place, and what is between them stays."""
    redacted = Redactor().redact(text)
    rest, at = redacted.text, 0
    for span, placeholder in zip(redacted.spans, redacted.placeholders, strict=True):
        kept = text[at : span.start]
        assert rest.startswith(kept + placeholder)
        rest, at = rest[len(kept + placeholder) :], span.end
    assert rest == text[at:]


def test_equal_pieces_get_equal_placeholders() -> None:
    """Numbers count by kind; what is said twice has one number."""
    text = "I asked Priya (priya@example.com). Then Tom asked Priya at Acme Systems Ltd, see https://example.com/a."
    assert Redactor().redact(text).text == (
        "I asked [NAME_1] ([EMAIL_1]). Then [NAME_2] asked [NAME_1] at [COMPANY_1], see [URL_1]."
    )


def test_placeholders_of_the_author_are_left_alone() -> None:
    """A text that looks like a placeholder keeps its number for itself."""
    redacted = Redactor().redact("As [NAME_1] said, I asked Priya.")
    assert redacted.text == "As [NAME_1] said, I asked [NAME_2]."
    assert redacted.restore("[NAME_1] and name_2, not NAME_23") == "[NAME_1] and Priya, not NAME_23"


@pytest.mark.parametrize(
    "text",
    [
        "Kubernetes and Postgres run it; we measure DORA metrics on Friday.",
        "I'd say that I've seen it. Conway's law again. GitHub Actions run on 10.0.0.1.",
        "Ticket 4155550142 took from 2021-03-04 to 2021-06-30, and 5,550,134 restarts.",
        "Our SLOs are 99.95, as README.md and config.yaml say. Node.js 18.20.4 is old.",
        "The Phoenix project was late.",
        "",
    ],
)
def test_what_is_no_personal_data(text: str) -> None:
    """Technology, dates, versions, laws and projects stay."""
    assert Redactor().redact(text).text == text


def test_terms_of_the_rubric_stay() -> None:
    """A word that the rubric writes with a capital letter is no name."""
    text = "We used Zabriskie for that."
    assert Redactor().redact(text).text == "We used [NAME_1] for that."
    assert Redactor().redact(text, frozenset({"Zabriskie"})).text == text


def test_a_list(tmp_path: Path) -> None:
    """Entries are found as whole words in any case, across line ends; a line without a kind is a company."""
    file = tmp_path / "list.txt"
    file.write_text("# ours\n\nsable point bank\nName:  Jane  Doe\ncompany: Tide & Timber\nsable point bank\n", "utf-8")
    listed = read_list(file)
    assert listed.entries == (("company", "sable point bank"), ("name", "Jane Doe"), ("company", "Tide & Timber"))
    text = "Sable Point\nBank and tide & timber paid jane doe; timberland did not."
    assert Redactor(listed).redact(text).text == "[COMPANY_1] and [COMPANY_2] paid [NAME_1]; timberland did not."


@pytest.mark.parametrize(
    ("entry", "text", "hidden"),
    [
        ("Sainsbury's", "I went to sainsbury\u2019s once", "I went to [COMPANY_1] once"),
        ("L'Or\u00e9al", "it was l\u2019or\u00e9al then", "it was [COMPANY_1] then"),
        ("L'Or\u00e9al", "it was l'Ore\u0301al then", "it was [COMPANY_1] then"),
        ("Nestl\u00e9", "at nestle\u0301, too", "at [COMPANY_1], too"),
        ("jane smithers", "with jane smi\u00adthers\u200b, too", "with [COMPANY_1]\u200b, too"),
        ("jane smithers", "with _jane\u00a0smithers_, too", "with _[COMPANY_1]_, too"),
        ("tide-timber", "with tide\u2011timber, too", "with [COMPANY_1], too"),
        ("\u738b\u5c0f\u660e", "\u6211\u548c\u738b\u5c0f\u660e\u4e00\u8d77", "\u6211\u548c[COMPANY_1]\u4e00\u8d77"),
        ("Booking.com Holdings", "for Booking.com Holdings we did", "for [COMPANY_1] we did"),
        ("timber", "see https://timber.example.com/timber there", "see [URL_1] there"),
        ("smith", "the smithy and the locksmith", "the smithy and the locksmith"),
        ("\u200b", "nothing is listed", "nothing is listed"),
    ],
)
def test_a_list_and_what_programs_make_of_text(entry: str, text: str, hidden: str) -> None:
    """An entry is found with other quotation marks, accents, spaces and hyphens, and with a link in it."""
    redacted = Redactor(Listed((("company", entry),))).redact(text)
    assert redacted.text == hidden
    assert redacted.restore(redacted.text) == text


def test_entries_that_overlap_are_hidden_together() -> None:
    """Of two entries that share a word no letter is left."""
    listed = Listed((("name", "ada timber"), ("company", "timber works")))
    assert Redactor(listed).redact("so ada timber works said").text == "so [COMPANY_1] said"


def test_a_list_that_cannot_be_read(tmp_path: Path) -> None:
    """A missing list and one that is not UTF-8 are errors of the input."""
    with pytest.raises(InputError, match="cannot be read"):
        read_list(tmp_path / "none.txt")
    (tmp_path / "bad.txt").write_bytes(b"M\xfcller AG\n")
    with pytest.raises(InputError, match=r"not UTF-8 \(byte 1\)"):
        read_list(tmp_path / "bad.txt")


def test_a_word_that_is_no_kind(tmp_path: Path) -> None:
    """A line with another word than a kind before its colon is refused, with file, line, word and the known kinds."""
    file = tmp_path / "list.txt"
    file.write_text("# note: ours\n\nname: Jane Doe\nperson: Zorblat Quuxly\nAcme\nRe:Store\n: Ada\n", "utf-8")
    with pytest.raises(InputError) as caught:
        read_list(file)
    said = str(caught.value)
    assert f'{file}:4: found "person" before the colon; expected "name" or "company"' in said
    assert f'{file}:6: found "Re" before' in said
    assert f'{file}:7: found "" before' in said
    assert said.count("found") == 3
    assert "Quuxly" not in said


def test_a_company_with_a_colon(tmp_path: Path) -> None:
    """Behind its kind an entry may hold colons and begin with #; a wide colon is one as well."""
    file = tmp_path / "list.txt"
    file.write_text("company: Re:Store\nNAME \uff1aZorblat Quuxly\ncompany: #hash labs\n", "utf-8")
    listed = read_list(file)
    assert listed.entries == (("company", "Re:Store"), ("name", "Zorblat Quuxly"), ("company", "#hash labs"))
    assert Redactor(listed).redact("so re:store had zorblat quuxly").text == "so [COMPANY_1] had [NAME_1]"


def test_a_list_with_many_wrong_lines(tmp_path: Path) -> None:
    """Of many wrong lines the first twenty are shown, and how many more there are."""
    file = tmp_path / "list.txt"
    file.write_text("person: Ada\n" * 25, "utf-8")
    with pytest.raises(InputError, match="and 5 more") as caught:
        read_list(file)
    assert str(caught.value).count("found") == 20


def test_long_answers_are_no_trouble() -> None:
    """Long rows of digits, letters and dots are read through."""
    text = "a." * 5_000 + "1 " * 5_000 + "A" * 5_000 + " A." * 2_000
    assert Redactor().redact(text).restore("x") == "x"
