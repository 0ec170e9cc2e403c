"""What a reader of one evaluation needs beside it, and the words shared by all formats."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from evaluator.domain import (
    Evidence,
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

UNGRADED = {
    "auth": "key refused",
    "connection": "no connection",
    "timeout": "timed out",
    "bad_request": "request not accepted",
    "too_long": "too long for the model",
    "content_filter": "stopped by a content filter",
    "truncated": "reply cut off",
    "not_english": "not in English",
    "no_prose": "no sentences",
    "crashed": "the judge failed",
    "bug": "the judge failed",
}
"""Why an answer is not graded, where the reason itself is no plain English; it also stands behind a count."""

TRUNCATED = "answer_truncated"
FEW_SENTENCES = "few_sentences"
"""The flag of every criterion of an answer that was read in part; it is said once."""

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


def present_flags(graded: Graded) -> list[RedFlagResult]:
    """The red flags that the answer commits."""
    return [flag for flag in graded.red_flags if flag.present]


def counts(graded: Graded) -> str:
    """How many criteria have which verdict: "3 met, 2 partial, 2 missed"."""
    verdicts: list[str] = [c.verdict for c in graded.criteria]
    named = ((v, verdicts.count(v)) for v in MARKS)
    return ", ".join(f"{n} {v}" for v, n in named if n or v != "unassessed")


def why_ungraded(reason: str) -> str:
    """The reason why an answer is not graded, in words; one without words is shown as it is."""
    return one_line(UNGRADED.get(reason, reason.replace("_", " ")))


def remarks(flags: tuple[str, ...]) -> list[str]:
    """Flags of a criterion in words; one without words is shown as it is."""
    return [REASONS.get(flag, flag.replace("_", " ")) for flag in flags if flag not in (TRUNCATED, FEW_SENTENCES)]


def how_it_was_read(graded: Graded) -> str:
    """What the length of an answer did to the judgement: that only its beginning was read, or that it is very short."""
    flags = {flag for result in graded.criteria for flag in result.flags}
    if FEW_SENTENCES in flags:
        return "The answer is very short. This judge leans on an answer as a whole, and misses more in such a one."
    if TRUNCATED not in flags:
        return ""
    from evaluator.judges.embedded.features import MAX_SENTENCES  # noqa: PLC0415 - numpy, for the few it is said of

    return f"Only the first {MAX_SENTENCES} sentences of the answer were read."


def quotes(evidence: tuple[Evidence, ...]) -> list[str]:
    """Quotes on one line each; one that stands in the answer several times is shown once."""
    return list(dict.fromkeys(one_line(one.quote) for one in evidence))


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
    return " ".join("".join(c if c.isspace() else _spelt(c) for c in text).split())


def visible(line: str) -> str:
    """A line of a report, its blanks as they are, and what would act spelt out, line ends in its names too."""
    return line if line.isprintable() else "".join(c if c == "\t" else _spelt(c) for c in line)


def _spelt(character: str) -> str:
    acts = unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")
    return f"<U+{ord(character):04X}>" if acts else character


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
