"""Measures every labelled answer against its rubric with the judge's own code: one row per criterion and red flag.

Two regimes. "shipped": the encoder that the package ships, tuned on all rubrics. "foreign": for each question an
encoder that was tuned without the examples of that question. In both, every row is measured a second time with the two
accept examples left out that are nearest to the answer ("echo" rows): some examples of the labelled questions resemble
an answer more closely than examples usually resemble what a stranger writes, and a model fitted on these alone would
expect too much likeness.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

import numpy as np
from bank import Labelled, fold_of, load_gold

from evaluator.bank import Bank, load_bank
from evaluator.domain import Criterion, RedFlag, Rubric
from evaluator.honesty import no_answer
from evaluator.judges.embedded.encoder import DIMENSIONS, Encoder, Vectors
from evaluator.judges.embedded.evidence import deciding
from evaluator.judges.embedded.features import Measure, Reading, measure, read
from evaluator.judges.embedded.flags import refused
from evaluator.judges.embedded.lexical import Rarity, stems
from evaluator.judges.embedded.prepared import prepare

Item = TypeVar("Item", Criterion, RedFlag)
LEVEL = {"missed": 0, "partial": 1, "met": 2}
ECHOES = 2


@dataclass(frozen=True)
class Row:
    """One criterion or red flag of one labelled answer."""

    question: str
    answer: str
    style: str
    item: str
    is_flag: bool
    level: int
    points: tuple[bool, ...]
    measure: Measure
    refused: bool


@cache
def bank() -> Bank:
    """The shipped bank, as the judge sees it."""
    return load_bank()


class RememberingEncoder(Encoder):
    """Never embeds a text twice: training measures the same texts again and again."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        digest = hashlib.sha256((folder / "encoder.onnx").read_bytes()).hexdigest()[:16]
        self._file = folder / f"cache-{digest}.npz"
        self._memory: dict[str, Vectors] = {}
        if self._file.exists():
            held = np.load(self._file, allow_pickle=False)
            self._memory = dict(zip(held["texts"].tolist(), held["vectors"], strict=True))

    def embed(self, texts: list[str] | tuple[str, ...]) -> Vectors:  # type: ignore[override]
        """As the parent, from memory where possible."""
        new = [text for text in dict.fromkeys(texts) if text not in self._memory]
        if new:
            self._memory.update(zip(new, super().embed(new), strict=True))
        return np.array([self._memory[text] for text in texts], np.float32).reshape(len(texts), DIMENSIONS)

    def save(self) -> None:
        """Write the memory next to the model."""
        np.savez(self._file, texts=np.array(list(self._memory)), vectors=np.array(list(self._memory.values())))


def rows_of(encoders: Path, regime: str, folds: int) -> tuple[list[Row], list[Row]]:
    """All rows of one regime, and the echo rows."""
    gold = load_gold()
    questions = sorted({answer.question for answer in gold})
    fold = fold_of(questions, folds)
    cache: dict[str, RememberingEncoder] = {}
    plain, echo = [], []
    for question in questions:
        name = "all" if regime == "shipped" else str(fold[question])
        encoder = cache.setdefault(name, RememberingEncoder(encoders / name))
        answers = [answer for answer in gold if answer.question == question]
        for first, second in measure_question(bank().rubric(question), answers, encoder):
            plain += first
            echo += second
    for encoder in cache.values():
        encoder.save()
    return plain, echo


def measure_question(rubric: Rubric, answers: list[Labelled], encoder: Encoder) -> list[tuple[list[Row], list[Row]]]:
    """Rows and echo rows of each answer to one question."""
    prepared = prepare(rubric, encoder)
    result = []
    for answer in answers:
        reading = read(answer.text, encoder, no_answer(answer.text, bank().find(rubric.question), rubric))
        plain = _rows(rubric, answer, reading, measure(prepared, reading))
        thinner = prepare(_without_echoes(rubric, reading, encoder), encoder)
        result.append((plain, _rows(rubric, answer, reading, measure(thinner, reading))))
    return result


def _rows(rubric: Rubric, answer: Labelled, reading: Reading, measures: list[Measure]) -> list[Row]:
    items: list[Criterion | RedFlag] = [*rubric.criteria, *rubric.red_flags]
    return [
        Row(
            question=answer.question,
            answer=answer.id,
            style=answer.style,
            item=item.id,
            is_flag=isinstance(item, RedFlag),
            level=LEVEL[answer.labels[item.id]],
            points=tuple(answer.points.get(item.id, ())),
            measure=one,
            refused=refused(deciding(answer.text, reading, one, second=False)[0].quote),
        )
        for item, one in zip(items, measures, strict=True)
    ]


def _without_echoes(rubric: Rubric, reading: Reading, encoder: Encoder) -> Rubric:
    """The rubric without the accept examples that the answer resembles most, by words or by vectors."""
    items = [*rubric.criteria, *rubric.red_flags]
    rarity = Rarity(stems(text) for item in items for text in (*item.examples.accept, *item.examples.reject))

    def thin(item: Item) -> Item:
        accept = item.examples.accept
        if len(accept) <= ECHOES:
            return item
        by_vector = (encoder.without_style(encoder.examples(accept)) @ reading.vectors.T).max(axis=1)
        known = [stems(text) for text in accept]
        by_word = np.array(
            [max(sum(sorted(rarity(word) for word in text & window)) for window in reading.stems) for text in known]
        )
        rank = [np.argsort(np.argsort(-score, kind="stable"), kind="stable") for score in (by_vector, by_word)]
        nearness = np.minimum(*rank) + 0.01 * (rank[0] + rank[1])
        dropped = set(np.argsort(nearness, kind="stable")[:ECHOES].tolist())
        kept = tuple(text for index, text in enumerate(accept) if index not in dropped)
        return item.model_copy(update={"examples": item.examples.model_copy(update={"accept": kept})})

    return rubric.model_copy(
        update={
            "criteria": tuple(thin(item) for item in rubric.criteria),
            "red_flags": tuple(thin(item) for item in rubric.red_flags),
        }
    )
