"""Near copies among the answers of a cohort, by the runs of three words that they share.

An answer is kept as the sorted hashes of its runs, four bytes each. Its few smallest hashes are a sample that equal
texts draw alike; answers whose samples agree in some are compared run by run. So the time grows with the number of
answers and not with the number of pairs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from itertools import chain, islice

import numpy as np
import numpy.typing as npt

NEAR = 0.7
"""Least share of runs of words that two answers have in common to be called copies."""

MIN_RUNS = 12
"""Answers with fewer runs of three words are not compared: everybody says "I do not know"."""

_RUN = 3
_SAMPLE = 16
_AGREED = 3
"""Copies agree in about three quarters of their samples, strangers in a phrase of the trade."""

_COMPARED = 8
"""Of many answers with the same phrase, the first few stand for all."""

_BLOCK = 500
_WORD = re.compile(r"\w+")
_HALF = np.uint64(32)
_MIX = tuple(np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xD6E8FEB86659FD93))

Hashes = npt.NDArray[np.uint32]
Numbers = npt.NDArray[np.int64]
Written = tuple[str, str | None, str]
"""What an answer is called, who wrote it (None: nobody knows), and its text."""


def near_copies(answers: Iterable[Written]) -> dict[str, str]:
    """Answers that are near copies of an earlier one by somebody else.

    Args:
        answers: In order, those to be compared with each other.

    Returns:
        By the name of an answer, the name of the earlier one that is most alike (of equals the first).
    """
    kept = _Kept(answers)
    found: dict[int, tuple[float, int]] = {}
    for later, earlier in kept.pairs():
        best = found.get(later, (0.0, 0))
        if best[0] < 1:
            share = kept.share(later, earlier)
            if share >= NEAR and share > best[0]:
                found[later] = share, earlier
    return {kept.names[later]: kept.names[earlier] for later, (_, earlier) in found.items()}


class _Kept:
    """The hashes of all answers that are long enough, one after the other; answer n has those up to `ends[n]`."""

    def __init__(self, answers: Iterable[Written]) -> None:
        self.names: list[str] = []
        self._owners: list[int] = []
        self._people: dict[str, int] = {}
        words, given, parts, sizes = _Words(), iter(answers), [], []
        while block := list(islice(given, _BLOCK)):
            hashes, counts = _hashes(self._long_enough(block), words)
            parts.append(hashes)
            sizes.append(counts)
        self._hashes: Hashes = np.concatenate(parts) if parts else np.empty(0, np.uint32)
        self._sizes: Numbers = np.concatenate(sizes) if sizes else np.empty(0, np.int64)
        self._ends: Numbers = np.cumsum(self._sizes)

    def _long_enough(self, block: list[Written]) -> Iterator[list[str]]:
        for name, owner, text in block:
            words = _WORD.findall(text.casefold())
            if len(words) >= MIN_RUNS + _RUN - 1:
                known = self._people.setdefault(owner, len(self._people)) if owner is not None else -1 - len(self.names)
                self.names.append(name)
                self._owners.append(known)
                yield words

    def pairs(self) -> Iterator[tuple[int, int]]:
        """A later and an earlier answer that are worth a comparison, in order; never two of the same person."""
        place = (self._ends - self._sizes)[:, None] + np.arange(_SAMPLE)
        who, _ = np.nonzero(place < self._ends[:, None])
        sample = self._hashes[place[place < self._ends[:, None]]]
        order = np.argsort(sample, kind="stable")
        sample, who, at = sample[order], who[order], np.arange(len(order))
        new = np.ones(len(order), bool)
        new[1:] = sample[1:] != sample[:-1]
        first = np.maximum.accumulate(np.where(new, at, 0)) if len(at) else at
        count = max(len(self.names), 1)
        made = []
        for step in range(_COMPARED):
            later = at[first + step < at]
            made.append(who[later] * count + who[first[later] + step])
        both, agreed = np.unique(np.concatenate(made), return_counts=True)
        owners = np.array(self._owners, np.int64)
        lefts, rights = np.divmod(both, count)
        # One word over and over is a single run.
        other = (agreed >= np.minimum(_AGREED, self._sizes[lefts])) & (owners[lefts] != owners[rights])
        return zip(lefts[other].tolist(), rights[other].tolist(), strict=True)

    def share(self, one: int, other: int) -> float:
        """The part of the runs of both that they have in common, 0 to 1."""
        mine, theirs = self._of(one), self._of(other)
        if min(len(mine), len(theirs)) < NEAR * max(len(mine), len(theirs)):
            return 0.0
        common = len(np.intersect1d(mine, theirs, assume_unique=True))
        return common / (len(mine) + len(theirs) - common)

    def _of(self, number: int) -> Hashes:
        end = self._ends[number]
        return self._hashes[end - self._sizes[number] : end]


def _hashes(texts: Iterable[list[str]], words: _Words) -> tuple[Hashes, Numbers]:
    """The different hashes of each text's runs, sorted, and how many each has; in one go, as numpy is slow to start."""
    given = list(texts)
    lengths = [len(text) for text in given]
    numbers = np.fromiter(map(words.__getitem__, chain.from_iterable(given)), np.uint64, sum(lengths))
    which = np.repeat(np.arange(len(given), dtype=np.uint64), lengths)
    runs = numbers[:-2] * _MIX[0] + numbers[1:-1] * _MIX[1] + numbers[2:]
    runs = (runs ^ (runs >> _HALF)) * _MIX[2]
    within = which[:-2] == which[2:]
    both = np.sort((which[:-2] << _HALF | runs >> _HALF)[within])
    new = np.ones(len(both), bool)  # np.unique takes ten times as long
    new[1:] = both[1:] != both[:-1]
    both = both[new]
    return both.astype(np.uint32), np.bincount((both >> _HALF).astype(np.int64), minlength=len(given))


class _Words(dict[str, int]):
    """A number for each word, the same in every process."""

    def __missing__(self, word: str) -> int:
        made = int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
        self[word] = made
        return made
