"""What is refused of criteria and red flags beside each other: the lints of the bank, and entries that say the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rapidfuzz import fuzz

from evaluator.authoring.derive.draft import Draft, Entry, Refusal
from evaluator.bank import Lint, lint_rubric
from evaluator.domain import Rubric

SAME = 92.0
"""Token sort ratio (0 to 100, rapidfuzz) from which two statements are one."""

Overlaps = Callable[[Rubric], list[Lint]]
"""Finds statements that ask for the same, by their meaning."""


def inspect(draft: Draft, overlaps: Overlaps) -> tuple[Refusal, ...]:
    """Set `wording` of every entry anew; what concerns the whole rubric is returned."""
    found: dict[int, list[Refusal]] = {id(entry): [] for entry in draft.entries}
    whole: list[Refusal] = []
    rubric = draft.rubric()
    for lint in [*lint_rubric(rubric), *overlaps(rubric)] if rubric.criteria else []:
        refusal = Refusal(lint.name, lint.message)
        match lint.path:
            case ("criteria", int(index), *_):
                found[id(draft.criteria[index])].append(refusal)
            case ("red_flags", int(index), *_):
                found[id(draft.red_flags[index])].append(refusal)
            case ("criteria",):
                for entry in draft.criteria:
                    found[id(entry)].append(refusal)
            case _:
                whole.append(refusal)
    for entry, refusal in _said_twice(draft.entries):
        found[id(entry)].append(refusal)
    for entry in draft.entries:
        entry.wording = tuple(dict.fromkeys(found[id(entry)]))
    return tuple(whole)


def _said_twice(entries: Sequence[Entry]) -> list[tuple[Entry, Refusal]]:
    found = []
    for index, entry in enumerate(entries):
        for other in entries[:index]:
            same_id = entry.item.id == other.item.id
            ratio = fuzz.token_sort_ratio(entry.item.statement.casefold(), other.item.statement.casefold())
            if ratio >= SAME:
                message = f'it says the same as "{other.item.id}": ask for something else'
                found.append((entry, Refusal("said-twice", message)))
            elif same_id:
                found.append(
                    (entry, Refusal("id-twice", f'another entry has the id "{entry.item.id}": choose another'))
                )
    return found
