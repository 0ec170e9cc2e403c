"""From a reply to examples: each sentence is checked by itself, what fails is left out and said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rapidfuzz import fuzz

from evaluator.authoring.derive.draft import Refusal
from evaluator.authoring.derive.items import line_of, shown
from evaluator.domain import Criterion, Examples, RedFlag

WANTED = (8, 5)
"""Accepted and rejected examples that are asked for."""

ENOUGH = (5, 3)
"""With fewer, the model is asked again."""

MOST = 12
"""Of each kind that are kept when some were asked for later."""

LENGTH = range(4, 61)
"""Words of an example."""

COPIED = 90.0
"""Ratio (0 to 100, rapidfuzz) from which an example is a copy of the rubric or the model answer."""


def add_examples(
    entry: Criterion | RedFlag, reply: Mapping[str, object]
) -> tuple[Criterion | RedFlag, tuple[Refusal, ...]]:
    """The entry with the examples of a reply that pass the checks, and why the others do not."""
    kept: dict[str, list[str]] = {"accept": list(entry.examples.accept), "reject": list(entry.examples.reject)}
    refused: list[Refusal] = []
    for kind, texts in kept.items():
        listed = reply.get(kind)
        for value in listed if isinstance(listed, list) else ():
            text = line_of(value)
            reason = next(_reasons(text, entry, (*kept["accept"], *kept["reject"])), None)
            if reason:
                refused.append(reason)
            elif len(texts) < MOST:
                texts.append(text)
    examples = Examples(accept=tuple(kept["accept"]), reject=tuple(kept["reject"]))
    return entry.model_copy(update={"examples": examples}), tuple(dict.fromkeys(refused))


def too_few(entry: Criterion | RedFlag) -> tuple[Refusal, ...]:
    """The refusal of an entry that has not enough examples."""
    accept, reject = len(entry.examples.accept), len(entry.examples.reject)
    if accept >= ENOUGH[0] and reject >= ENOUGH[1]:
        return ()
    message = (
        f"{accept} accepted and {reject} rejected examples that pass the checks; at least {ENOUGH[0]} and {ENOUGH[1]}"
    )
    return (Refusal("few-examples", f"{message} are needed"),)


def _reasons(text: str, entry: Criterion | RedFlag, there: tuple[str, ...]) -> Iterator[Refusal]:
    quoted = f'"{shown(text)}"'
    words = len(text.split())
    if words < LENGTH.start:
        yield Refusal("example-short", f"an example needs at least {LENGTH.start} words: {quoted}")
    if words >= LENGTH.stop:
        yield Refusal("example-long", f"an example has at most {LENGTH.stop - 1} words: {quoted}")
    if text.lower().startswith(("the answer ", "the candidate ", "the response ")):
        yield Refusal("example-about-answer", f"write what a candidate says, not what an answer does: {quoted}")
    if any(text.casefold() == other.casefold() for other in there):
        yield Refusal("example-twice", f"this example stands there already: {quoted}")
    source = entry.source if isinstance(entry, Criterion) else None
    points = entry.points if isinstance(entry, Criterion) else ()
    for other in (entry.statement, *points, entry.advice, source):
        if other and fuzz.ratio(text.casefold(), other.casefold()) >= COPIED:
            yield Refusal("example-copied", f"it copies the rubric or the model answer; use other words: {quoted}")
