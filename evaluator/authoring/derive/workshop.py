"""Derives and updates the rubrics of one bank: what may be written, what is skipped, and what is left as it is."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from evaluator.authoring.derive.conversation import Conversation
from evaluator.authoring.derive.deriver import Deriver
from evaluator.authoring.derive.draft import Draft
from evaluator.authoring.derive.extract import extract
from evaluator.authoring.derive.merge import merge
from evaluator.authoring.derive.proving import Proof
from evaluator.authoring.derive.record import Record, digest, load_record, record_of, save_record
from evaluator.authoring.derive.replies import Replies
from evaluator.authoring.derive.splice import read_rubric, splice_or_rewrite
from evaluator.authoring.derive.write import render_draft
from evaluator.bank import Bank
from evaluator.domain import Question, Rubric
from evaluator.errors import InputError, JudgeError, UnreachableError
from evaluator.judges.llm import Asker, Estimate
from evaluator.prompts import Prompt
from evaluator.runs.batch.budget import Budget
from evaluator.saving import save_text

Kind = Literal["final", "draft", "proposed", "unchanged", "skipped", "failed"]
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one question.

    `kind`: "final" or "draft" where a rubric was written, "proposed" where `diff` (unified) shows what an update would
    change, "unchanged" where it would change nothing, else "skipped" or "failed"; `detail` says why.
    """

    question: str
    kind: Kind
    detail: str = ""
    draft: Draft | None = None
    diff: str = ""


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where rubrics are derived.

    Args:
        bank: The bank; rubrics go into its folder `rubrics`, records and replies into `derived`.
        asker: The model; None makes extractive drafts.
        prompt: What the model is asked with.
        proof: Checks what was derived.
        budget: What all questions together may use.
    """

    bank: Bank
    asker: Asker | None
    prompt: Prompt
    proof: Proof
    budget: Budget

    async def derive(self, question: Question, tell: Tell) -> Outcome:
        """Derive the rubric of one question and write it, unless one stands there that must not be overwritten.

        Raises:
            UnreachableError: The model was never reached.
            BudgetSpentError: The budget ended; replies are kept.
            InputError: Something cannot be read or written.
        """
        obstacle = self._obstacle(question)
        if obstacle:
            return Outcome(question.id, "skipped", obstacle)
        draft = await self._draft(question, tell)
        if isinstance(draft, Outcome):
            return draft
        obstacle = self._obstacle(question)  # somebody may have written one meanwhile
        if obstacle:
            return Outcome(question.id, "failed", obstacle, draft)
        text = render_draft(draft)
        save_text(self._file(question), text)
        self._remember(question, draft, draft.rubric(), text)
        return Outcome(question.id, draft.status, "", draft)

    async def update(self, question: Question, tell: Tell, *, apply: bool) -> Outcome:
        """Derive anew and merge with the rubric that stands there; write it only where `apply` says so.

        Raises:
            UnreachableError: The model was never reached.
            BudgetSpentError: The budget ended; replies are kept.
            BankError: The rubric has problems.
            InputError: There is no rubric to update, or something cannot be read or written.
        """
        file = self._file(question)
        if not file.exists():
            raise InputError(f"{question.id} has no rubric to update: {file} is not there.", "Leave --update out.")
        if not question.model_answer:
            return Outcome(question.id, "skipped", "it has no model answer to derive from")
        text, source, current = read_rubric(file, self.bank.root)
        record = self._record(question)
        draft = await self._draft(question, tell)
        if isinstance(draft, Outcome):
            return draft
        result = merge(record.rubric if record else None, current, draft, question.model_answer)
        if not result.changed:
            return Outcome(question.id, "unchanged", "what was derived now changes nothing that nobody edited", draft)
        new = splice_or_rewrite(text, source, result)
        name = file.relative_to(self.bank.root).as_posix()
        lines = difflib.unified_diff(
            text.splitlines(), new.splitlines(), name, f"{name}, derived anew", lineterm="", n=2
        )
        diff = "\n".join(lines) + "\n"
        if not apply:
            return Outcome(question.id, "proposed", "", draft, diff)
        if digest(file.read_text(encoding="utf-8")) != digest(text):
            return Outcome(question.id, "failed", "the rubric was changed by somebody else meanwhile", draft)
        save_text(file, new)
        self._remember(question, draft, result.base(), new)
        return Outcome(question.id, "draft" if result.status == "draft" else "final", "updated", draft, diff)

    def estimate(self, question: Question) -> Estimate:
        """What deriving takes, roughly, without asking anybody; nothing for extractive drafts."""
        return self._talk(question, self.asker).estimate() if self.asker else Estimate(0, 0, 0, 0.0, ())

    def _obstacle(self, question: Question) -> str:
        """Why no rubric may be written for a question; "" where it may."""
        if not question.model_answer:
            return "it has no model answer to derive from"
        file = self._file(question)
        if not file.exists():
            return ""
        text, _, rubric = read_rubric(file, self.bank.root)
        if rubric.status == "final":
            return "it has a final rubric; --update proposes changes"
        record = self._record(question)
        if self.asker is None or record is None or record.text_sha256 != digest(text):
            return "it has a draft that somebody wrote or edited; --update proposes changes"
        return ""

    async def _draft(self, question: Question, tell: Tell) -> Draft | Outcome:
        if self.asker is None:
            return extract(question, self.proof.overlaps)
        talk = self._talk(question, self.asker)
        try:
            return await Deriver(talk, self.proof, frozenset(talk.themes), tell).run()
        except UnreachableError:
            raise
        except JudgeError as error:
            return Outcome(question.id, "failed", str(error))

    def _talk(self, question: Question, asker: Asker) -> Conversation:
        replies = Replies(self._derived(question, ".replies.jsonl"))
        return Conversation(question, tuple(sorted(self.bank.themes)), asker, self.prompt, replies, self.budget)

    def _remember(self, question: Question, draft: Draft, rubric: Rubric, text: str) -> None:
        who = {
            "judge": self.asker.place if self.asker else "embedded",
            "prompt": self.prompt.identity if self.asker else None,
            "checked_by": self.proof.judge.identity.judge if self.asker else "nobody",
        }
        record = record_of(draft, rubric, text, question.model_answer or "", who)
        save_record(self._derived(question, ".json"), record)

    def _record(self, question: Question) -> Record | None:
        return load_record(self._derived(question, ".json"))

    def _file(self, question: Question) -> Path:
        return self.bank.root / "rubrics" / f"{question.id}.yaml"

    def _derived(self, question: Question, ending: str) -> Path:
        return self.bank.root / "derived" / f"{question.id}{ending}"
