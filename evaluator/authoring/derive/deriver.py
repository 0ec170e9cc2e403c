"""The steps of a derivation: criteria, examples for each, red flags with theirs, self-check. Nothing is believed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from evaluator.authoring.derive.conversation import Again, Conversation, Fault, Task
from evaluator.authoring.derive.coverage import COVERED_MIN, Coverage, cover
from evaluator.authoring.derive.draft import MAX_AGAIN, Draft, Entry, Refusal
from evaluator.authoring.derive.examples import MOST, WANTED, add_examples, too_few
from evaluator.authoring.derive.items import read_criterion, read_red_flag
from evaluator.authoring.derive.naming import unique_id
from evaluator.authoring.derive.proving import Proof
from evaluator.authoring.derive.wording import inspect
from evaluator.errors import ReplyError

MOST_RED_FLAGS = 3

_FAULTS: dict[Fault, str] = {
    "empty": "the reply was empty",
    "malformed": "the reply was not one JSON object of the required form",
    "ambiguous": "the reply held more than one JSON object",
    "truncated": "the reply was cut off",
    "nothing": "the reply held nothing that can be used",
}


@dataclass(slots=True)
class Deriver:
    """Derives the rubric of one question.

    Args:
        talk: With the model.
        proof: Checks what was derived.
        themes: Those that the bank lists; none: any.
        tell: Is told, in a few words, what goes on.
    """

    talk: Conversation
    proof: Proof
    themes: frozenset[str]
    tell: Callable[[str], None]
    draft: Draft = field(init=False)

    def __post_init__(self) -> None:
        self.draft = Draft(self.talk.question.id)

    async def run(self) -> Draft:
        """All steps.

        Raises:
            JudgeError: The model was not reached, refused, or said nothing that can be used.
            BudgetSpentError: The budget ended; what was said so far is kept.
        """
        draft = self.draft
        await self._criteria()
        await _each(self._examples(entry) for entry in draft.criteria)
        await self._red_flags()
        await _each(self._examples(entry) for entry in draft.red_flags)
        await self._behaviour()
        for entry in draft.entries:
            draft.refuse(entry.item.id, entry.refusals)
        draft.refuse("rubric", draft.reasons)
        draft.usage, draft.replayed = self.talk.usage, self.talk.replayed
        return draft

    async def _criteria(self) -> None:
        self.tell("criteria")
        trouble: Fault | Literal[""] = ""
        for _ in range(1 + MAX_AGAIN):
            reply, fault = await self.talk.ask(Task("criteria", trouble=trouble))
            self.draft.criteria = self._read_criteria(reply)
            if fault or not self.draft.criteria:
                self._complain("criteria", fault or "nothing")
            if self.draft.criteria:
                break
            trouble = fault or "nothing"
        else:
            said = _FAULTS[trouble or "nothing"]
            raise ReplyError(
                trouble or "nothing",
                f"{self.talk.asker.place} gave no criterion for {self.draft.question}: {said}.",
                "Try another model, or --judge embedded for a draft of the sentences themselves.",
            )
        await self._mend_criteria()

    async def _mend_criteria(self) -> None:
        """Ask again for what is refused, and once for what no criterion comes from."""
        ask_uncovered = True
        while True:
            coverage = self._inspect()
            again = [entry for entry in self.draft.criteria if entry.refusals and entry.may_ask]
            uncovered = coverage.uncovered if ask_uncovered else ()
            if not again and not uncovered:
                break
            ask_uncovered = False
            reply, fault = await self.talk.ask(
                Task(
                    "criteria",
                    again=self._asked_again(again),
                    settled=tuple(entry.item for entry in self.draft.criteria if entry not in again),
                    uncovered=uncovered,
                )
            )
            if fault:
                self._complain("criteria", fault)
            leftover = self._replace(self.draft.criteria, again, self._read_criteria(reply))
            self._add_for(uncovered, leftover)
        self._name_apart(self.draft.criteria)
        self.draft.uncovered = self._inspect().uncovered
        if coverage.share < COVERED_MIN:
            message = f"sources cover {coverage.share:.0%} of the sentences of the model answer, not {COVERED_MIN:.0%}"
            self.draft.reasons += (Refusal("coverage-low", message),)

    async def _red_flags(self) -> None:
        self.tell("red flags")
        draft = self.draft
        criteria = tuple(entry.item for entry in draft.criteria)
        trouble: Fault | Literal[""] = ""
        for _ in range(1 + MAX_AGAIN):
            reply, fault = await self.talk.ask(Task("red_flags", trouble=trouble, settled=criteria))
            if fault:
                self._complain("red_flags", fault)
            if reply is not None:
                draft.red_flags = self._read_red_flags(reply)[:MOST_RED_FLAGS]
                break
            trouble = fault
        else:
            draft.reasons += (Refusal("red-flags", f"no red flags: {_FAULTS[trouble or 'malformed']}"),)
            return
        while True:
            self._inspect()
            again = [entry for entry in draft.red_flags if entry.refusals and entry.may_ask]
            if not again:
                break
            task = Task("red_flags", again=self._asked_again(again), settled=criteria)
            reply, fault = await self.talk.ask(task)
            if fault:
                self._complain("red_flags", fault)
            self._replace(draft.red_flags, again, self._read_red_flags(reply))
        self._name_apart(draft.entries)
        self._inspect()
        if not draft.red_flags:
            draft.notes.append("no red flag was found")

    async def _examples(self, entry: Entry, reasons: Sequence[Refusal] = ()) -> None:
        """Ask for examples until there are enough, or the model has been asked often enough."""
        trouble: Fault | Literal[""] = ""
        while True:
            self.tell(f"examples for {entry.item.id}")
            there = entry.item.examples
            wanted = (_wanted(WANTED[0], len(there.accept)), _wanted(WANTED[1], len(there.reject)))
            again = (Again(entry.item.id, tuple(reason.message for reason in reasons)),) if reasons else ()
            reply, fault = await self.talk.ask(
                Task("examples", trouble=trouble, again=again, entry=entry.item, wanted=wanted)
            )
            if fault:
                self._complain(entry.item.id, fault)
            entry.item, refused = add_examples(entry.item, reply or {})
            self.draft.refuse(entry.item.id, refused)
            entry.examples = too_few(entry.item)
            if not entry.examples or not entry.may_ask:
                break
            entry.asked += 1
            trouble = fault
            reasons = (*entry.examples, *refused)

    async def _behaviour(self) -> None:
        """Check the whole, and ask for more examples where the check blames a criterion."""
        draft = self.draft
        before = draft.reasons
        while True:
            self.tell("self-check")
            seen = await self.proof.behave(self.talk.question, draft.rubric())
            draft.reasons = (*before, *seen.whole)
            for entry in draft.criteria:
                entry.behaviour = tuple(seen.entries.get(entry.item.id, ()))
            again = [entry for entry in draft.criteria if entry.behaviour and entry.may_ask]
            if not again:
                break
            draft.refuse("rubric", seen.whole)
            for entry in again:
                draft.refuse(entry.item.id, entry.behaviour)
                entry.asked += 1
            await _each(self._examples(entry, entry.behaviour) for entry in again)

    def _inspect(self) -> Coverage:
        self.draft.refuse("rubric", inspect(self.draft, self.proof.overlaps))
        spans = [entry.span for entry in self.draft.criteria if entry.span]
        return cover(self.talk.question.model_answer or "", spans)

    def _asked_again(self, entries: Iterable[Entry]) -> tuple[Again, ...]:
        found = []
        for entry in entries:
            self.draft.refuse(entry.item.id, entry.refusals)
            entry.asked += 1
            found.append(Again(entry.item.id, tuple(refusal.message for refusal in entry.refusals)))
        return tuple(found)

    def _replace(self, entries: list[Entry], asked: Sequence[Entry], answers: list[Entry]) -> list[Entry]:
        """Put what came back in the place of what was refused, where it is no worse; the rest is returned."""
        rest = list(answers)
        by_place = len(asked) == len(answers) and not {e.item.id for e in asked} & {a.item.id for a in answers}
        for index, entry in enumerate(asked):
            same = [answer for answer in rest if answer.item.id == entry.item.id]
            new = answers[index] if by_place else same[0] if same else None
            if new is None:
                continue
            rest.remove(new)
            old, at = len(entry.refusals), entries.index(entry)
            if not any(refusal.name == "id-twice" for refusal in entry.refusals):
                new.item = new.item.model_copy(update={"id": entry.item.id})
            new.asked = entry.asked
            entries[at] = new
            self._inspect()
            if len(new.refusals) > old:
                self.draft.refuse(new.item.id, new.refusals)
                entries[at] = entry
                self._inspect()
        return rest

    def _add_for(self, uncovered: Sequence[str], answers: Iterable[Entry]) -> None:
        """New criteria that come from a sentence that none came from; others were not asked for."""
        model_answer = self.talk.question.model_answer or ""
        for new in answers:
            touches = new.span is not None and len(cover(model_answer, [new.span]).uncovered) < len(
                cover(model_answer, []).uncovered
            )
            fresh = new.span is not None and any(new.span.quote in s or s in new.span.quote for s in uncovered)
            if touches and fresh:
                self.draft.criteria.append(new)
            else:
                self.draft.refuse(new.item.id, (*new.told, Refusal("not-asked-for", "it was not asked for: left out")))

    def _name_apart(self, entries: Iterable[Entry]) -> None:
        taken: set[str] = set()
        for entry in entries:
            name = unique_id(entry.item.id, taken)
            if name != entry.item.id:
                self.draft.notes.append(f'a second "{entry.item.id}" was named "{name}"')
                entry.item = entry.item.model_copy(update={"id": name})
            taken.add(name)

    def _read_criteria(self, reply: dict[str, object] | None) -> list[Entry]:
        question = self.talk.question
        listed = (reply or {}).get("criteria")
        found = []
        for item in listed if isinstance(listed, list) else ():
            read = isinstance(item, dict) and read_criterion(
                item, question.model_answer or "", self.themes, question.themes
            )
            if read:
                found.append(read)
            else:
                self.draft.refuse("criteria", (Refusal("no-statement", "an item without a statement was left out"),))
        return found

    def _read_red_flags(self, reply: dict[str, object] | None) -> list[Entry]:
        listed = (reply or {}).get("red_flags")
        found = []
        for item in listed if isinstance(listed, list) else ():
            read = isinstance(item, dict) and read_red_flag(item)
            if read:
                found.append(read)
            else:
                self.draft.refuse("red_flags", (Refusal("no-statement", "an item without a statement was left out"),))
        return found

    def _complain(self, where: str, fault: Fault) -> None:
        self.draft.refuse(where, (Refusal(fault, _FAULTS[fault]),))


def _wanted(full: int, there: int) -> int:
    """How many examples to ask for: what is missing, and at least two, as long as they can be kept."""
    return max(full - there, min(2, MOST - there))


async def _each(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Do all of it, each to its end even where another fails; then raise the first failure."""
    done = await asyncio.gather(*work, return_exceptions=True)
    for result in done:
        if isinstance(result, BaseException):
            raise result
