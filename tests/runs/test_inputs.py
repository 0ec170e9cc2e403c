# ruff: noqa: RUF001 - text as people write it
from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluator.bank import Bank
from evaluator.errors import InputError, Problem, UsageError
from evaluator.runs.inputs import CheckedRow, InputRow, check_rows, encoding, lines, open_source


def write(folder: Path, content: str | bytes, name: str = "answers.csv") -> Path:
    """A file with this content."""
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def read(file: Path, encoding: str | None = None) -> list[InputRow]:
    """Its rows, all of them good."""
    found = list(open_source(file, encoding).rows())
    assert all(isinstance(row, InputRow) for row in found), found
    return [row for row in found if isinstance(row, InputRow)]


def problems(rows: Iterable[object]) -> list[str]:
    """The problems among rows, without the folder of their file."""
    return [str(row).replace(f"{row.file.parent}/", "") for row in rows if isinstance(row, Problem)]


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=30)


@settings(max_examples=60, deadline=None)
@given(
    table=st.lists(st.tuples(CELL, CELL, CELL), max_size=6),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    ends=st.sampled_from(["\n", "\r\n", "\r"]),
    hint=st.booleans(),
)
def test_csv_comes_back_as_written(
    table: list[tuple[str, str, str]],
    delimiter: str,
    encoding: str,
    ends: str,
    hint: bool,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Whatever delimiter, encoding and line end a table is written with, its cells come back, line ends within too."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=ends, quoting=csv.QUOTE_ALL)
    writer.writerow(["Question", "team", " answer "])
    writer.writerows(table)
    start = f"sep={delimiter}\n" if hint else ""
    file = write(tmp_path_factory.mktemp("csv"), (start + text.getvalue()).encode(encoding))
    expected = [(q.strip(), team, a) for q, team, a in table if (q + team + a).strip()]
    assert [(r.question, r.extra["team"], r.answer) for r in read(file)] == expected


def test_lines_are_counted_over_quoted_line_ends(tmp_path: Path) -> None:
    """A row says on which line it begins, also after answers of several lines."""
    file = write(tmp_path, 'question,answer\n11,"one\ntwo"\n\n,,\n12,"x"\n')
    assert [(r.line, r.answer) for r in read(file)] == [(2, "one\ntwo"), (6, "x")]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "Nous avons mesuré la durée des déploiements, et réduit les délais à l’été – côté équipe."),
        ("mac_roman", "Nous avons mesuré la durée des déploiements, et réduit les délais à l’été – côté équipe."),
        ("cp1250", "Co tydzień mierzyliśmy częstość wdrożeń i omawialiśmy ją z zespołami, źródłem były dane."),
        ("cp1251", "Мы измеряли время развёртывания каждую неделю и обсуждали его с командами."),
    ],
)
def test_code_pages_are_guessed(tmp_path: Path, encoding: str, text: str) -> None:
    """A table that a spreadsheet saved in an old code page is read, and the guess is said."""
    source = open_source(write(tmp_path, f"question;answer\r\n11;{text}\r\n".encode(encoding)))
    assert [row.answer for row in source.rows() if isinstance(row, InputRow)] == [text]
    assert source.guessed == encoding


@pytest.mark.parametrize("encoding", ["cp1252", "cp1251"])
def test_code_pages_are_guessed_where_they_show(tmp_path: Path, encoding: str) -> None:
    """A table whose first letter beyond ASCII comes late is judged by the part that has it."""
    text = "Мы измеряли время каждую неделю." if encoding == "cp1251" else "Nous avons mesuré la durée à l’été."
    rows = "11,We measured lead time every week\n" * 9000
    found = open_source(write(tmp_path, f"question,answer\n{rows}11,{text}\n{rows}".encode(encoding)))
    assert found.guessed == encoding
    assert sum(isinstance(row, InputRow) and row.answer == text for row in found.rows()) == 1


def test_a_letter_at_the_seam_of_two_samples_is_seen(tmp_path: Path) -> None:
    """A table whose only letter beyond ASCII ends the second piece that is read is guessed by that letter."""
    start = "question,answer\n11,"
    text = "x" * (encoding._SAMPLE + encoding._CHUNK - len(start) - 1) + "é"
    found = open_source(write(tmp_path, f"{start}{text}\n11,plain\n".encode("cp1252")))
    assert (found.guessed, [row.answer for row in found.rows() if isinstance(row, InputRow)]) == (
        "cp1252",
        [text, "plain"],
    )


def test_encoding_can_be_named(tmp_path: Path) -> None:
    """A named encoding is taken as it is."""
    file = write(tmp_path, "question,answer\n11,Größe\n".encode("mac_roman"))
    assert read(file, "mac_roman")[0].answer == "Größe"
    with pytest.raises(UsageError, match='There is no encoding "klingon"'):
        open_source(file, "klingon")


def test_extra_columns_are_carried_through(tmp_path: Path) -> None:
    """Columns without a meaning are kept by name, a name that comes twice is numbered, one without a name is left."""
    file = write(tmp_path, "id,question,answer,team,team,\n7,11,x,red,blue,\n")
    assert read(file)[0] == InputRow(file, 2, "11", "x", "7", "", {"team": "red", "team (2)": "blue"})
    file = write(tmp_path, "question,answer,x,x,x (2),x\n11,a,1,2,3,4\n")
    assert read(file)[0].extra == {"x": "1", "x (2)": "2", "x (2) (2)": "3", "x (3)": "4"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ('question,answer,"te"xt\n', "its first row cannot be read"),
        ("name,text\nx,y\n", 'found the columns "name", "text"'),
        ("question,answer,Answer\n", 'found the columns "answer" and "Answer"'),
        (b"PK\x03\x04rest", "is a workbook or another zip file, not text"),
        (bytes(40), "holds zero bytes"),
    ],
)
def test_files_that_are_no_table(tmp_path: Path, content: str | bytes, message: str) -> None:
    """A file that cannot be read as a table is refused as a whole, with what was found."""
    with pytest.raises(InputError, match=message):
        list(open_source(write(tmp_path, content)).rows())


def test_bad_rows_of_a_table(tmp_path: Path) -> None:
    """A row with too many cells is reported with its line, and so is a quote that never ends."""
    file = write(tmp_path, 'question,answer\n11,a,b\n12,fine\n13,"open\n')
    found = list(open_source(file).rows())
    assert problems(found) == [
        'answers.csv:2: found 3 cells; expected 2; quote answers that hold ","',
        "answers.csv:4: found a row that cannot be read (unexpected end of data); expected quotes doubled inside "
        "quoted cells",
    ]


def test_jsonl(tmp_path: Path) -> None:
    """Keys are those of a table; a number may stand for a question, other values are carried through as JSON."""
    file = write(tmp_path, '{"question_id": 11, "text": "x\\r\\ny", "id": "i", "n": [1]}\n\n', "a.jsonl")
    assert read(file) == [InputRow(file, 1, "11", "x\ny", "i", "", {"n": "[1]"})]


def test_bad_lines_of_jsonl(tmp_path: Path) -> None:
    """Every bad line is reported with its number, key and value."""
    deep = "[" * 100_000
    lines = ["{", "[1]", '{"question": "q", "answer": 5}', '{"question": "q", "text": "", "answer": ""}', deep]
    found = problems(open_source(write(tmp_path, "\n".join(lines), "a.jsonl")).rows())
    assert found[1:4] == [
        'a.jsonl:2: found [1]; expected a JSON object with "question" and "answer"',
        "a.jsonl:3: answer: found 5; expected text",
        'a.jsonl:4: answer: found a second key for "answer"; expected one',
    ]
    assert found[0].startswith("a.jsonl:1: found broken JSON (Expecting property name")
    assert found[4] == "a.jsonl:5: found broken JSON (nested too deeply); expected one JSON object a line"


def test_a_bad_byte_spoils_its_line_alone(tmp_path: Path) -> None:
    """A byte that is no UTF-8 is reported with its line, and the lines behind it are read."""
    lines = [f'{{"question": "11", "answer": "caf\u00e9 {n}"}}\n'.encode() for n in range(1, 407)]
    lines[305] = lines[305].replace("\u00e9".encode(), b"\xe9")
    found = list(open_source(write(tmp_path, b"".join(lines), "a.jsonl"), "utf-8").rows())
    assert problems(found) == ["a.jsonl:306: found the byte 0xe9; expected text in utf-8"]
    assert [row.line for row in found if isinstance(row, InputRow)] == [*range(1, 306), *range(307, 407)]


def test_an_endless_line_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that is too long is reported, and reading goes on behind it."""
    monkeypatch.setattr(lines, "_LONGEST", 100)
    text = '{"question": "11", "answer": "x"}\n'
    found = list(open_source(write(tmp_path, f"{text}{'y' * 250}\n{text}", "a.jsonl")).rows())
    assert problems(found) == ["a.jsonl:2: found a line of 100 characters or more; expected one answer a line"]
    assert [row.line for row in found if isinstance(row, InputRow)] == [1, 3]


def test_folder(tmp_path: Path) -> None:
    """Folders are candidates, files are answers; what systems leave behind is passed over, the rest is reported."""
    for name, content in {
        "ada/dora-rollout.md": "one",
        "ada/.DS_Store": "",
        "ben/11.txt": "two\r\n",
        "ben/11.docx": "",
        "notes.md": "",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content.encode())
    found = list(open_source(tmp_path).rows())
    assert [(r.candidate, r.question, r.answer) for r in found if isinstance(r, InputRow)] == [
        ("ada", "dora-rollout", "one"),
        ("ben", "11", "two\n"),
    ]
    assert problems(found) == [
        '11.docx: found the ending ".docx"; expected an answer, named QUESTION.md or QUESTION.txt',
        "notes.md: found a file; expected a folder for each candidate, named after the candidate",
    ]


def test_checks(tmp_path: Path, bank: Bank) -> None:
    """Unknown questions come with the nearest, ids are used once, and every problem names line, column and value."""
    text = "id,question,answer\n1,dora-rolout,x\n2,,x\n3,dora,x\n3,dora,y\n4,11,a\0b\n"
    found = list(check_rows(open_source(write(tmp_path, text.replace("\0", "\x01"))).rows(), bank))
    assert problems(found) == [
        'answers.csv:2: question: found "dora-rolout"; expected a question of the bank with a rubric. Did you mean '
        "dora-rollout or new-language-rollout? 'evaluator questions list' shows them all",
        "answers.csv:3: question: found nothing; expected the id or number of a question",
        'answers.csv:5: id: found "3", which line 4 has too; expected an id of its own',
    ]
    assert [(r.position, r.answer.id, r.answer.question_id) for r in found if isinstance(r, CheckedRow)] == [
        (1, "3", "dora-rollout"),
        (2, "4", "dora-rollout"),
    ]


def test_only_an_ambiguous_question_is_said_to_fit(tmp_path: Path, bank: Bank) -> None:
    """An unknown question gets the same words, whatever it is called; an ambiguous one gets the ids that it fits."""
    found = problems(check_rows(open_source(write(tmp_path, "question,answer\nbenefits,x\nzzz,x\nd,x\n")).rows(), bank))
    unknown = "expected a question of the bank with a rubric. 'evaluator questions list' shows them all"
    assert [line.partition("; ")[2] for line in found[:2]] == [unknown, unknown]
    assert ' a question of the bank with a rubric. "d" fits ' in found[2]


def test_text_that_cannot_be_kept(tmp_path: Path, bank: Bank) -> None:
    """Zero bytes, half surrogate pairs and endless answers are reported."""
    lines = [
        '{"question": "11", "answer": "a\\u0000b"}',
        '{"question": "11", "answer": "x", "candidate": "\\ud800"}',
        '{"question": "11", "answer": "' + "x" * 1_000_001 + '"}',
    ]
    found = check_rows(open_source(write(tmp_path, "\n".join(lines), "a.jsonl")).rows(), bank)
    assert problems(found) == [
        "a.jsonl:1: answer: found a zero byte; expected text",
        "a.jsonl:2: candidate: found half a surrogate pair; expected text in valid Unicode",
        "a.jsonl:3: answer: found 1,000,001 characters; expected at most 1,000,000",
    ]


def test_ids_that_are_made(tmp_path: Path, bank: Bank) -> None:
    """A made id depends on candidate and question, or on question and text, and not on the rows around it."""
    text = "question,answer,candidate\n11,x,Ada\n11,y,Ada\n11,z,\n11,z,\n"
    found = check_rows(open_source(write(tmp_path, text)).rows(), bank)
    assert [row.answer.id for row in found if isinstance(row, CheckedRow)] == [
        "Ada/dora-rollout",
        "Ada/dora-rollout/2",
        "dora-rollout/594e519ae499",
        "dora-rollout/594e519ae499/2",
    ]
