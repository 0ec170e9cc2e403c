"""One spelling for words that are written in two ways, so that a British and an American writer are read alike."""

from __future__ import annotations

import re

# The endings of the shipped bank are kept: -ise, -our, -re, -ogue, and a doubled l.
_IZE = re.compile(
    r"\b(?!(?:re|right|over|under|out|down|up|mid|super)?siz|(?:ap)?priz|seiz|capsiz|maiz|citiz|baiz|assiz)"
    r"(\w{3,})iz(e|es|ed|er|ers|ing|ation|ations|ational|able)\b",
    re.IGNORECASE,
)
_YZE = re.compile(r"\b(\w*(?:anal|cataly|paral))yz(e|es|ed|er|ers|ing)\b", re.IGNORECASE)
_OR = re.compile(
    r"\b((?:un|dis|mis)?(?:behavi|col|fav|flav|harb|hon|hum|lab|neighb|rum|endeav|arm|cand|clam|ferv|od|parl|rig|sav|"
    r"splend|tum|val|vap|vig))or(s|ed|ing|able|ably|al|ally|ite|ites|hood|hoods|ful|less)?\b",
    re.IGNORECASE,
)
_DOUBLED = re.compile(
    r"\b((?:cance|trave|labe|mode|signa|leve|fue|tota|channe|counse|marve|pane|tunne|funne|dia|equa|jewe|quarre|riva))"
    r"l(ed|ing|er|ers)\b",
    re.IGNORECASE,
)
_WORDS = {
    "center": "centre",
    "centered": "centred",
    "kilometer": "kilometre",
    "liter": "litre",
    "theater": "theatre",
    "fiber": "fibre",
    "caliber": "calibre",
    "catalog": "catalogue",
    "cataloged": "catalogued",
    "dialog": "dialogue",
    "analog": "analogue",
    "monolog": "monologue",
    "defense": "defence",
    "offense": "offence",
    "licence": "license",
    "pretense": "pretence",
    "practise": "practice",
    "practised": "practiced",
    "practising": "practicing",
    "programme": "program",
    "gray": "grey",
    "fulfill": "fulfil",
    "fulfills": "fulfils",
    "fulfillment": "fulfilment",
    "enroll": "enrol",
    "enrollment": "enrolment",
    "installment": "instalment",
    "skillful": "skilful",
    "willful": "wilful",
    "mold": "mould",
    "plow": "plough",
    "skeptic": "sceptic",
    "skeptical": "sceptical",
    "skepticism": "scepticism",
    "aging": "ageing",
    "judgment": "judgement",
    "acknowledgment": "acknowledgement",
    "artifact": "artefact",
    "aluminum": "aluminium",
    "learnt": "learned",
    "whilst": "while",
    "amongst": "among",
    "toward": "towards",
    "afterward": "afterwards",
    "maneuver": "manoeuvre",
}
_PLURAL = {f"{one}s": f"{other}s" for one, other in _WORDS.items() if not one.endswith(("s", "ed", "ing", "st"))}
_TABLE = {**_WORDS, **_PLURAL}
_LISTED = re.compile(rf"\b(?:{'|'.join(sorted(_TABLE, key=len, reverse=True))})\b", re.IGNORECASE)


def one_spelling(text: str) -> str:
    """The text with both spellings of a word made one; capitals at the start of a word are kept."""
    text = _IZE.sub(r"\1is\2", text)
    text = _YZE.sub(r"\1ys\2", text)
    text = _OR.sub(r"\1our\2", text)
    text = _DOUBLED.sub(r"\1ll\2", text)
    return _LISTED.sub(_listed, text)


def _listed(match: re.Match[str]) -> str:
    word = match.group()
    other = _TABLE[word.lower()]
    return other.capitalize() if word[0].isupper() else other
