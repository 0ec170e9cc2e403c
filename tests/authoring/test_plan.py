"""Ids, themes, numbers and levels of what is imported, and files that are written all or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluator.authoring.article import Plan, find_entries, plan_import, read_article, write_plan
from evaluator.authoring.article.ids import question_id
from evaluator.authoring.article.language import is_english
from evaluator.authoring.article.themes import guess_themes, known_themes
from evaluator.bank import load_bank
from evaluator.domain import Level, Question
from evaluator.errors import BankError, InputError, UsageError

TEXT = (
    "## Basics\n\n1. How do you run on-call?\n\nOwners are paged.\n\n2. What's your incident drill?\n\n## Bonus\n\n3. Why pay debt: when #1?\n\n"
    "We say \u201cno\u201d \u2014 twice: 'yes' # and {maybe}.\n"
)  # fmt: skip


def plan(root: Path | None, text: str = TEXT, level: Level | None = None) -> Plan:
    """The plan to import a Markdown text."""
    document = read_article(text.encode(), "a.md")
    return plan_import(document, find_entries(document.blocks), root, level)


def snapshot(root: Path) -> dict[str, str]:
    """Every file of a folder with its text."""
    return {str(p.relative_to(root)): p.read_text(encoding="utf-8") for p in sorted(root.rglob("*")) if p.is_file()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("How do you run on-call rotations (at night)?", "on-call-rotations"),
        ("What\u2019s your approach to platform engineering?", "platform"),
        ("Wie f\u00fchren Sie gro\u00dfe Teams?", "wie-fuhren-sie-grosse"),
        ("What would you do?", "what-would-you-do"),
        ("\u4f60\u5982\u4f55\u7ba1\u7406\u56e2\u961f\uff1f", "question-d8564476"),
        ("Which themes?", "themes-2"),
        ("x" * 100, "x" * 32),
    ],
)
def test_ids(text: str, expected: str) -> None:
    """An id is made of the telling words; names of other files of a bank are avoided."""
    assert question_id(text) == expected


def test_ids_are_unique() -> None:
    """Questions with the same telling words get a number each."""
    questions = plan(None, "1. Why debt?\n2. When debt?\n3. Who pays debt?\n").questions
    assert [p.question.id for p in questions] == ["debt", "debt-2", "pays-debt"]


def test_themes() -> None:
    """Themes come from words of the question, then of the answer; without any there is one that says so."""
    known = known_themes({})
    assert guess_themes("How do you run an incident?", "We write a postmortem.", known) == ("incident-response",)
    assert guess_themes("How do you plan?", None, known) == ("general",)
    assert guess_themes("How do you choose a vendor?", None, known_themes({"sailing": "Boats."})) == ("general",)
    assert guess_themes("Are you good at sailing?", None, known_themes({"sailing": "Boats."})) == ("sailing",)


def test_themes_are_those_of_the_shipped_bank() -> None:
    """Words are known for exactly the themes that the shipped bank lists."""
    assert set(known_themes({})) == set(load_bank().themes)


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("I start with the owners of a service and tell them what we expect of them in the first week.", True),
        (
            "Ich beginne mit den Teams, denen ein Dienst geh\u00f6rt, und sage ihnen in der ersten Woche, was wir erwarten.",
            False,
        ),
        ("Je commence par les \u00e9quipes qui portent un service, et je leur dis ce que nous attendons.", False),
        ("On-call rota?", True),
        ("\u4f60\u5982\u4f55\u7ba1\u7406\u56e2\u961f\uff1f", False),
    ],
)
def test_language(text: str, english: bool) -> None:
    """English is told from other languages by its commonest words."""
    assert is_english(text) is english


def test_a_new_bank(tmp_path: Path) -> None:
    """A bank is made with one file for each question, which loads to the same question, and an empty rubrics folder."""
    root = tmp_path / "deep" / "bank"
    made = plan(root)
    assert made.remarks == ("Themes were guessed from words. Look them over.",)
    written = write_plan(made)
    assert [file.relative_to(root).as_posix() for file in written] == [
        "questions/on-call.yaml",
        "questions/incident-drill.yaml",
        "questions/pay-debt.yaml",
    ]
    assert load_bank(root).questions == tuple(p.question for p in made.questions)
    assert snapshot(root)["questions/pay-debt.yaml"] == (
        "id: pay-debt\nnumber: 3\nlevel: bonus\nthemes: [tech-debt]\nquestion: >-\n  Why pay debt: when #1?\n"
        "model_answer: >-\n  We say \u201cno\u201d \u2014 twice: 'yes' # and {maybe}.\n"
    )
    assert (root / "rubrics").is_dir()
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["bank"]


def test_again_changes_nothing(tmp_path: Path) -> None:
    """A second import writes nothing, and what a person edited (level, themes, name) stays."""
    write_plan(plan(tmp_path))
    file = tmp_path / "questions" / "on-call.yaml"
    edited = file.read_text(encoding="utf-8").replace("foundational", "advanced").replace("id: on-call", "id: rota")
    file.unlink()
    (tmp_path / "questions" / "rota.yaml").write_text(edited, encoding="utf-8")
    before = snapshot(tmp_path)
    again = plan(tmp_path, level="bonus")
    assert [p.status for p in again.questions] == ["unchanged"] * 3
    assert write_plan(again) == []
    assert snapshot(tmp_path) == before


def test_differing_words(tmp_path: Path) -> None:
    """Other words are refused without force; with it they are replaced, and number, level and themes stay."""
    write_plan(plan(tmp_path, level="advanced"))
    before = snapshot(tmp_path)
    changed = plan(tmp_path, TEXT.replace("Owners", "Two owners") + "\n4. Who decides?\n")
    assert [p.status for p in changed.questions] == ["differs", "unchanged", "unchanged", "new"]
    with pytest.raises(UsageError, match="has other words for on-call"):
        write_plan(changed)
    assert snapshot(tmp_path) == before
    assert [file.stem for file in write_plan(changed, force=True)] == ["on-call", "decides"]
    assert load_bank(tmp_path).find("on-call") == Question(
        id="on-call",
        number=1,
        level="advanced",
        themes=("incident-response",),
        text="How do you run on-call?",
        model_answer="Two owners are paged.",
        model_answer_source="article",
    )


def test_second_article(tmp_path: Path) -> None:
    """Questions of another article join the bank; where its numbers are taken they follow after the last."""
    write_plan(plan(tmp_path))
    text = "1. Who hires?\n\nMe.\n\n2. Who decides?\n\nUs.\n\n7. Who pays?\n\nThem.\n"
    second = plan(tmp_path, text)
    assert [(p.question.number, p.status) for p in second.questions] == [(8, "new"), (9, "new"), (7, "new")]
    assert second.remarks[:3] == (
        "Numbers that the article skips, or that were not recognised: 3, 4, 5, 6.",
        "No section heading gives a level for 3 questions: intermediate was set (--level sets another).",
        "2 questions got another number: the article's is taken, or stands there twice.",
    )
    write_plan(second)
    before = snapshot(tmp_path)
    assert write_plan(plan(tmp_path, text)) == []
    assert snapshot(tmp_path) == before
    assert [q.number for q in load_bank(tmp_path).questions] == [1, 2, 3, 7, 8, 9]


def test_themes_of_the_bank(tmp_path: Path) -> None:
    """A bank that lists its themes gets only those, and is told when one is missing."""
    write_plan(plan(tmp_path))
    themes = tmp_path / "questions" / "themes.yaml"
    themes.write_text("incident-response: Pages.\ntech-debt: Loans.\ngeneral: The rest.\n")
    assert plan(tmp_path, "1. Who hires?\n").questions[0].question.themes == ("general",)
    assert plan(tmp_path, "1. Who writes a postmortem?\n").questions[0].question.themes == ("incident-response",)
    themes.write_text("incident-response: Pages.\ntech-debt: Loans.\n")
    with pytest.raises(InputError, match=r"themes\.yaml has no theme for: hires\.\nAdd a line there"):
        plan(tmp_path, "1. Who hires?\n")


@pytest.mark.parametrize("fails_at", [0, 1, 2])
def test_all_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int) -> None:
    """A disk that fails on the way leaves the bank as it was, and no other file."""
    root = tmp_path / "bank"
    write_plan(plan(root))
    before = snapshot(tmp_path)
    text = TEXT.replace("Owners", "Two owners") + "\n4. Who decides?\n\n5. Who hires?\n"
    moves = 0
    replace = Path.replace

    def failing(self: Path, target: Path) -> Path:
        nonlocal moves
        moves += 1
        if moves > fails_at:
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(InputError, match="cannot be written: No space left on device"):
        write_plan(plan(root, text), force=True)
    assert snapshot(tmp_path) == before


def test_a_broken_bank_is_named(tmp_path: Path) -> None:
    """A bank with problems is not written to, and its problems are listed with their files."""
    write_plan(plan(tmp_path))
    (tmp_path / "questions" / "on-call.yaml").write_text("id: other\n")
    with pytest.raises(BankError, match=r"questions/on-call\.yaml"):
        plan(tmp_path)


def test_nothing_found(tmp_path: Path) -> None:
    """An article without questions is refused with what a question looks like; nothing is made."""
    with pytest.raises(InputError, match=r"a\.md: no questions found in its 2 paragraphs\.\nQuestions are numbered"):
        plan(tmp_path / "bank", "One.\n\nTwo.\n")
    assert list(tmp_path.iterdir()) == []


def test_other_language_and_long_answers() -> None:
    """What the embedded judge will not serve is said, and an answer that is suspiciously long too."""
    german = "1. Wie f\u00fchren Sie einen Bereitschaftsdienst ein?\nJeder Dienst geh\u00f6rt einem Team, und dieses wird nachts geweckt.\n"
    assert (
        plan(None, german)
        .remarks[-1]
        .startswith("The text does not look English. The embedded judge reads English only")
    )
    long = "1. Why do you do that with the team?\n" + "We say that it is so for all of you. " * 100
    assert plan(None, long).remarks[-1] == (
        "Answers of more than 600 words, perhaps with something else in them: why-do-you-that-with."
    )
