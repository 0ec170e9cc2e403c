"""Whether a text is in English: the embedded judge reads no other language."""

from __future__ import annotations

import re

_COMMON = frozenset(
    "the of and to in is are that for you your how what with we it on as be do this by or from have".split()
)

LEAST_SHARE = 0.15
"""English text has about 0.3 of these words; German, French, Spanish, Italian and Dutch have less than 0.08."""

_LEAST_WORDS = 12


def is_english(text: str) -> bool:
    """Whether a text looks English; a text of a few words gets the benefit of the doubt."""
    words = re.findall(r"[^\W\d_]+", text.casefold())
    if len(words) < _LEAST_WORDS:
        return sum(len(word) for word in words if word.isascii()) * 2 >= sum(map(len, words))
    return sum(word in _COMMON for word in words) >= LEAST_SHARE * len(words)
