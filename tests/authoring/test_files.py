"""Files of each format are read; what cannot be read is refused in one clear message."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import docx
import pypdf
import pytest

from evaluator.authoring.article import find_entries, open_article, read_article
from evaluator.authoring.article.wrapping import to_blocks
from evaluator.errors import InputError

RUN, PAGED = "How do you run on-call?", "Owners are paged."
MEASURE, FLOW = "What do you measure?", "Lead time, mostly."
TEXT = f"Basics\n1. {RUN}\n{PAGED}\n2. {MEASURE}\n{FLOW}\n"


def pdf(pages: Sequence[Sequence[str]], *, leading: int = 14) -> bytes:
    """A PDF with these lines in Helvetica, 11 points; an empty line is a gap."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for lines in pages:
        moves = "".join(f"({_escaped(line)}) Tj 0 -{leading} Td " for line in lines)
        stream = f"BT /F1 11 Tf 60 780 Td {moves}ET"
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {len(objects)} 0 R"
        objects.append(f"{page} /Resources << /Font << /F1 3 0 R >> >> >>")
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    body, offsets = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    trailer = f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return (body + f"xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}").encode("latin-1")


def _escaped(line: str) -> str:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def pairs(raw: bytes, name: str) -> list[tuple[int | None, str, str | None]]:
    """Number, question and answer of what is found in a file."""
    return [(e.number, e.question, e.answer) for e in find_entries(read_article(raw, name).blocks).entries]


def packed(document: object) -> bytes:
    """The bytes of a Word document or of a PDF that is being written."""
    buffer = io.BytesIO()
    (document.write if isinstance(document, pypdf.PdfWriter) else document.save)(buffer)  # type: ignore[attr-defined]
    return buffer.getvalue()


FOUND = [(1, RUN, PAGED), (2, MEASURE, FLOW)]


def test_pdf_with_wrapped_lines_and_running_heads() -> None:
    """Wrapped lines are joined, also over a page; running heads and page numbers are left out."""
    pages = [
        ["The Manual", "", "1. How do you plan a quarter when half of the work is not known yet,", "and who decides on the rest?", "",
         "I leave a third of the capacity empty and say so to everybody. When some-", "thing comes, Product decides within a day. What is dropped gets", "1"],
        ["The Manual", "", "a line in the plan. Something is never lost.", "", "Advanced Questions", "", f"2. {RUN}", PAGED, "2"],
        ["The Manual", "", f"3. {MEASURE}", "", FLOW, "3"],
    ]  # fmt: skip
    expected = [
        (1, "How do you plan a quarter when half of the work is not known yet, and who decides on the rest?",
         "I leave a third of the capacity empty and say so to everybody. When something comes, Product decides within a day. "
         "What is dropped gets a line in the plan. Something is never lost."),
        (2, RUN, PAGED),
        (3, MEASURE, FLOW),
    ]  # fmt: skip
    assert pairs(pdf(pages), "a.pdf") == expected
    assert pairs(pdf(pages, leading=24), "wide.pdf") == expected


def test_docx_with_automatic_numbers() -> None:
    """Numbers that Word counts itself are counted; headings give the level; bullets are kept apart."""
    document = docx.Document()
    document.add_heading("Questions", 0)
    document.add_heading("Expert questions", 1)
    document.add_paragraph(RUN, style="List Number")
    document.add_paragraph(PAGED)
    document.add_paragraph(MEASURE, style="List Number")
    for text in ("Lead time", "Failures"):
        document.add_paragraph(text, style="List Bullet")
    document.add_heading("Conclusion", 1)
    document.add_paragraph("Bye.")
    raw = packed(document)
    assert pairs(raw, "a.docx") == [(1, RUN, PAGED), (2, MEASURE, "Lead time; Failures.")]
    assert [e.level for e in find_entries(read_article(raw, "a.docx").blocks).entries] == ["advanced", "advanced"]


def test_docx_with_bold_lines_and_a_table() -> None:
    """Bold paragraphs and rows of a table are questions too; a merged cell counts once."""
    document = docx.Document()
    for question, answer in ((RUN, PAGED), (MEASURE, FLOW)):
        document.add_paragraph().add_run(question).bold = True
        document.add_paragraph(answer)
    assert pairs(packed(document), "a.docx") == [(None, RUN, PAGED), (None, MEASURE, FLOW)]
    document = docx.Document()
    table = document.add_table(3, 2)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "Our list"
    for row, (question, answer) in enumerate(((RUN, PAGED), (MEASURE, FLOW)), 1):
        table.cell(row, 0).text, table.cell(row, 1).text = question, answer
    assert pairs(packed(document), "a.docx") == [(None, RUN, PAGED), (None, MEASURE, FLOW)]


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (TEXT.encode(), "a.txt"),
        (b"\xef\xbb\xbf" + TEXT.encode(), "bom.txt"),
        (TEXT.encode("utf-16"), "utf16.txt"),
        (TEXT.replace("\n", "\r\n").encode(), "windows.txt"),
        (TEXT.replace("\n", "\n\n").encode(), "standard input"),
        (f"<p>1. {RUN}</p><p>{PAGED}<p>2. {MEASURE}<p>{FLOW}".encode(), "standard input"),
        (b"---\ntitle: x\n---\n" + TEXT.encode(), "front.md"),
    ],
)
def test_encodings_and_line_ends(raw: bytes, name: str) -> None:
    """UTF-8 with or without a mark, UTF-16, both line ends, and text without an ending are read alike."""
    assert pairs(raw, name) == FOUND


def test_old_encoding_is_said() -> None:
    """A file in Windows-1252 is read, and the guess is told; a page that names its encoding needs no guess."""
    text = f"1. What\u2019s your caf\u00e9?\n{PAGED}\n"
    document = read_article(text.encode("cp1252"), "a.txt")
    assert find_entries(document.blocks).entries[0].question == "What\u2019s your caf\u00e9?"
    assert document.remarks == ("It is not UTF-8; it was read as Windows-1252. Look at quotes and accents.",)
    page = '<meta charset="windows-1252"><p>1. What\u2019s your caf\u00e9?'
    assert read_article(page.encode("cp1252"), "a.html").remarks == ()


def locked() -> bytes:
    """A PDF with a password."""
    writer = pypdf.PdfWriter(io.BytesIO(pdf([["1. Why?"]])))
    writer.encrypt("secret", algorithm="RC4-128")
    return packed(writer)


def archive(**files: bytes) -> bytes:
    """A zip file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in files.items():
            zipped.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "a is empty."),
        (b" \n\n", "a is empty."),
        (pdf([[""], [""]]), "a has 2 pages and no text: it is probably scanned."),
        (locked(), "a is encrypted."),
        (pdf([["1. Why?"]])[:300], "a is damaged: it cannot be read as a PDF"),
        (b"%PDF-1.4 nothing", "a is damaged: it cannot be read as a PDF"),
        (pdf([["x"]] * 1001), "a has 1,001 pages; at most 1,000 are read."),
        (archive(content__xml=b"x"), "a is a zip file, and not a Word document."),
        (archive(word__document=b"x"), "a is damaged: it cannot be read as a Word document"),
        (b"PK\x03\x04word/", "a is damaged: it cannot be read as a Word document (BadZipFile)."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a is an old Word document (.doc), or one with a password."),
        (b"{\\rtf1 hello}", "a is a rich text file."),
        (b"\x89PNG\r\n\x1a\n", "a is an image."),
        (b"ab\0cd" * 100, "a is a binary file, not an article."),
        (b"1. Why?\n" + bytes(range(1, 32)) * 20, "a is no text that can be read, or a binary file."),
        (b"x" * 5_000_001, "a has 5 MB; an article has at most 20, and 5 million characters of text."),
        (b"x" * 20_000_001, "a has 20 MB; an article has at most 20, and 5 million characters of text."),
    ],
    ids=["empty", "blank", "scanned", "encrypted", "cut", "no-pdf", "pages", "zip", "no-docx", "cut-docx", "doc", "rtf", "png", "zero",
         "controls", "long", "large"],
)  # fmt: skip
def test_refusals(raw: bytes, message: str) -> None:
    """What is no article is refused in a sentence, with a hint what to do."""
    with pytest.raises(InputError) as refusal:
        read_article(raw, "a")
    assert refusal.value.message.startswith(message)
    assert refusal.value.hint


def test_what_unpacks_to_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file that would unpack to a huge one is refused before it is unpacked."""
    monkeypatch.setattr("evaluator.authoring.article.read_docx.MAX_UNPACKED", 2_000_000)
    with pytest.raises(InputError, match=r"a unpacks to 3 MB\.") as refusal:
        read_article(archive(word__document=b"\0" * 3_000_000), "a")
    assert refusal.value.hint == "Save its text as .txt or .md."


def test_refused_files(tmp_path: Path) -> None:
    """A missing file, a folder, an address and a file of 100 MB are refused, the last without being read."""
    large = tmp_path / "large.txt"
    with large.open("wb") as file:
        file.truncate(100_000_000)
    for path, message in (
        (tmp_path / "gone.txt", f"{tmp_path / 'gone.txt'} is not there."),
        (tmp_path, f"{tmp_path} is a folder."),
        (Path("https://example.org/a"), "https:/example.org/a is an address, and nothing is fetched."),
        (large, "large.txt has 100 MB; an article has at most 20, and 5 million characters of text."),
    ):
        with pytest.raises(InputError) as refusal:
            open_article(path)
        assert refusal.value.message == message


@pytest.mark.parametrize(
    "page",
    [
        b"<html>" + b"<div class=ad>" * 5_000 + b"<p>1. Why?",
        b"<html>" + b"<ul><li>What?" * 3_000,
        b"# a\n" + b"> " * 20_000 + b"x",
        b"# a\n|" + b"a|" * 20_000 + b"\n|" + b"-|" * 20_000 + b"\n",
        b"Q: a?\nA: b\n" * 3_000,
        b"1. " + b"what? " * 100_000,
    ],
    ids=["divs", "lists", "quotes", "columns", "labels", "line"],
)
def test_hostile_files(page: bytes) -> None:
    """Deep nesting, thousands of columns and endless lines end in a result and in no traceback."""
    document = read_article(page, "a")
    assert len(find_entries(document.blocks).lines) >= 1


def test_words_broken_at_the_end_of_a_line() -> None:
    """A broken word is mended where it stands unbroken elsewhere; a hyphen that the writer set stays."""
    lines = [
        (1, "Something is lost here, and it is not the long-"),
        (2, "term plan. That is some-"),
        (3, "thing else."),
        (4, ""),
        (5, "x" * 50),
    ]
    assert to_blocks(lines, slack=0.2)[0].text == (
        "Something is lost here, and it is not the long-term plan. That is something else."
    )
