"""What an evaluation depends on, as digests."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from evaluator.domain import Question, Rubric, Scale
from evaluator.judges import Case, JudgeIdentity


@dataclass(frozen=True, slots=True)
class Conditions:
    """Digests (SHA-256, hex) of all that an evaluation depends on besides the text of the answer."""

    question: str
    rubric: str
    scale: str
    judge: str


def conditions(question: Question, rubric: Rubric, scale: Scale, identity: JudgeIdentity) -> Conditions:
    """The digests of what all answers to one question have in common, so that they are made once and not per answer."""
    return Conditions(
        question=digest(question.model_dump(mode="json")),
        rubric=digest(rubric.model_dump(mode="json")),
        scale=digest(scale.model_dump(mode="json")),
        judge=digest(asdict(identity)),
    )


def fingerprint(case: Case, scale: Scale, identity: JudgeIdentity) -> str:
    """SHA-256 (hex) of answer, question, rubric, scale, judge, prompt and settings.

    The ids of the answer and its candidate are left out: the same text judged the same way has the same fingerprint.
    """
    return fingerprint_of(text_digest(case.answer.text), conditions(case.question, case.rubric, scale, identity))


def fingerprint_of(text: str, under: Conditions) -> str:
    """The fingerprint of an answer, from the digest of its text and the digests of everything else."""
    return digest({"answer": text, **asdict(under)})


def text_digest(text: str) -> str:
    """SHA-256 (hex) of a text as UTF-8; a lone surrogate, which UTF-8 cannot hold, counts as its escape."""
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def digest(value: Any) -> str:  # noqa: ANN401 - anything that JSON holds
    """SHA-256 (hex) of a value as JSON with sorted keys."""
    canonical = json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()
