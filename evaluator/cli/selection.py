"""`--question` and `--candidate` of commands that read a run."""

from __future__ import annotations

import difflib

from evaluator.bank import fitting
from evaluator.errors import InputError
from evaluator.reports.view import one_line
from evaluator.runs.store import RunStore
from evaluator.wording import either


def question_in(store: RunStore, name: str | None, candidate: str | None) -> str | None:
    """The id of the question of a run that is meant by its id, number or a unique prefix; None where none is named.

    Raises:
        InputError: The run has no such question, or several, or no evaluated answer of that candidate.
    """
    found = None if name is None else _question(store, name)
    if candidate is not None and not any(True for _ in store.iterate(question=found, candidate=candidate)):
        asked = "" if found is None else f' to "{found}"'
        raise InputError(
            f'The run {store.path} has no judged answers of "{candidate}"{asked}.', _near(store, candidate)
        )
    return found


def _near(store: RunStore, candidate: str) -> str:
    names = {spent.name.casefold(): spent.name for spent in store.spent("candidate") if spent.name}
    near = difflib.get_close_matches(candidate.strip().casefold(), names, n=3, cutoff=0.5)
    meant = [names[name] for name in near if names[name] != candidate]
    said = "Names are compared letter by letter."
    return f"Did you mean {either([one_line(name) for name in meant])}? {said}" if meant else said


def _question(store: RunStore, name: str) -> str:
    questions = store.questions()
    fits = [question.id for question in fitting(tuple(questions.values()), name)]
    if len(fits) == 1:
        return fits[0]
    if fits:
        raise InputError(f'"{name}" fits several questions of the run {store.path}.', f"They are {', '.join(fits)}.")
    has = f"It has {', '.join(questions)}." if questions else "'evaluator batch' fills it."
    raise InputError(f'The run {store.path} has no answers to "{name}".', has)
