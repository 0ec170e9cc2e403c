"""Near copies among the answers of a cohort, by MinHash over runs of words.

An answer is kept as 128 numbers. Two answers agree in about as many of them as they share runs of three words, and
answers that agree in one of 32 groups of four are compared. So the time grows with the number of answers and not with
the number of pairs, and the texts need not be kept.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from itertools import islice

import numpy as np
import numpy.typing as npt

NEAR = 0.7
"""Least share of runs of words that two answers have in common to be called copies."""

MIN_RUNS = 12
"""Answers with fewer runs of three words are not compared: everybody says "I do not know"."""

_SIZE = 128
_ROWS = 4
_RUN = 3
_COMPARED = 8
_WORD = re.compile(r"\w+")
_RANDOM = np.random.default_rng(20_261)
_FACTORS = _RANDOM.integers(1, 2**63, _SIZE, dtype=np.uint64) | np.uint64(1)
_OFFSETS = _RANDOM.integers(0, 2**63, _SIZE, dtype=np.uint64)
_HALF = np.uint64(32)

Signature = npt.NDArray[np.uint32]


class Signatures:
    """Answers by what they are alike in. Those to be compared with each other go into one of these."""

    def __init__(self) -> None:
        self._kept: list[tuple[str, Signature]] = []
        self._groups: dict[tuple[int, bytes], list[int]] = {}
        self._words: dict[str, int] = {}

    def add(self, name: str, text: str, *, but: frozenset[str] = frozenset()) -> str | None:
        """Take in an answer, and say of which earlier one it is a near copy.

        Args:
            name: What the answer is called.
            text: The answer.
            but: Names that do not count, such as former answers of the same person.

        Returns:
            The name of the earlier answer that is most alike (of equals the first), or None where none is near.
        """
        signature = self._signature(text)
        if signature is None:
            return None
        keys = [(row, signature[row : row + _ROWS].tobytes()) for row in range(0, _SIZE, _ROWS)]
        alike = {n for key in keys for n in islice(self._groups.get(key, ()), _COMPARED)}
        near = [(self._share(signature, n), -n) for n in alike if self._kept[n][0] not in but]
        best = max(near, default=(0.0, 0))
        for key in keys:
            group = self._groups.setdefault(key, [])
            if len(group) < _COMPARED:  # of many copies of one text, the first few stand for all
                group.append(len(self._kept))
        self._kept.append((name, signature))
        return self._kept[-best[1]][0] if best[0] >= NEAR else None

    def _share(self, signature: Signature, number: int) -> float:
        return float(np.mean(signature == self._kept[number][1]))

    def _signature(self, text: str) -> Signature | None:
        words = [self._number(word) for word in _WORD.findall(text.casefold())]
        if len(words) < MIN_RUNS + _RUN - 1:
            return None
        numbers = np.array(words, dtype=np.uint64)
        runs = (
            numbers[:-2] * np.uint64(0x9E3779B97F4A7C15) + numbers[1:-1] * np.uint64(0xC2B2AE3D27D4EB4F) + numbers[2:]
        )
        runs = np.unique(runs ^ (runs >> _HALF))
        return np.asarray(((runs[:, None] * _FACTORS + _OFFSETS) >> _HALF).min(axis=0), dtype=np.uint32)

    def _number(self, word: str) -> int:
        known = self._words.get(word)
        if known is None:
            known = int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
            self._words[word] = known
        return known
