"""Turns statements about an answer ("The answer gives each action an owner.") into sentences to its writer."""

from __future__ import annotations

import re

_SUBJECT = "The answer "
_IRREGULAR = {"has": "have", "does": "do", "goes": "go", "is": "are", "was": "were"}
_KEEP_IE = frozenset({"ties", "dies", "lies"})
_NO_VERB = frozenset({"does", "can", "cannot", "is", "was", "never", "must", "should", "will", "may"})
_ADVERBS = frozenset({"always", "first", "also", "then", "often", "either", "both"})
# A second verb ("puts one person in command and gives ..."), recognised by the article or pronoun after it.
_COORDINATED = re.compile(
    r"\b(and|or|but|then) ([a-z]{2,}s) (?=(?:the|a|an|its|their|each|every|it|them|those|people|others)\b)"
)
# In a clause that begins with one of these, a verb has another subject and keeps its ending.
_CLAUSE = re.compile(r"\b(?:that|which|who|whom|where|when|what|how|if|whether|because|so|while)\b")
_NOUNS_IN_S = frozenset({"this", "its", "less", "business", "process", "access", "others", "is", "was", "as"})


def not_said(point: str) -> str:
    """What the writer does not say, for a point that is not met.

    "The answer puts one person in command." becomes "You do not put one person in command."; where that cannot be
    done safely, the point is quoted.
    """
    spoken = _second_person(point)
    if spoken is None:
        return f"Not found: {point[:1].lower()}{point[1:]}"
    return f"You do not {spoken}"


def said(point: str) -> str:
    """What the writer does say, for a statement that is met: "You put one person in command."."""
    spoken = _second_person(point)
    return point if spoken is None else f"You {spoken}"


def _second_person(point: str) -> str | None:
    """The predicate in the second person, or None where the subject or the verb is not of the usual form."""
    if not point.startswith(_SUBJECT):
        return None
    head, _, rest = point[len(_SUBJECT) :].partition(" ")
    adverb = ""
    if head.endswith("ly") or head in _ADVERBS:
        adverb = f"{head} "
        head, _, rest = rest.partition(" ")
    if not rest or head in _NO_VERB or not re.fullmatch(r"[a-z]+(?:-[a-z]+)?s", head):
        return None
    clause = _CLAUSE.search(rest)
    own = len(rest) if clause is None else clause.start()
    return f"{adverb}{_plain(head)} {_COORDINATED.sub(_coordinated, rest[:own])}{rest[own:]}"


def _coordinated(match: re.Match[str]) -> str:
    joint, verb = match.groups()
    return f"{joint} {verb if verb in _NOUNS_IN_S else _plain(verb)} "


def _plain(verb: str) -> str:
    """The verb without the ending of the third person."""
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if verb.endswith("ies") and verb not in _KEEP_IE:
        return verb[:-3] + "y"
    if verb.endswith(("sses", "shes", "tches", "aches", "xes", "zzes")) and verb != "caches":
        return verb[:-2]
    return verb[:-1]
