"""Words that carry content, cut to stems, and how rare they are among the examples of a rubric."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

from evaluator.judges.embedded.segments import words
from evaluator.judges.embedded.spelling import one_spelling

Stems = frozenset[str]

_STOP = frozenset(
    "a an the of to and or in on at for from by with as is are was were be been it its that this these those they "
    "them their he she his her you your i we our us me my so if then than but not no do does did done have has "
    "had will would can could may might should there here what which who when where how all any each every some "
    "one two more most very just also only own same such into out up down over under about after before again".split()
)
_ENDINGS = ("ing", "ies", "ed", "es", "s", "ly")
_SHORTEST = 3


def stems(text: str) -> Stems:
    """The content words of a text in one spelling, without the common endings."""
    return frozenset(_stem(word) for word in words(one_spelling(text)) if word not in _STOP and len(word) >= _SHORTEST)


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            return word[: -len(ending)]
    return word


class Rarity:
    """How rare a stem is among some texts; a stem that occurs nowhere is the rarest."""

    def __init__(self, texts: Iterable[Stems]) -> None:
        held = list(texts)
        self._count = Counter(stem for text in held for stem in text)
        self._size = len(held)

    def __call__(self, stem: str) -> float:
        """Logarithm of the inverse share of texts with the stem."""
        return math.log((self._size + 1) / (self._count[stem] + 0.5))

    def shared(self, text: Stems, vocabulary: Stems) -> float:
        """Share (0 to 1) of the weight of a text's stems that lie in the vocabulary."""
        total = sum(sorted(self(stem) for stem in text))
        return sum(sorted(self(stem) for stem in text & vocabulary)) / total if total > 0 else 0.0
