"""What is remembered of a derivation beside the rubric: what was derived, from where, by whom, and what was refused.

`BANK/derived/<question>.json`. Its rubric is the one that was written: what the file says differently today, a person
has edited.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from evaluator.authoring.derive.draft import Draft
from evaluator.domain import Frozen, Rubric, Usage
from evaluator.errors import InputError
from evaluator.saving import save_text


class SourceSpan(Frozen):
    """Where the source of a criterion stands in the model answer, in characters."""

    start: int
    end: int


class Rejection(Frozen):
    """One refusal of the checks, also of what was mended afterwards; `where` is the id of an entry, or the step."""

    where: str
    name: str
    message: str


class Record(Frozen):
    """One derivation. `text_sha256` is of the rubric file as it was written."""

    version: Literal[1] = 1
    question: str
    judge: str
    prompt: str | None
    checked_by: str
    model_answer_sha256: str
    text_sha256: str
    rubric: Rubric
    sources: dict[str, SourceSpan]
    uncovered: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    rejected: tuple[Rejection, ...] = ()
    usage: Usage = Field(default_factory=Usage)


def record_of(draft: Draft, rubric: Rubric, text: str, model_answer: str, who: dict[str, Any]) -> Record:
    """The record of a draft that was written as `text`; `who` has judge, prompt and checked_by."""
    return Record(
        question=draft.question,
        model_answer_sha256=digest(model_answer),
        text_sha256=digest(text),
        rubric=rubric,
        sources={e.item.id: SourceSpan(start=e.span.start, end=e.span.end) for e in draft.criteria if e.span},
        uncovered=draft.uncovered,
        notes=tuple(draft.notes),
        rejected=tuple(
            Rejection(where=r.where, name=r.refusal.name, message=r.refusal.message) for r in draft.rejected
        ),
        usage=draft.usage,
        **who,
    )


def digest(text: str) -> str:
    """SHA-256, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def save_record(file: Path, record: Record) -> None:
    """Write it.

    Raises:
        InputError: It cannot be written.
    """
    save_text(file, json.dumps(record.model_dump(mode="json"), indent=1) + "\n")


def load_record(file: Path) -> Record | None:
    """Read it; None where there is none.

    Raises:
        InputError: It is there and cannot be used.
    """
    try:
        # Not model_validate_json, which takes no half characters; models write them, and refusals quote them.
        return Record.model_validate(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:  # ValueError: no UTF-8, no JSON, no record
        raise InputError(
            f"{file} is no record of a derivation.", "Remove it; without it every word of the rubric counts as edited."
        ) from error
