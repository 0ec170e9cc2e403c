"""Ids of questions, made from their words alone, so that the same question always gets the same id."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection

from evaluator.bank import WINDOWS_NAMES

MAX_WORDS = 5
MAX_LENGTH = 32
"""Characters. A list of questions must fit a terminal of 80 columns."""

_RESERVED = WINDOWS_NAMES | {"themes", "scale"}
"""Names of other files of a bank, and names that Windows keeps for itself."""

_COMMON = frozenset(
    (
        "a about above across after again against ago all already also although always am among an and "
        "another any anybody anything approach are aren arent around as ask at away back be became because "
        "become been before behind being below best better between big both bring bringing brought but by "
        "came can cannot cant come company could couldn couldnt creating d decide deciding describe did didn "
        "didnt different discuss do does doesn doesnt doing don done dont down during e each effective "
        "effectively either else engineering enough ensure ensuring etc even ever every everybody everyone "
        "example experience explain far few first for framework from g gave get getting give given go goes "
        "going gone good great had handle has hasnt have haven havent having he help her here him his how "
        "however i ie if imagine important in include including instead interview into is isn isnt it its "
        "itself just keep keeping kind know leave leaves led let lets like ll long look lot m made make makes "
        "making manage managing many may me mean mechanisms might more most moved much must my name need "
        "needed needs never new no nobody nor not nothing now of off often on once one only onto or org other "
        "our ourselves out outline over own particular people perhaps personally philosophy playbook please "
        "prefer put question questions rather re really recall role run s said same say see set share should "
        "shouldn shouldnt show situation so some somebody someone something stay stays still strategy such "
        "sure t take talk team teams tell tells term than that the their them then there these they theyre "
        "thing things think this those though through time to together too took toward towards two typical "
        "typically under until up upon us use used using usually ve versus very via vs walk want was wasn "
        "wasnt way ways we well went were weren werent what whats when where whether which while who whole "
        "whom whose why wide will with within without wont work worked working would wouldn wouldnt yes yet "
        "you youd your youre yourself youve"
    ).split()
)
"""Words that hardly any question of an interview does without."""


def question_id(text: str, taken: Collection[str] = ()) -> str:
    """At most five telling words of a question in kebab case, or a digest where its script has no Latin letters.

    `taken` are ids that other questions have: a number is added until the id is none of them.
    """
    base = _base(text)
    wanted, number = base, 1
    while wanted in taken or wanted in _RESERVED:
        number += 1
        wanted = f"{base}-{number}"
    return wanted


def _base(text: str) -> str:
    bare = re.sub(r"\([^()]*\)", " ", text.replace("\u2019", "'"))
    every = _words(bare) or _words(text)
    telling = list(dict.fromkeys(word for word in every if not set(word.split("-")) <= _COMMON and len(word) > 1))
    words = telling or list(dict.fromkeys(every))
    letters = sum(c.isalpha() for c in (bare if _words(bare) else text))
    if not words or sum(map(len, every)) * 2 < letters:
        return "question-" + hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:8]
    chosen = ""
    for word in words:
        longer = f"{chosen}-{word}" if chosen else word
        if len(longer) > MAX_LENGTH or longer.count("-") >= MAX_WORDS:
            break
        chosen = longer
    return chosen or words[0][:MAX_LENGTH].strip("-")


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold().replace("\u00df", "ss"))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    plain = re.sub(r"'s\b|'", "", plain)
    return re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)*", plain)
