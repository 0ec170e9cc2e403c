"""Do the examples of a rubric do their work? Measured with the sentence encoder of the embedded judge.

All similarities are cosines of sentence vectors, -1 to 1. The thresholds were set on the shipped bank, where they
leave nothing that a second reader would not also have marked.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from evaluator.bank import Lint
from evaluator.domain import Criterion, RedFlag, Rubric
from evaluator.judges.embedded import Encoder, fit

OVERLAP = 0.8
"""Similarity of two statements from which their criteria ask for the same."""

ALIKE = 0.9
"""Similarity of two accepted (or two rejected) examples from which one of them adds nothing."""

LEFT_OUT = 1.9
"""Log odds, against its own side, from which a left-out accepted example counts as one that the others reject."""

TAKEN_IN = 2.6
"""Log odds from which a left-out rejected example counts as one that the others accept. Rejected examples are meant to
be hard, so the bar is higher."""

# The two bars above were set with it.
_PENALTY = 0.1
_FEW = 3

_Path = tuple[str | int, ...]
_Vectors = NDArray[np.float32]


def lint_examples(rubric: Rubric, encoder: Encoder) -> list[Lint]:
    """Everything that the encoder finds wrong with one rubric's statements and examples, in file order.

    A criterion with fewer than three accepted or two rejected examples is reported as such and not measured further.
    """
    entries: list[tuple[_Path, Criterion | RedFlag]] = [(("criteria", n), c) for n, c in enumerate(rubric.criteria)]
    entries += [(("red_flags", n), f) for n, f in enumerate(rubric.red_flags)]
    found = list(_overlaps(rubric, encoder))
    vectors = [(_embed(encoder, e.examples.accept), _embed(encoder, e.examples.reject)) for _, e in entries]
    for index, (path, entry) in enumerate(entries):
        accept, reject = vectors[index]
        if len(accept) < _FEW or len(reject) < _FEW - 1:
            message = (
                f"{len(accept)} accepted and {len(reject)} rejected examples: write at least 3 and 2, better 8 and 5"
            )
            found.append(Lint("few-examples", "warning", rubric.question, (*path, "examples"), message))
            continue
        others = np.concatenate([a for n, (a, _) in enumerate(vectors) if n != index and len(a)] or [accept[:0]])
        for name, message, place in (
            *_alike("accept", entry.examples.accept, accept),
            *_alike("reject", entry.examples.reject, reject),
            *_left_out(entry.examples.accept, accept, reject, others),
            *_taken_in(entry.examples.reject, accept, reject, others),
        ):
            found.append(Lint(name, "warning", rubric.question, (*path, "examples", *place), message))
    return found


_Remark = tuple[str, str, _Path]


def _overlaps(rubric: Rubric, encoder: Encoder) -> Iterator[Lint]:
    statements = _embed(encoder, tuple(c.statement for c in rubric.criteria))
    for (first, a), (second, b) in combinations(enumerate(rubric.criteria), 2):
        similarity = float(statements[first] @ statements[second])
        if similarity > OVERLAP:
            message = f'asks for the same as "{a.id}" (similarity {similarity:.2f}): merge them or say how they differ'
            yield Lint("overlap", "error", rubric.question, ("criteria", second, "statement"), f'"{b.id}" {message}')


def _alike(kind: str, texts: tuple[str, ...], vectors: _Vectors) -> Iterator[_Remark]:
    for first, second in combinations(range(len(texts)), 2):
        similarity = float(vectors[first] @ vectors[second])
        if similarity > ALIKE:
            message = f'says the same as "{_short(texts[first])}" (similarity {similarity:.2f}): write another voice'
            yield "examples-alike", message, (kind, second)


def _left_out(texts: tuple[str, ...], accept: _Vectors, reject: _Vectors, others: _Vectors) -> Iterator[_Remark]:
    for index, text in enumerate(texts):
        rest = np.delete(accept, index, axis=0)
        odds = float(fit(rest, reject, others, _PENALTY).log_odds(accept[index : index + 1])[0])
        if odds < -LEFT_OUT:
            message = f'"{_short(text)}" looks like a rejected one beside the other examples (log odds {odds:.1f})'
            yield "accept-like-reject", message, ("accept", index)


def _taken_in(texts: tuple[str, ...], accept: _Vectors, reject: _Vectors, others: _Vectors) -> Iterator[_Remark]:
    for index, text in enumerate(texts):
        rest = np.delete(reject, index, axis=0)
        odds = float(fit(accept, rest, others, _PENALTY).log_odds(reject[index : index + 1])[0])
        if odds > TAKEN_IN:
            message = f'"{_short(text)}" is nearer to the accepted examples than to its fellows (log odds {odds:.1f})'
            yield "reject-like-accept", message, ("reject", index)


def _embed(encoder: Encoder, texts: tuple[str, ...]) -> _Vectors:
    return encoder.examples(texts)


def _short(text: str) -> str:
    words = text.split()
    return " ".join(words[:8]) + (" ..." if len(words) > 8 else "")  # noqa: PLR2004 - enough to recognise it by
