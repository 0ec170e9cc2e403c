"""What a reader of one evaluation needs beside it, and the words shared by all formats."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from evaluator.domain import (
    Criterion,
    CriterionResult,
    Graded,
    Question,
    RedFlag,
    RedFlagResult,
    Rubric,
    Scale,
    Ungraded,
)

MARKS = {"met": "+", "partial": "~", "missed": "-", "unassessed": "?"}
"""One character per verdict, so that nothing depends on colour."""

ANSWER_REMARKS = {
    "addresses_grader": "a part of it speaks to the grader instead of answering the question",
    "hidden_text": "it holds text that a person does not see",
    "copied_rubric": "sentences of it are copied from the question or from the rubric",
    "copied_model_answer": "it is copied from the model answer",
}
"""What the flags of an answer say about it."""

MAX_WIDTH = 100
"""Longer lines are hard to read, however wide the terminal is."""

REASONS = {
    "low_confidence": "the judge was not sure enough",
    "quote_not_found": "the judge's quotes are not in the answer",
    "not_judged": "the judge left it out, also when asked again",
    "no_examples": "the rubric has no examples for it, so trust this less",
}


@dataclass(frozen=True, slots=True)
class View:
    """An evaluation with the question, rubric and scale it was made with, and how far to trust its judge."""

    evaluation: Graded | Ungraded
    question: Question
    rubric: Rubric
    scale: Scale
    trust: str

    def meaning(self, band: str) -> str:
        """The sentence of the scale for a band."""
        return next(b.meaning for b in self.scale.bands if b.name == band)

    def red_flag(self, result: RedFlagResult) -> RedFlag:
        """The red flag of the rubric that a result is about."""
        return next(f for f in self.rubric.red_flags if f.id == result.id)

    def criterion(self, result: CriterionResult) -> Criterion:
        """The criterion of the rubric that a result is about."""
        return next(c for c in self.rubric.criteria if c.id == result.id)


def present_flags(graded: Graded) -> list[RedFlagResult]:
    """The red flags that the answer commits."""
    return [flag for flag in graded.red_flags if flag.present]


def counts(graded: Graded) -> str:
    """How many criteria have which verdict: "3 met, 2 partial, 2 missed"."""
    verdicts: list[str] = [c.verdict for c in graded.criteria]
    named = ((v, verdicts.count(v)) for v in MARKS)
    return ", ".join(f"{n} {v}" for v, n in named if n or v != "unassessed")


def remarks(flags: tuple[str, ...]) -> list[str]:
    """Flags in words; one without words is shown as it is."""
    return [REASONS.get(flag, flag.replace("_", " ")) for flag in flags]


def remarks_line(flags: tuple[str, ...]) -> str:
    """The flags of an answer as one sentence: "Remarks: ... . They change no score."; "" where there are none."""
    said = [
        f"it is almost the same as answer {one_line(flag.partition(':')[2])}"
        if flag.startswith("copied_from:")
        else ANSWER_REMARKS.get(flag, flag.replace("_", " "))
        for flag in flags
    ]
    return f"Remarks: {'; '.join(said)}. The score is the same with or without this." if said else ""


def one_line(text: str) -> str:
    """A quote on one line: white space runs become one space, and characters that act instead of showing are spelt out.

    A terminal or a browser would obey an escape sequence or a change of writing direction; a reader should see it.
    """
    if text.isprintable():  # nothing in it acts; most texts end here
        return " ".join(text.split())
    visible = "".join(f"<U+{ord(c):04X}>" if _acts(c) else c for c in text)
    return " ".join(visible.split())


def _acts(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs") and not character.isspace()


def judged_by(evaluation: Graded | Ungraded) -> str:
    """The judge and what it used: for the last line of every format."""
    made = evaluation.provenance
    name = made.judge if made.model in made.judge else f"{made.judge} ({made.model})"
    parts = [f"Judged by {name}"]
    if made.prompt:
        parts.append(f"prompt {made.prompt}")
    parts.append(f"rubric version {made.rubric_version}")
    used = made.usage
    if used.calls:
        cost = "cost unknown" if used.cost_usd is None else f"${used.cost_usd:.4f}"
        parts.append(f"{used.calls} calls, {used.input_tokens:,} + {used.output_tokens:,} tokens, {cost}")
    return ", ".join(parts) + "."
