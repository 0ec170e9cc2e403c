"""A rubric made ready for comparing: vectors of its examples, a classifier and a vocabulary for each criterion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluator.domain import Criterion, RedFlag, Rubric
from evaluator.judges.embedded.calibration import Regime
from evaluator.judges.embedded.classifier import SentenceClassifier, fit
from evaluator.judges.embedded.encoder import Encoder, Vectors
from evaluator.judges.embedded.lexical import Rarity, Stems, stems


@dataclass(frozen=True, slots=True)
class Item:
    """One criterion or red flag made ready.

    `accept` holds the vectors of its accept examples or, where it has none, of its statement and points. `points` has
    one row per point (for a red flag: its statement). `known` says that the encoder was tuned on all its examples.
    """

    id: str
    accept: Vectors
    reject: Vectors
    points: Vectors
    classifier: SentenceClassifier
    vocabulary: Stems
    known: bool
    has_examples: bool

    @property
    def regime(self) -> Regime:
        """Which calibration applies."""
        return "shipped" if self.known else "foreign"


@dataclass(frozen=True, slots=True)
class PreparedRubric:
    """The criteria and red flags of a rubric, in rubric order, and how rare words are among their examples."""

    criteria: tuple[Item, ...]
    red_flags: tuple[Item, ...]
    rarity: Rarity

    @property
    def items(self) -> tuple[Item, ...]:
        """Criteria first, then red flags."""
        return self.criteria + self.red_flags


@dataclass(frozen=True, slots=True)
class _Texts:
    id: str
    accept: tuple[str, ...]
    reject: tuple[str, ...]
    points: tuple[str, ...]
    statement: str
    has_examples: bool


def prepare(rubric: Rubric, encoder: Encoder) -> PreparedRubric:
    """Embed a rubric's examples and fit its classifiers."""
    texts = [_texts(criterion, criterion.points) for criterion in rubric.criteria]
    texts += [_texts(flag, (flag.statement,)) for flag in rubric.red_flags]
    every = list(
        dict.fromkeys(text for item in texts for text in (*item.accept, *item.reject, *item.points, item.statement))
    )
    row = {text: index for index, text in enumerate(every)}
    vectors = encoder.without_style(encoder.examples(every))

    def pick(chosen: tuple[str, ...]) -> Vectors:
        return vectors[[row[text] for text in chosen]]

    rarity = Rarity(stems(text) for item in texts for text in (*item.accept, *item.reject))
    items = []
    for item in texts:
        other = [text for one in texts if one is not item for text in (*one.accept, *one.reject)]
        accept, reject = pick(item.accept), pick(item.reject)
        items.append(
            Item(
                id=item.id,
                accept=accept,
                reject=reject,
                points=pick(item.points),
                classifier=fit(np.concatenate([accept, pick((item.statement,))]), reject, pick(tuple(other))),
                vocabulary=frozenset().union(*(stems(text) for text in item.accept)),
                known=item.has_examples and encoder.knows((*item.accept, *item.reject)),
                has_examples=item.has_examples,
            )
        )
    return PreparedRubric(tuple(items[: len(rubric.criteria)]), tuple(items[len(rubric.criteria) :]), rarity)


def _texts(item: Criterion | RedFlag, points: tuple[str, ...]) -> _Texts:
    examples = item.examples
    accept = examples.accept or tuple(dict.fromkeys((item.statement, *points)))
    return _Texts(item.id, accept, examples.reject, points, item.statement, bool(examples.accept))
