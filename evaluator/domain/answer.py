"""What a person wrote."""

from __future__ import annotations

from evaluator.domain.question import Frozen


class Answer(Frozen):
    """One answer to one question. All offsets in this package are characters of `text` as given."""

    id: str
    question_id: str
    text: str
    candidate: str | None = None
