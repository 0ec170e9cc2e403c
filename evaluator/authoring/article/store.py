"""Write a plan: all of its files, or none."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from evaluator.authoring.article.plan import Plan
from evaluator.bank import load_bank
from evaluator.bank.write import question_yaml
from evaluator.domain import Question
from evaluator.errors import InputError, UsageError
from evaluator.wording import some

_NAMED = 5


def write_plan(plan: Plan, *, force: bool = False) -> list[Path]:
    """Write the questions that are new; with `force` also those whose words differ from the bank's.

    The files are first written to a temporary folder on the same disk, read back and checked as the bank they will be.

    Returns:
        The files written, in the order of the article; none where the bank has everything already.

    Raises:
        UsageError: Questions differ and `force` is not given.
        InputError: A file cannot be written. Nothing was changed then.
    """
    if plan.root is None:
        raise UsageError("An import needs a folder to write to.", "Name it with -o.")
    differing = plan.with_status("differs")
    if differing and not force:
        raise UsageError(
            _refusal(differing, plan.root), "--force replaces their question and model answer; nothing was written."
        )
    written = plan.with_status("new", "differs")
    if not written:
        return []
    try:
        _write(plan.root, written)
    except OSError as error:
        raise InputError(
            f"{plan.root} cannot be written: {error.strerror or error}.", "Nothing was changed there."
        ) from error
    return [plan.root / "questions" / f"{question.id}.yaml" for question in written]


def _refusal(differing: Sequence[Question], root: Path) -> str:
    return f"{root} has other words for {some([question.id for question in differing], _NAMED)}."


def _write(root: Path, questions: Sequence[Question]) -> None:
    root.parent.mkdir(parents=True, exist_ok=True)
    beside = root if root.is_dir() else root.parent
    with tempfile.TemporaryDirectory(prefix=".import-", dir=beside) as folder:
        staged = Path(folder)
        _stage(root, staged, questions)
        target = root / "questions"
        if target.exists():
            _replace(staged, target, [f"{question.id}.yaml" for question in questions])
        else:
            root.mkdir(exist_ok=True)
            (staged / "questions").rename(target)
        (root / "rubrics").mkdir(exist_ok=True)


def _stage(root: Path, staged: Path, questions: Sequence[Question]) -> None:
    """Lay out the bank as it will be, and read it back."""
    (staged / "questions").mkdir()
    (staged / "rubrics").mkdir()
    for name in ("questions", "rubrics"):
        for file in (root / name).glob("*.yaml"):
            if name == "questions" or file.name == "scale.yaml":
                shutil.copyfile(file, staged / name / file.name)
    for question in questions:
        (staged / "questions" / f"{question.id}.yaml").write_text(
            question_yaml(question), encoding="utf-8", newline="\n"
        )
    try:
        read = {question.id: question for question in load_bank(staged).questions}
    except InputError as error:
        raise InputError(str(error).replace(str(staged), str(root))) from error
    for question in questions:
        if read[question.id] != question:
            raise InputError(f'The question "{question.id}" does not survive being written and read back.')


def _replace(staged: Path, target: Path, names: Sequence[str]) -> None:
    """Move files into a folder that others already lie in; on any failure the folder is as it was."""
    old = staged / "old"
    old.mkdir()
    done: list[str] = []
    try:
        for name in names:
            if (target / name).exists():
                shutil.copy2(target / name, old / name)
            done.append(name)
            (staged / "questions" / name).replace(target / name)
    except BaseException:
        for name in done:
            if (old / name).exists():
                shutil.copy2(old / name, target / name)
            elif not (staged / "questions" / name).exists():
                (target / name).unlink(missing_ok=True)
        raise
