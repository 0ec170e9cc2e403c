"""What is asked, and the answer that a rubric was derived from."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Level = Literal["foundational", "intermediate", "advanced", "bonus"]


class Frozen(BaseModel):
    """A value object: compared by value, never changed, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Question(Frozen):
    """One interview question.

    `model_answer` is None where nobody has written one; `model_answer_source` says who did.
    """

    id: str
    number: int | None = None
    level: Level
    themes: tuple[str, ...]
    text: str
    model_answer: str | None = None
    model_answer_source: Literal["article", "editors"] | None = None
