"""A bank: a folder with questions/ and rubrics/, read and checked."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Sequence
from pathlib import Path

from evaluator.bank.convert import to_question, to_rubric, to_scale, to_themes
from evaluator.bank.source import read_source
from evaluator.domain import Question, Rubric, Scale
from evaluator.errors import (
    AmbiguousQuestionError,
    BankError,
    InputError,
    Problem,
    UnknownQuestionError,
)
from evaluator.shipped import shipped_root
from evaluator.wording import some

_SHOWN = 8


class Bank:
    """Questions in order of their number, the scale and the themes; rubrics are read when first asked for.

    Made by `load_bank`.
    """

    def __init__(self, root: Path, questions: tuple[Question, ...], scale: Scale, themes: dict[str, str]) -> None:
        self.root = root
        self.questions = questions
        self.scale = scale
        self.themes = themes
        self._rubrics: dict[str, Rubric] = {}

    def __repr__(self) -> str:
        return f"Bank({str(self.root)!r}, {len(self.questions)} questions)"

    def find(self, name: str) -> Question:
        """The question with this id or number, or with the only id that starts so.

        Raises:
            UnknownQuestionError: None has; the nearest ids are suggested.
            AmbiguousQuestionError: Several ids start so; they are listed.
        """
        fits = fitting(self.questions, name)
        if len(fits) == 1:
            return fits[0]
        if fits:
            named = some([q.id for q in fits], _SHOWN)
            raise AmbiguousQuestionError(f'"{name}" fits {len(fits)} questions: {named}.', "Type a few letters more.")
        raise UnknownQuestionError(f'No question "{name}" in {self.root}.', self._suggestion(name.strip().casefold()))

    def _suggestion(self, wanted: str) -> str:
        ids = [q.id for q in self.questions]
        near = difflib.get_close_matches(wanted, ids, n=3, cutoff=0.5) or [i for i in ids if wanted and wanted in i][:3]
        numbers = [q.number for q in self.questions if q.number is not None]
        if wanted.isdigit() and numbers:
            return f"Numbers run from {min(numbers)} to {max(numbers)}; 'evaluator questions list' shows them."
        listed = "'evaluator questions list' shows them all."
        return f"Did you mean {' or '.join(near)}? {listed}" if near else listed

    def rubric(self, question_id: str) -> Rubric:
        """The rubric of a question.

        Raises:
            BankError: The rubric file has problems; all of them are listed.
            InputError: There is no rubric for that question.
        """
        if question_id not in self._rubrics:
            file = self.root / "rubrics" / f"{question_id}.yaml"
            if not file.exists() and not file.is_symlink():
                raise InputError(
                    f'The question "{question_id}" has no rubric: {file} is not there.',
                    f"Write that file, or let a model draft it: evaluator rubric derive {question_id} "
                    f"--bank {shlex.quote(str(self.root))} --judge PROVIDER/MODEL",
                )
            result = self._read_rubric(file)
            if isinstance(result, list):
                raise BankError(result)
            self._rubrics[question_id] = result
        return self._rubrics[question_id]

    def place(self, question_id: str, path: tuple[str | int, ...]) -> tuple[Path, int]:
        """File and line of a value of a rubric, for remarks on it."""
        file = self.root / "rubrics" / f"{question_id}.yaml"
        source = read_source(file, self.root)
        return file, 0 if isinstance(source, Problem) else source.line(path)

    def _read_rubric(self, file: Path) -> Rubric | list[Problem]:
        source = read_source(file, self.root)
        if isinstance(source, Problem):
            return [source]
        question = next((q for q in self.questions if q.id == file.stem), None)
        return to_rubric(source, question, frozenset(self.themes))

    def load_rubrics(self) -> tuple[Rubric, ...]:
        """Read every rubric of the folder, in question order.

        Raises:
            BankError: The problems of all files at once.
        """
        problems: list[Problem] = []
        for file in _yaml_files(self.root / "rubrics"):
            if file.name == "scale.yaml":
                continue
            result = self._read_rubric(file)
            if isinstance(result, list):
                problems += result
            else:
                self._rubrics[file.stem] = result
        if problems:
            raise BankError(problems)
        return tuple(self._rubrics[q.id] for q in self.questions if q.id in self._rubrics)


def fitting(questions: Sequence[Question], name: str) -> list[Question]:
    """The question with this id or number; else all whose id starts so."""
    wanted = name.strip().casefold()
    for question in questions:
        if wanted in (question.id, str(question.number)):
            return [question]
    return [q for q in questions if wanted and q.id.startswith(wanted)]


def load_bank(root: Path | str | None = None) -> Bank:
    """Read the questions, the scale and the themes of a bank.

    Args:
        root: A folder with `questions/` and `rubrics/`; None for the bank that comes with the package. A bank without
            `rubrics/scale.yaml` uses the shipped scale; without `questions/themes.yaml` it may use any theme.

    Raises:
        InputError: There is no bank at `root`.
        BankError: All problems of its files.
    """
    folder = Path(root) if root is not None else shipped_root()
    if not (folder / "questions").is_dir():
        raise InputError(
            f"{folder} is no bank: it has no folder 'questions'.", "Give a folder with questions/ and rubrics/."
        )
    problems: list[Problem] = []
    themes = _load_themes(folder, problems)
    scale = _load_scale(folder, problems)
    questions = _load_questions(folder, frozenset(themes), problems)
    if not questions and not problems:
        raise InputError(f"{folder / 'questions'} holds no questions.", "A question is a file questions/<id>.yaml.")
    if problems or scale is None:
        raise BankError(problems)
    return Bank(folder, questions, scale, themes)


def _yaml_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.yaml")) if folder.is_dir() else []


def _load_themes(folder: Path, problems: list[Problem]) -> dict[str, str]:
    file = folder / "questions" / "themes.yaml"
    if not file.exists():
        return {}
    source = read_source(file, folder)
    result = [source] if isinstance(source, Problem) else to_themes(source)
    if isinstance(result, list):
        problems += result
        return {}
    return result


def _load_scale(folder: Path, problems: list[Problem]) -> Scale | None:
    file = folder / "rubrics" / "scale.yaml"
    root = folder
    if not file.exists():
        root = shipped_root()
        file = root / "rubrics" / "scale.yaml"
    source = read_source(file, root)
    result = [source] if isinstance(source, Problem) else to_scale(source)
    if isinstance(result, list):
        problems += result
        return None
    return result


def _load_questions(folder: Path, themes: frozenset[str], problems: list[Problem]) -> tuple[Question, ...]:
    questions: list[Question] = []
    numbers: dict[int, str] = {}
    for file in _yaml_files(folder / "questions"):
        if file.name == "themes.yaml":
            continue
        source = read_source(file, folder)
        result = [source] if isinstance(source, Problem) else to_question(source, themes)
        if isinstance(result, list):
            problems += result
            continue
        if result.number in numbers:
            problems.append(
                Problem(file, 1, "number", str(result.number), f"a number that {numbers[result.number]} has not")
            )
        elif result.number is not None:
            numbers[result.number] = result.id
        questions.append(result)
    return tuple(sorted(questions, key=lambda q: (q.number is None, q.number or 0, q.id)))
