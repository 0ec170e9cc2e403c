"""Deriving again: what a person edited stays, what nobody touched may change, ids stay, nothing is removed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz

from evaluator.authoring.derive.draft import Draft, Entry, Refusal
from evaluator.authoring.derive.naming import unique_id
from evaluator.domain import Criterion, RedFlag, Rubric
from evaluator.evidence import find_quote

SIMILAR = 80.0
"""Token sort ratio (0 to 100, rapidfuzz) of two statements from which they are taken for one criterion."""

SHARED = 0.5
"""Share of the shorter of two sources that both must hold to be taken for one criterion."""

_GROUPS: tuple[tuple[str, ...], ...] = (("statement", "points"), ("weight",), ("penalty",), ("themes",), ("advice",))
_Item = Criterion | RedFlag


@dataclass(frozen=True, slots=True)
class Merged:
    """One entry of the result: whether it differs from the file, and what is still refused of it.

    `base` is what counts as derived from now on: where it differs from `item`, a person has edited; None: all of it.
    """

    item: Criterion | RedFlag
    changed: bool
    refusals: tuple[Refusal, ...] = ()
    base: Criterion | RedFlag | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """The result, entry by entry, in the order of the file; what is new comes last."""

    question: str
    version: int
    status: Literal["final", "draft"]
    criteria: tuple[Merged, ...]
    red_flags: tuple[Merged, ...]
    removed: tuple[Criterion | RedFlag, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether anything differs from the file."""
        return any(entry.changed for entry in (*self.criteria, *self.red_flags))

    def rubric(self) -> Rubric:
        """As an object."""
        return self._with([entry.item for entry in (*self.criteria, *self.red_flags)])

    def base(self) -> Rubric:
        """What counts as derived from now on, with what a person removed."""
        bases = [entry.base for entry in (*self.criteria, *self.red_flags) if entry.base is not None]
        return self._with([*bases, *self.removed])

    def _with(self, items: list[Criterion | RedFlag]) -> Rubric:
        return Rubric(
            question=self.question,
            version=self.version,
            status=self.status,
            criteria=tuple(item for item in items if isinstance(item, Criterion)),
            red_flags=tuple(item for item in items if isinstance(item, RedFlag)),
        )


def merge(base: Rubric | None, current: Rubric, draft: Draft, model_answer: str) -> Merge:
    """Merge a new derivation into a rubric.

    Args:
        base: What was derived and written last; None: every word of the file counts as edited.
        current: What the file holds today.
        draft: The new derivation.
        model_answer: Of today; sources that no longer stand in it are replaced or dropped.
    """
    items: list[Criterion | RedFlag] = [*current.criteria, *current.red_flags]
    there = frozenset(item.id for item in items)
    derived: list[Criterion | RedFlag] = [*base.criteria, *base.red_flags] if base else []
    taken = set(there)
    criteria = _merge(base.criteria if base else (), current.criteria, draft.criteria, model_answer, taken)
    red_flags = _merge(base.red_flags if base else (), current.red_flags, draft.red_flags, model_answer, taken)
    changed = any(entry.changed for entry in (*criteria, *red_flags))
    open_ones = any(entry.refusals for entry in (*criteria, *red_flags))
    final = not open_ones and (current.status == "final" or draft.status == "final")
    return Merge(
        question=current.question,
        version=current.version + changed,
        status="final" if final else "draft",
        criteria=tuple(criteria),
        red_flags=tuple(red_flags),
        removed=tuple(item for item in derived if item.id not in there),
    )


def _merge(
    base: Sequence[_Item], current: Sequence[_Item], fresh: Sequence[Entry], model_answer: str, taken: set[str]
) -> list[Merged]:
    known = {item.id: item for item in base}
    partners: dict[str, Entry] = {}
    added: list[Entry] = []
    for entry in fresh:
        partner = _partner(entry.item, [*current, *(item for item in base if item.id not in taken)], model_answer)
        if partner is None or (partner in partners and partner in taken):
            added.append(entry)
        else:  # a partner that is only in the base was removed by a person, and stays removed
            partners[partner] = entry
    result = [_one(known.get(item.id), item, partners.get(item.id), model_answer) for item in current]
    for entry in added:
        name = unique_id(entry.item.id, taken)
        taken.add(name)
        item = entry.item.model_copy(update={"id": name})
        result.append(Merged(item, changed=True, refusals=entry.refusals, base=item))
    return result


def _partner(new: Criterion | RedFlag, items: Iterable[Criterion | RedFlag], model_answer: str) -> str | None:
    listed = list(items)
    for item in listed:
        if item.id == new.id:
            return item.id
    for item in listed:
        if _share(new, item, model_answer) >= SHARED:
            return item.id
    for item in listed:
        if fuzz.token_sort_ratio(item.statement.casefold(), new.statement.casefold()) >= SIMILAR:
            return item.id
    return None


def _share(one: Criterion | RedFlag, other: Criterion | RedFlag, model_answer: str) -> float:
    if not (isinstance(one, Criterion) and isinstance(other, Criterion) and one.source and other.source):
        return 0.0
    first, second = find_quote(one.source, model_answer), find_quote(other.source, model_answer)
    if first is None or second is None:
        return 0.0
    both = min(first.end, second.end) - max(first.start, second.start)
    return both / min(first.end - first.start, second.end - second.start)


def _one(base: _Item | None, current: _Item, fresh: Entry | None, model_answer: str) -> Merged:
    """One entry of the file: each group of fields that nobody edited takes the new value."""
    result: Criterion | RedFlag = current
    new = fresh.item if fresh else None
    edited = base is None
    if base is not None and new is not None:
        for names in _GROUPS:
            group = [name for name in names if hasattr(current, name)]
            if any(getattr(current, name) != getattr(base, name) for name in group):
                edited = True
                continue
            update = {name: getattr(new, name) for name in group}
            result, base = result.model_copy(update=update), base.model_copy(update=update)
        for kind in ("accept", "reject"):
            if getattr(current.examples, kind) != getattr(base.examples, kind):
                edited = True
                continue
            update = {kind: _new_examples(result, new, kind)}
            result = result.model_copy(update={"examples": result.examples.model_copy(update=update)})
            base = base.model_copy(update={"examples": base.examples.model_copy(update=update)})
    if isinstance(result, Criterion):
        result, base = _with_source(base if isinstance(base, Criterion) else None, result, new, model_answer)
    return Merged(result, result != current, fresh.refusals if fresh and not edited else (), base)


def _new_examples(result: Criterion | RedFlag, new: Criterion | RedFlag, kind: str) -> tuple[str, ...]:
    """The new examples of one kind, without those that the other kind holds."""
    other = result.examples.reject if kind == "accept" else result.examples.accept
    there = {text.casefold() for text in other}
    return tuple(text for text in getattr(new.examples, kind) if text.casefold() not in there)


def _with_source(
    base: Criterion | None, item: Criterion, new: Criterion | RedFlag | None, model_answer: str
) -> tuple[Criterion, Criterion | None]:
    """The entry and its base with the source: an edited one as long as it stands in the model answer."""
    offered = new.source if isinstance(new, Criterion) else None
    edited = base is None or item.source != base.source
    stands = item.source is None or " ".join(item.source.split()) in " ".join(model_answer.split())
    if stands and (edited or offered is None):
        return item, base
    update = {"source": offered}
    return item.model_copy(update=update), base.model_copy(update=update) if base is not None else None
