"""The words by which the parts of an article are told apart."""

from __future__ import annotations

import re

from evaluator.domain import Level

NUMBERED = re.compile(
    r"^(?:\((\d{1,3})\)|#(\d{1,3})[.:)]?|(\d{1,3})(?:[.):]|\s[-\u2013\u2014]))(?:\s+(?=\S)|(?=[^\W\d]|"
    r"[\"\u201c\u00bf]))"
)
"""A number in front of a line: "12. ", "12) ", "(12) ", "#12 ", "12: ", "12 - ", and "12." stuck to the first word."""

QUESTION_LABEL = re.compile(
    r"^(?:Q|Qn?|Question|Interview question)\s*\.?\s*#?(\d{1,3})?\s*(?:[.:)\]]|\s[-\u2013\u2014])\s*(?=\S)",
    re.IGNORECASE,
)
"""'Q:', 'Q7.', 'Question 7:' in front of a question."""

ANSWER_LABEL = re.compile(
    r"^(?:(?:A|Ans)(?:\s?\d{1,3})?\s*[.:)](?:\s|$)|(?:(?:sample|example|model|suggested|possible|"
    r"expected|good|strong|ideal|best)"
    r"\s+)?(?:answer|response)(?:\s+\d{1,3})?\s*(?::|\s[-\u2013\u2014]\s|$))\s*",
    re.IGNORECASE,
)
"""'A:', 'Answer:', 'Sample answer:' in front of an answer, or alone on a line."""

SENTENCE_END = re.compile(r"[.?!:;\u2026\u3002\uff1f\uff01\u061f][\"'\u2019\u201d)\]*_]*$")
FULL_STOP = re.compile(r"[.?!\u2026\u3002\uff1f\uff01\u061f][\"'\u2019\u201d)\]*_]*$")
_ASKS = re.compile(r"[?\uff1f\u061f][\"'\u2019\u201d)\]*_]*(?:\s*\([^)]*\)\.?)?$|\u304b\u3002?$")
_ASKS_INSIDE = re.compile(r"[?\uff1f\u061f][\"'\u2019\u201d)\]]*(?=\s)")

_OPENS = re.compile(
    r"^[\W_]*(?:how|what(?:'s)?|why|when|where|which|who|whose|describe|explain|discuss|tell (?:me|us)|"
    r"walk (?:me|us|through)|talk (?:me|us|about|through)|take (?:me|us) through|give (?:me|us|an example)|"
    r"share (?:an?|your|the)|imagine|suppose|outline|convince (?:me|us)|"
    r"(?:in|at|on|for|if|as|given|think of|recall|name|provide|present|sketch)\b.*\byou(?:r|'ve|'d)?)\b",
    re.IGNORECASE,
)

_WH = re.compile(r"^[\W_]*(?:how|what|why|when|where|which|who)", re.IGNORECASE)

_CLOSING = re.compile(
    r"^(?:in )?(?:conclusions?|concluding|closing|final (?:thoughts|words|tips|remarks)|"
    r"wrap(?:ping)?[ -]?(?:it )?up|summary|to sum up|"
    r"key takeaways?|takeaways|(?:the )?bottom line|parting|about the authors?|authors?|references|"
    r"sources|further reading|"
    r"next steps|ready to|want to|fazit|conclusi[o\u00f3]n|conclusione|schluss)\b",
    re.IGNORECASE,
)
_RELATED_HEADING = re.compile(
    r"^(?:related|recommended|you (?:may|might) (?:also )?(?:like|enjoy)|more (?:from|like|on|articles|posts)|"
    r"(?:popular|latest|recent|trending|similar) (?:posts|articles|stories|reads)|comments|"
    r"leave a (?:reply|comment)|share this|"
    r"newsletter|subscribe|table of contents|contents|tags|categories)\b",
    re.IGNORECASE,
)
_HEADING_WORD = re.compile(
    r"\b(?:questions?|answers?|interview|section|part|chapter|level|faqs?|basics?|foundational|"
    r"fundamentals?|intermediate|advanced|bonus|"
    r"practice|beginner|expert|introduction|overview|fragen|preguntas|domande)\b",
    re.IGNORECASE,
)

_QUESTIONS_WORD = re.compile(r"\b(?:questions?|interview|section|level|part)\b", re.IGNORECASE)

_SKIPPED = (
    (
        "related link",
        re.compile(
            r"^(?:related(?: (?:articles?|posts?|reading|reads?|links?|stories|topics?|questions?|"
            r"content|resources?))?|(?:also|must) "
            r"(?:read|see|check)|read (?:also|more|next)|see also|more (?:reading|to read)|"
            r"further reading|recommended(?: reading)?|"
            r"you (?:may|might) also (?:like|enjoy)|continue reading|up next|don't miss|check (?:out|"
            r"this)|learn more|"
            r"lesen sie auch|lee tambi\u00e9n|\u00e0 lire aussi)\s*(?::|-|\u2013|\u2014|$|\u00bb|>)",
            re.IGNORECASE,
        ),
    ),
    (
        "advertisement",
        re.compile(
            r"^\W*(?:advertisements?|ads?|sponsored(?: (?:content|post|links?|by\b.*))?|"
            r"promoted(?: content)?|promotion|anzeige|publicidad|"
            r"publicit\u00e9)\W*$|^(?:advertisement|sponsored|promoted|ad)\s*[:\u2013\u2014-]|"
            r"^(?:subscribe (?:to|now|for)|sign up (?:for|now|to|today)|join our (?:newsletter|"
            r"community|mailing)|follow us (?:on|at)|"
            r"click here|enrol?l (?:in|now|today)|download (?:our|the|your) free|get (?:our|"
            r"your) free|buy now|shop now|"
            r"ready to\b[^?]*\?\s*(?:explore|enrol?l|join|sign|start|check|try|book|get|download)|"
            r"(?:explore|browse|discover) our\b.*\b(?:courses?|programs?|services|products|catalog))",
            re.IGNORECASE,
        ),
    ),
    (
        "advice to the reader",
        re.compile(r"^(?:(?:pro[- ]?)?tip|why (?:they|interviewers|employers) ask(?: this)?)\s*:\s", re.IGNORECASE),
    ),
    ("link", re.compile(r"^(?:https?://|www\.)\S+$", re.IGNORECASE)),
    (
        "page furniture",
        re.compile(
            r"^(?:page\s+\d+(?:\s*(?:of|/)\s*\d+)?|\d+\s*(?:of|/)\s*\d+|share (?:this|on)\b.{0,60}|"
            r"tweet|pin it|print this page|"
            r"(?:last |first )?(?:updated|published|posted|reviewed)(?: on|:|"
            r" on:)\s.{0,40}\d{4}.{0,40}|\d+ min(?:ute)?s? read|back to top|"
            r"image (?:credit|source):.*|photo(?: by|:).*|copyright\b.*|\u00a9.*|"
            r"all rights reserved.*|[-_=*#~.\s\u2013\u2014]+)$",
            re.IGNORECASE,
        ),
    ),
)
_ASIDE = re.compile(
    r"^(?:why (?:they|interviewers?|employers?|we|you're|this|it)\b.{0,40}(?:ask|matter|works?)\w*|"
    r"what (?:they|interviewers?|we|i)\b.{0,30}"
    r"(?:look|listen|want)\w*.*|how to answer.*|(?:pro[- ])?tips?\b.{0,30}|"
    r"follow[- ]?ups?(?: questions?)?|interviewer(?:'s)? notes?)\s*[:?]?$",
    re.IGNORECASE,
)

_SHORT = 40
"""Words. A "Related:" line or an advertisement is no longer; a sentence of an answer that starts so may be."""

_LEVELS: tuple[tuple[Level, str], ...] = (
    (
        "foundational",
        "foundational foundation foundations fundamental fundamentals basic basics beginner beginners entry",
    ),
    ("intermediate", "intermediate medium mid-level"),
    ("advanced", "advanced expert experts"),
    ("bonus", "bonus practice"),
    ("foundational", "general role-specific warm-up core common easy junior"),
    ("intermediate", "technical moderate experienced"),
    ("advanced", "hard difficult complex senior-level scale strategic"),
    ("bonus", "extra additional drills exercises"),
)
"""Words of a heading that give the level; the first half goes before the second, which says it less surely."""


def is_question(text: str) -> bool:
    """Whether a line asks: it ends in a question mark, or opens as a question or a request does."""
    plain = text.replace("\u2019", "'")
    return bool(_ASKS.search(plain) or _OPENS.match(plain))


def ends_asking(text: str) -> bool:
    """Whether a line ends in a question mark."""
    return _ASKS.search(text) is not None


def is_asking_heading(text: str) -> bool:
    """Whether a heading is a question: "What to expect" opens as one and is none."""
    plain = text.replace("\u2019", "'")
    return ends_asking(text) or (_OPENS.match(plain) is not None and _WH.match(plain) is None)


def question_end(text: str) -> int:
    """Where the question ends in a line that holds its answer too; the length of the line where it holds none."""
    end = 0
    for found in _ASKS_INSIDE.finditer(text):
        between = text[end : found.end()]
        # "How do you plan? And why so? I start with ...": the answer starts after the last sentence in a row that asks.
        if end and re.search(r"[.!]\s", between):
            break
        end = found.end()
    return end or len(text)


def skip_reason(text: str) -> str:
    """Why a line is no part of an article ("related link", "advertisement", ...), or ""."""
    plain = text.replace("\u2019", "'")
    if len(plain.split()) > _SHORT:
        return ""
    return next((reason for reason, pattern in _SKIPPED if pattern.search(plain)), "")


def is_closing(heading: str) -> bool:
    """Whether a heading starts the end of an article."""
    return _CLOSING.match(heading.strip(" *_#:")) is not None


def is_related(heading: str) -> bool:
    """Whether what stands under a heading leads away from the article: links, comments, contents."""
    return _RELATED_HEADING.match(heading.strip(" *_#:").replace("\u2019", "'")) is not None


def is_aside(heading: str) -> bool:
    """Whether a heading inside a question opens something else than its answer, such as why it is asked."""
    return _ASIDE.match(heading.replace("\u2019", "'")) is not None


def has_heading_word(text: str) -> bool:
    """Whether a short line holds a word that headings of question lists have."""
    return _HEADING_WORD.search(text) is not None


def heads_questions(text: str) -> bool:
    """Whether a short line names a level and says that questions follow ("Advanced questions")."""
    return level_in(text) is not None and _QUESTIONS_WORD.search(text) is not None


def level_in(heading: str) -> Level | None:
    """The level that a heading names, or None."""
    words = set(re.findall(r"[a-z]+(?:-[a-z]+)*", heading.lower()))
    return next((level for level, known in _LEVELS if words & set(known.split())), None)
