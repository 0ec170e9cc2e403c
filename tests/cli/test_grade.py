"""`evaluator grade`, as a user meets it."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import docx
import jsonschema
import pytest

from evaluator import grade
from evaluator.bank import Bank
from evaluator.cli.answers import read_answer
from evaluator.reports import evaluation_schema
from tests.authoring.test_files import pdf

ROOT = Path(__file__).resolve().parent.parent.parent
SAMPLE = ROOT / "docs" / "examples" / "dora-answer.md"
TEXT = SAMPLE.read_text(encoding="utf-8")


def graded(command: Any, *arguments: str, stdin: str | bytes = "") -> dict[str, Any]:
    """The JSON of a graded answer."""
    done = command("grade", *arguments, "--format", "json", stdin=stdin)
    assert (done.status, done.err) == (0, "")
    data = json.loads(done.out)
    jsonschema.validate(data, evaluation_schema())
    return dict(data)


def test_json_offsets_hold(command: Any) -> None:
    """Every quote of the JSON stands in the answer at its offsets."""
    data = graded(command, "dora-rollout", str(SAMPLE))
    evidence = [e for c in data["criteria"] for e in c["evidence"]]
    assert evidence
    assert [TEXT[e["start"] : e["end"]] for e in evidence] == [e["quote"] for e in evidence]
    assert (data["question_id"], data["answer_id"], data["provenance"]["judge"]) == (
        "dora-rollout",
        "dora-answer",
        "embedded",
    )


def test_two_runs_agree(command: Any) -> None:
    """The same answer gives the same JSON, seconds aside, from a file, a pipe and Python."""
    runs = [
        graded(command, "11", str(SAMPLE)),
        graded(command, "dora", "-", stdin=TEXT),
        graded(command, "dora", stdin=TEXT),
    ]
    runs.append(json.loads(grade(11, TEXT).model_dump_json(by_alias=True)))
    for data in runs:
        assert data["provenance"]["usage"].pop("seconds") >= 0
        del data["answer_id"]
    assert runs[1:] == [runs[0]] * 3


def test_text_output(command: Any) -> None:
    """The text shows score, next steps, each criterion and the judge, within 80 columns."""
    done = command("grade", "11", str(SAMPLE))
    assert done.status == 0
    for part in (
        "11. dora-rollout\n",
        " / 100  ",
        "\nAdd first\n",
        "\nCriterion by criterion\n",
        "\nJudged by embedded",
    ):
        assert part in done.out
    assert max(map(len, done.out.splitlines())) <= 80
    assert "\x1b" not in done.out


def test_output_file(command: Any, tmp_path: Path) -> None:
    """-o writes the result to a file and only a note to standard error."""
    target = tmp_path / "feedback.md"
    done = command("grade", "11", str(SAMPLE), "--format", "markdown", "-o", str(target))
    assert (done.status, done.out, done.err) == (0, "", f"Written to {target}.\n")
    assert target.read_text(encoding="utf-8").startswith("# 11. dora-rollout\n")
    assert [p.name for p in tmp_path.iterdir()] == ["feedback.md"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "empty"), (" \n\t ", "empty"), ("SLOs.", "too_short"), ("\U0001f600 \U0001f680 \U0001f44d", "no_prose")],
)
def test_ungraded(command: Any, text: str, reason: str) -> None:
    """An answer that cannot be judged ends with status 1, a reason, and no score."""
    done = command("grade", "11", "--format", "json", stdin=text)
    data = json.loads(done.out)
    assert (done.status, data["status"], data["reason"]) == (1, "ungraded", reason)
    assert "score" not in data
    words = {"no_prose": "no sentences", "too_short": "too short"}.get(reason, reason)
    assert done.err.startswith(f"Not graded ({words}): ")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04....", "is a zip file, and not a Word document.\nSave the answer as plain text"),
        (b"{\\rtf1 text}", "is a rich text file, not text.\nSave the answer as plain text"),
        (bytes(range(1, 256)) * 9, "is in no encoding that is known."),
        (b"a\x00b", "is not text: it holds zero bytes."),
        (b"x" * 5_000_001, "has more than 5 MB."),
    ],
    ids=["zip", "rtf", "binary", "zero", "large"],
)
def test_file_that_is_no_answer(command: Any, tmp_path: Path, content: bytes, message: str) -> None:
    """A file that is no text is refused with what it is and what to do."""
    file = tmp_path / "answer"
    file.write_bytes(content)
    done = command("grade", "11", str(file))
    assert (done.status, done.out) == (2, "")
    assert f"evaluator: {file} {message}" in done.err


def test_a_damaged_pdf_is_refused(command: Any, tmp_path: Path) -> None:
    """What begins as a PDF and cannot be read as one is said to be damaged."""
    file = tmp_path / "answer.pdf"
    file.write_bytes(b"%PDF-1.7 ...")
    done = command("grade", "11", str(file))
    assert (done.status, done.out) == (2, "")
    assert "is damaged: it cannot be read as a PDF" in done.err


def word_document(*paragraphs: str) -> bytes:
    """A Word document whose last paragraph is an item of a list."""
    document, buffer = docx.Document(), io.BytesIO()
    for text in paragraphs[:-1]:
        document.add_paragraph(text)
    document.add_paragraph(paragraphs[-1], style="List Bullet")
    document.save(buffer)
    return buffer.getvalue()


CURLY = "We don\u2019t guess: \u201cown it\u201d is what we say to each team."


@pytest.mark.parametrize(
    ("content", "text", "said"),
    [
        (word_document(CURLY, "We measure."), f"{CURLY}\n\n- We measure.", "is a Word document; its text was read: 15"),
        (pdf([["We measure lead time."]]), "We measure lead time.", "is a PDF; its text was read: 4 words."),
        (CURLY.encode("cp1252"), CURLY, "is not UTF-8; it was read as cp1252. Look at its quotes and accents."),
    ],
    ids=["docx", "pdf", "cp1252"],
)
def test_what_word_processors_save_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, text: str, said: str
) -> None:
    """Word documents, PDF and old code pages are read, and it is said what was read as what."""
    file = tmp_path / "answer"
    file.write_bytes(content)
    assert read_answer(str(file), "on-call").text == text
    assert f"{file} {said}" in capsys.readouterr().err


def test_byte_order_mark_and_line_ends(command: Any, tmp_path: Path) -> None:
    """What Windows editors add to a text changes nothing."""
    file = tmp_path / "dora-answer.md"
    file.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    marked, plain = graded(command, "11", str(file)), graded(command, "11", str(SAMPLE))
    assert marked["criteria"] == plain["criteria"]
    assert marked["provenance"]["fingerprint"] == plain["provenance"]["fingerprint"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["dora-rolout"], 'No question "dora-rolout" in '),
        (["11", "missing.md"], "missing.md is not there.\nGive a text file, or - to read standard input."),
        (["11", "."], ". is a folder.\nGive one text file."),
        (["11", "--bank", "no-such"], "no-such is no bank: it has no folder 'questions'."),
        (["11", "--judge", "nonsense"], '"nonsense" names no judge.'),
        (
            ["11", "--base-url", "http://127.0.0.1:1/v1"],
            "--base-url http://127.0.0.1:1/v1 names a server, but no model.",
        ),
    ],
    ids=["question", "file", "folder", "bank", "judge", "server"],
)
def test_wrong_usage(command: Any, arguments: list[str], message: str) -> None:
    """Wrong usage ends with status 2 and a message of one or two lines that says what to do."""
    done = command("grade", *arguments, stdin=TEXT)
    assert (done.status, done.out) == (2, "")
    assert message in done.err
    assert done.err.startswith("evaluator: ")
    assert done.err.count("\n") <= 2


def test_no_key(command: Any) -> None:
    """An LLM judge without its key says which variable to set."""
    done = command("grade", "11", "--judge", "openai/gpt-5-mini", stdin=TEXT)
    assert (done.status, done.out) == (2, "")
    assert "OPENAI_API_KEY" in done.err


def test_dry_run(command: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dry run prints the messages, tokens and cost, and sends nothing."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-marker")
    done = command("grade", "11", "--judge", "openai/gpt-5-mini", "--dry-run", stdin=TEXT)
    assert done.status == 0
    assert "==== request 1 of 1: system ====\n" in done.out
    assert TEXT.strip() in done.out
    assert "\n1 request, about " in done.out
    assert "Cost: $0." in done.out
    assert done.out.endswith("Nothing was sent.\n")
    assert "sk-marker" not in done.out + done.err


def test_dry_run_of_a_mistyped_model(command: Any) -> None:
    """The model that was probably meant is named beside the cost that is not known."""
    done = command("grade", "11", "--judge", "openai/gpt-5-minni", "--dry-run", stdin=TEXT)
    assert "Cost: unknown (no price for this model; did you mean gpt-5-mini?).\n" in done.out


def test_dry_run_of_the_embedded_judge(command: Any) -> None:
    """The embedded judge has nothing to send."""
    done = command("grade", "11", "--dry-run", stdin=TEXT)
    assert (done.status, done.out) == (
        0,
        "The embedded judge runs on this machine: it sends nothing and costs nothing.\n",
    )


def test_environment_and_config_file(command: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An option beats the environment, which beats the config file."""
    config = tmp_path / "config.toml"
    config.write_text('judge = "from-file"\n')
    monkeypatch.setenv("EVALUATOR_CONFIG", str(config))
    assert '"from-file" names no judge' in command("grade", "11", stdin=TEXT).err
    monkeypatch.setenv("EVALUATOR_JUDGE", "from-environment")
    assert '"from-environment" names no judge' in command("grade", "11", stdin=TEXT).err
    assert command("grade", "11", "--judge", "embedded", stdin=TEXT).status == 0


def test_broken_config_file(command: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A config file with an unknown key or broken TOML is named."""
    config = tmp_path / "config.toml"
    monkeypatch.setenv("EVALUATOR_CONFIG", str(config))
    for text, message in (("jugde = 'x'\n", 'The setting "jugde"'), ("judge = \n", f"{config} cannot be read")):
        config.write_text(text)
        done = command("grade", "11", stdin=TEXT)
        assert done.status == 2
        assert message in done.err
    config.write_text("jugde = 'x'\n")
    said = f"an option (--judge), else a variable (EVALUATOR_JUDGE), else a key of {config}."
    assert command("grade", "11", stdin=TEXT).err.endswith(said + "\n")


def test_a_named_config_file_must_be_there(command: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A config file that EVALUATOR_CONFIG names and that is not there is not passed over."""
    for place in (tmp_path / "typo.toml", tmp_path):
        monkeypatch.setenv("EVALUATOR_CONFIG", str(place))
        done = command("grade", "11", stdin=TEXT)
        assert (done.status, done.out) == (2, "")
        assert f"EVALUATOR_CONFIG names {place}, which is no file." in done.err


def test_home_in_settings(command: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """~ is the home folder in a bank of a config file or the environment, and in the name of the config file."""
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(tmp_path))
    (tmp_path / "config.toml").write_text('bank = "~/mine"\n')
    monkeypatch.setenv("EVALUATOR_CONFIG", "~/config.toml")
    assert command("questions", "list").err.startswith(f"evaluator: {tmp_path / 'mine'} is no bank")
    monkeypatch.setenv("EVALUATOR_BANK", "~/other")
    assert command("questions", "list").err.startswith(f"evaluator: {tmp_path / 'other'} is no bank")


def test_bank_of_ones_own(command: Any, tmp_path: Path, bank: Bank) -> None:
    """A bank in another folder works, also where a criterion has no examples."""
    for folder in ("questions", "rubrics"):
        (tmp_path / folder).mkdir()
    (tmp_path / "questions" / "lunch.yaml").write_text(
        "id: lunch\nlevel: bonus\nthemes: [food]\nquestion: How do you run lunch?\n"
    )
    (tmp_path / "rubrics" / "lunch.yaml").write_text(
        "question: lunch\nversion: 1\ncriteria:\n- id: soup\n  statement: The answer says that soup is served every day.\n"
        "  weight: 3\n  points: [The answer says that soup is served every day.]\n  advice: Say when there is soup.\n"
    )
    data = graded(
        command, "lunch", "--bank", str(tmp_path), stdin="We always have soup. It is served every day at noon."
    )
    assert data["criteria"][0]["flags"] == ["no_examples", "few_sentences"]
    assert bank.find("11").id == "dora-rollout"


def test_debug_shows_the_traceback(command: Any) -> None:
    """With --debug an error keeps its traceback."""
    with pytest.raises(Exception, match="No question"):
        command("grade", "nonsense", "--debug", stdin=TEXT)


def test_schema(command: Any) -> None:
    """The exported schema is the one that evaluations satisfy."""
    done = command("schema")
    assert json.loads(done.out) == evaluation_schema()


@pytest.mark.parametrize("variable", ["EVALUATOR_JUDGE", "EVALUATOR_BASE_URL", "EVALUATOR_BANK"])
def test_the_help_names_the_variables(command: Any, variable: str) -> None:
    """The environment variables stand in the help; brackets are not taken for markup."""
    assert variable in command("grade", "--help").out


def test_a_question_without_a_rubric_says_what_to_do(command: Any, tmp_path: Path) -> None:
    """For a question that was imported, the command that drafts its rubric is named whole."""
    (tmp_path / "my bank" / "questions").mkdir(parents=True)
    text = "id: lunch\nlevel: bonus\nthemes: [food]\nquestion: How do you run lunch?\n"
    (tmp_path / "my bank" / "questions" / "lunch.yaml").write_text(text)
    done = command("grade", "lunch", "--bank", str(tmp_path / "my bank"), stdin=TEXT)
    todo = f"evaluator rubric derive lunch --bank '{tmp_path}/my bank' --judge PROVIDER/MODEL\n"
    assert (done.status, done.err.endswith(todo)) == (2, True)
