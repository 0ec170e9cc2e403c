"""Loading a bank: what is right is read, and everything wrong is named with file, line and field."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from evaluator.bank import Bank, load_bank
from evaluator.errors import AmbiguousQuestionError, BankError, InputError, UnknownQuestionError

QUESTION = """\
id: on-call
number: 7
level: foundational
themes: [ops]
question: How do you run on-call?
model_answer: >-
  Every service has an owner
  who is paged.
"""
RUBRIC = """\
question: on-call
version: 1
criteria:
  - id: owner-paged
    statement: The answer says that the owner is paged.
    weight: 4
    themes: [ops]
    points:
      - The answer says that the owner is paged.
    source: Every service has an owner who is paged.
    advice: Say who is woken up.
    examples:
      accept: [Whoever built it gets the call.]
      reject: [We care about on-call.]
red_flags:
  - id: heroes
    statement: The answer praises night work.
    penalty: 15
    advice: Praise sleep.
"""

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Writes a bank of one question; each text can be replaced."""

    def write(question: str | bytes = QUESTION, rubric: str | bytes = RUBRIC, **more: str) -> Path:
        for folder in ("questions", "rubrics"):
            (tmp_path / folder).mkdir(exist_ok=True)
        for name, text in {"questions/on-call.yaml": question, "rubrics/on-call.yaml": rubric}.items():
            (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        for name, text in more.items():
            (tmp_path / name.replace("__", "/")).with_suffix(".yaml").write_text(text)
        return tmp_path

    return write


def problems(root: Path) -> list[str]:
    """All problems of a bank, each without the folder it lies in."""
    try:
        load_bank(root).load_rubrics()
    except BankError as error:
        return [str(problem).replace(f"{root}/", "") for problem in error.problems]
    return []


def test_shipped_bank(bank: Bank) -> None:
    """The shipped bank loads whole, in order of number, each rubric with the question's id."""
    rubrics = bank.load_rubrics()
    assert [q.number for q in bank.questions] == list(range(1, len(bank.questions) + 1))
    assert [r.question for r in rubrics] == [q.id for q in bank.questions]
    assert bank.scale.bands[-1].lower == 0


def test_small_bank(make: Make) -> None:
    """Folded text is joined with single spaces; a bank without scale and themes is fine."""
    bank = load_bank(make())
    assert bank.questions[0].model_answer == "Every service has an owner who is paged."
    assert bank.questions[0].model_answer_source == "article"
    assert bank.rubric("on-call").criteria[0].examples.accept == ("Whoever built it gets the call.",)
    assert bank.scale == load_bank().scale


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("weight: 4", "weight: 9", "rubrics/on-call.yaml:6: criteria[0].weight: found 9; expected less than or equal to 5"),
        ("weight: 4", "weight: heavy", 'rubrics/on-call.yaml:6: criteria[0].weight: found "heavy"; expected a whole number'),
        ("weight: 4", "wait: 4", "rubrics/on-call.yaml:4: criteria[0].weight: found nothing; expected this field"),
        ("penalty: 15", "penalty: 0", "rubrics/on-call.yaml:18: red_flags[0].penalty: found 0; expected greater than or equal to 1"),
        ("id: owner-paged", "id: Owner paged", 'rubrics/on-call.yaml:4: criteria[0].id: found "Owner paged"; '
         "expected lower-case letters, digits and single hyphens, as in 'slo-error-budgets'"),
        ("id: heroes", "id: owner-paged", 'rubrics/on-call.yaml:16: red_flags[0].id: found "owner-paged"; '
         "expected an id that no other entry of this rubric has"),
        ("has an owner who", "has a master who", 'rubrics/on-call.yaml:10: criteria[0].source: found "Every service has a master '
         'who is paged."; expected a verbatim span of on-call\'s model answer'),
        ("reject: [We care", "reject: [no, We care", "rubrics/on-call.yaml:14: criteria[0].examples.reject[0]: found the truth value "
         "false; expected text (put it in quotes)"),
        ("question: on-call", "question: off-call", 'rubrics/on-call.yaml:1: question: found "off-call"; expected the name of the '
         'file, "on-call"'),
        ("version: 1", "version: 1\nversion: 2", 'rubrics/on-call.yaml:3: version: found the key "version" a second time; '
         "expected each key once"),
        ("version: 1", "version: &v 1\nstatus: *v", "rubrics/on-call.yaml:2: status: found an alias (*name); expected the value itself"),
        ("[Whoever built it gets the call.]", "[One., One.]", 'rubrics/on-call.yaml:12: criteria[0].examples: found "One."; expected each '
         "text once"),
    ],
    ids=["range", "type", "missing", "penalty", "id", "twice", "source", "truth", "question", "key-twice", "alias", "example-twice"],
)  # fmt: skip
def test_wrong_value(make: Make, old: str, new: str, expected: str) -> None:
    """A wrong value is named with file, line, field, what was found and what was expected."""
    assert old in RUBRIC
    assert expected in problems(make(rubric=RUBRIC.replace(old, new, 1)))


def test_unknown_key_names_the_known_ones(make: Make) -> None:
    """A key that nobody knows is an error that lists the keys there are."""
    found = problems(make(rubric=RUBRIC.replace("    advice: Say", "    advise: x\n    advice: Say")))
    assert found == [
        "rubrics/on-call.yaml:11: criteria[0].advise: found an unknown key; expected one of: advice, examples, id, points, source, "
        "statement, themes, weight"
    ]


def test_all_problems_at_once(make: Make) -> None:
    """Every problem of every rubric is reported in one go, in order."""
    root = make(
        rubric=RUBRIC.replace("weight: 4", "weight: 0").replace("penalty: 15", "penalty: 500"), rubrics__other=RUBRIC
    )
    assert [line.split(": ")[0] + " " + line.split(": ")[1] for line in problems(root)] == [
        "rubrics/on-call.yaml:6 criteria[0].weight",
        "rubrics/on-call.yaml:18 red_flags[0].penalty",
        "rubrics/other.yaml:1 question",
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "rubrics/on-call.yaml: found an empty file; expected a YAML mapping"),
        (b"# nothing\n", "rubrics/on-call.yaml: found an empty file; expected a YAML mapping"),
        (b"- a\n", "rubrics/on-call.yaml:1: found ['a']; expected a YAML mapping (lines of the form 'key: value')"),
        (
            b"\xef\xbb\xbfquestion: on-call\n",
            "rubrics/on-call.yaml:1: found a byte order mark; expected UTF-8 without a byte order mark",
        ),
        (
            b"version: 1\nadvice: caf\xe9\n",
            "rubrics/on-call.yaml:2: found the byte 0xe9, which is not UTF-8; expected a file saved as UTF-8",
        ),
        ("question: on-call\n".encode("utf-16"), "found the byte 0xff, which is not UTF-8"),
        (b"a: [1, 2\nb: 3\n", "rubrics/on-call.yaml:2: found broken YAML"),
        (b"a: " + b"[" * 500_000, "found values nested too deeply"),
        (b"x" * 2_000_001, "rubrics/on-call.yaml: found 2,000,001 bytes; expected at most 2,000,000 bytes"),
        (b"a: \x07\n", "found broken YAML"),
        (b"? [a]\n: 1\n", "found a key that is no text; expected a plain key"),
        (
            b"criteria: []\nversion: 1\nquestion: on-call\n",
            "rubrics/on-call.yaml:1: criteria: found []; expected at least one entry",
        ),
        (b"a: 2026-99-99\n", "found a value that cannot be read"),
        (b"a: 1\nlevel: !!bool maybe\n", "on-call.yaml:2: level: found a value that cannot be read (no bool)"),
        (b"level: !!timestamp foo\n", "on-call.yaml:1: level: found a value that cannot be read (no timestamp)"),
        (b"level: !!int ''\n", "on-call.yaml:1: level: found a value that cannot be read (no int)"),
        (b"level: !!float x\n", "level: found a value that cannot be read (could not convert string to float: 'x')"),
    ],
    ids=[
        "empty",
        "comment",
        "list",
        "bom",
        "latin-1",
        "utf-16",
        "broken",
        "deep",
        "large",
        "control",
        "key",
        "no entry",
        "date",
        "bool",
        "timestamp",
        "int",
        "float",
    ],
)
def test_unusable_file(make: Make, content: bytes, expected: str) -> None:
    """A file that is no bank file is one clear problem and no traceback."""
    found = problems(make(rubric=content))
    assert len(found) == 1
    assert expected in found[0]


def test_fifty_megabytes(make: Make) -> None:
    """A file of 50 MB is refused by its size, without being read."""
    root = make()
    with (root / "questions" / "on-call.yaml").open("r+b") as file:
        file.truncate(50_000_000)
    assert problems(root) == ["questions/on-call.yaml: found 50,000,000 bytes; expected at most 2,000,000 bytes"]


def test_link_out_of_the_bank(make: Make, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A link that leads out of the folder is not followed; one inside it is."""
    outside = tmp_path_factory.mktemp("outside") / "secret.yaml"
    outside.write_text(RUBRIC)
    root = make()
    (root / "rubrics" / "on-call.yaml").unlink()
    (root / "rubrics" / "on-call.yaml").symlink_to(outside)
    assert problems(root) == [
        f"rubrics/on-call.yaml: found a link that leads out of the bank; expected a file inside {root}"
    ]
    (root / "rubrics" / "on-call.yaml").unlink()
    (root / "rubrics" / "kept.txt").write_text(RUBRIC)
    (root / "rubrics" / "on-call.yaml").symlink_to(root / "rubrics" / "kept.txt")
    assert problems(root) == []


def test_dangling_link(make: Make) -> None:
    """A link to nowhere is unreadable, and says so."""
    root = make()
    (root / "questions" / "gone.yaml").symlink_to(root / "nowhere")
    assert problems(root)[0].startswith("questions/gone.yaml: found unreadable (No such file")


def test_themes_must_be_known(make: Make) -> None:
    """Where a bank lists its themes, only these may be used."""
    root = make(questions__themes="slo: Service levels.\n")
    assert problems(root) == [
        'questions/on-call.yaml:4: themes[0]: found "ops"; expected a theme of questions/themes.yaml'
    ]


def test_number_twice(make: Make) -> None:
    """Two questions cannot have one number."""
    root = make(questions__other=QUESTION.replace("id: on-call", "id: other"))
    assert problems(root) == ["questions/other.yaml:1: number: found 7; expected a number that on-call has not"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("lower: 0", "lower: 10", "rubrics/scale.yaml:3: bands[1].lower: found 10.0; expected 0 for the last band"),
        (
            "lower: 50",
            "lower: 0",
            "rubrics/scale.yaml:1: bands: found [0.0, 0.0]; expected lower bounds in descending order",
        ),
        (
            "cap: low",
            "cap: middling",
            'rubrics/scale.yaml:4: red_flag.cap: found "middling"; expected one of: high, low',
        ),
    ],
    ids=["bottom", "order", "cap"],
)
def test_scale_is_checked(make: Make, old: str, new: str, expected: str) -> None:
    """Bands descend to 0 and the cap is one of them."""
    scale = (
        "bands:\n  - {name: high, lower: 50, meaning: Good.}\n  - {name: low, lower: 0, meaning: Poor.}\n"
        "red_flag: {cap: low}\nmax_unassessed: 0.5\n"
    )
    assert problems(make(rubrics__scale=scale)) == []
    assert expected in problems(make(rubrics__scale=scale.replace(old, new)))


def test_no_bank(tmp_path: Path) -> None:
    """A folder without questions is no bank, and the message says what one is."""
    with pytest.raises(InputError, match="is no bank: it has no folder 'questions'"):
        load_bank(tmp_path)
    (tmp_path / "questions").mkdir()
    with pytest.raises(InputError, match="holds no questions"):
        load_bank(tmp_path)


def test_question_without_rubric(make: Make) -> None:
    """A question without a rubric says which file is missing."""
    root = make()
    (root / "rubrics" / "on-call.yaml").unlink()
    with pytest.raises(InputError, match=r'"on-call" has no rubric: .*rubrics/on-call\.yaml is not there'):
        load_bank(root).rubric("on-call")


@pytest.mark.parametrize("name", ["dora-rollout", "11", "dora", " DORA-Rollout "])
def test_find(bank: Bank, name: str) -> None:
    """A question is found by id, number, unique prefix, in any case."""
    assert bank.find(name).id == "dora-rollout"


def test_ambiguous_prefix(bank: Bank) -> None:
    """A prefix of several ids lists them."""
    with pytest.raises(AmbiguousQuestionError, match=r'"s" fits .* questions: .*sev1-incident'):
        bank.find("s")


def test_unknown_question(bank: Bank) -> None:
    """A miss suggests the nearest id, or for a number the range."""
    with pytest.raises(UnknownQuestionError) as miss:
        bank.find("dora-rolout")
    assert (
        miss.value.hint
        == "Did you mean dora-rollout or new-language-rollout? 'evaluator questions list' shows them all."
    )
    with pytest.raises(UnknownQuestionError) as number:
        bank.find("990")
    assert number.value.hint.startswith("Numbers run from 1 to")
    with pytest.raises(UnknownQuestionError) as nothing:
        bank.find("")
    assert nothing.value.hint == "'evaluator questions list' shows them all."
