"""Decides whether a text can be judged at all: long enough, prose, and English, the one language of the encoder."""

from __future__ import annotations

import re

from evaluator.errors import JudgeError
from evaluator.judges.embedded.segments import words

MIN_WORDS = 4
# Only the beginning is looked at: the language of a text shows in its first words.
_LOOK_AT = 6000
_MIN_LETTERS = 0.5
_MIN_LATIN = 0.7
_ENOUGH_WORDS = 25
_MIN_ENGLISH = 0.03
_MAX_FOREIGN = 0.15
# A text is a list of keywords where it has hardly any function words; or few of them and a stop or a comma after every
# second or third word. Of the labelled answers in notes none has less than 0.18 or 2.9; of the lists of keywords in
# tests/hostile all but one have less than 0.26 and 2.7.
_LISTED_WORDS = 20
_BARE = 0.1
_SPARSE = 0.28
_CHOPPED = 2.75
_PARTS = re.compile(r"[,/;:!?.|#\u2026\n]+")
_ENGLISH = frozenset(
    "the of and to a in that is was for it on with as at by this we i you they be are have had has not or an from "
    "our my were been their which who what when so if but can will would there then them all each every one up "
    "out no do did how than more into its your his her us me about only also because after before".split()
)
_LINKING = frozenset(
    "he she it that there who everyone everybody nobody somebody anyone people is are was were been has had does did "
    "can could will would must should may might gets get when which then so before after".split()
)
# Function words of French, Spanish, Portuguese, Italian, German, Dutch, Polish, Swedish, Turkish and Indonesian that
# are no English words.
_FOREIGN = frozenset(
    "le la les des une du et est que qui dans pour sur avec nous vous ils elle sont pas plus cette mais ou au aux "
    "el los las una y en del por con para como pero lo se su sus nuestro o os um uma e do da dos das na nos em "
    "com mais il gli di della che non per sono anche nel der die das und ist nicht ein eine den dem mit von zu "
    "wir ich sie auf im auch wird haben het een van dat niet op te zijn wij ook voor nie jest na z w do sie ze "
    "och att det som en ar vi har inte ve bir bu da yang dan untuk dengan ini itu kami tidak".split()
) - frozenset("a in on is was do die den war me as so no i plus pour par per con com van mit en est du".split())
_CODE_LINE = re.compile(
    r"^\s*(?:def |class |import |from \w+ import|return\b|for .*:$|if .*:$|#include|public |private |const |let |var |"
    r"function\b|SELECT\b|[{}\[\]();]+\s*$|.*[({=].*[;{]\s*$|^[})]+;?\s*$|\w+\s*=[^=]|<[^>]+>\s*$|\s*//|@\w+)"
)


def admit(text: str) -> None:
    """Let a text pass that can be judged.

    Raises:
        JudgeError: it cannot; the reason is "empty", "no_prose", "too_short" or "not_english".
    """
    if not text.strip():
        raise JudgeError("empty", "The answer is empty.", "Write an answer and grade it again.")
    start = text[:_LOOK_AT]
    if not _is_prose(start):
        raise JudgeError(
            "no_prose", "The answer holds no prose: only symbols, numbers or code.", "Answer in sentences."
        )
    if not _is_latin(start):
        raise _not_english()
    found = words(start)
    if len(found) < MIN_WORDS:
        raise JudgeError(
            "too_short",
            f"The answer has {len(found)} words; the embedded judge needs at least {MIN_WORDS}.",
            "Write a few sentences.",
        )
    if not _is_english(found):
        raise _not_english()


def is_keyword_list(text: str) -> bool:
    """Whether a text names things and says nothing about them."""
    found = words(text)
    if len(found) < _LISTED_WORDS:
        return False
    linking = sum(word in _ENGLISH or word in _LINKING for word in found) / len(found)
    parts = sum(bool(words(part)) for part in _PARTS.split(text))
    return linking < _BARE or (linking < _SPARSE and len(found) < _CHOPPED * parts)


def _not_english() -> JudgeError:
    return JudgeError(
        "not_english",
        "The answer does not seem to be in English, the only language of the embedded judge.",
        "Answer in English, or choose another judge with --judge.",
    )


def _is_prose(text: str) -> bool:
    visible = [character for character in text if not character.isspace()]
    letters = sum(character.isalpha() for character in visible)
    return letters >= _MIN_LETTERS * len(visible) and any(
        words(line) and not _CODE_LINE.match(line) for line in text.splitlines()
    )


def _is_latin(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    return sum(character < "\u0250" for character in letters) >= _MIN_LATIN * len(letters)


def _is_english(found: list[str]) -> bool:
    """By the share of function words; notes without any are given the benefit of the doubt."""
    english = sum(word in _ENGLISH for word in found) / len(found)
    foreign = sum(word in _FOREIGN and word not in _ENGLISH for word in found) / len(found)
    if foreign > _MAX_FOREIGN and foreign > english:
        return False
    return len(found) < _ENOUGH_WORDS or english >= _MIN_ENGLISH
