"""Text that a person does not see and a program reads."""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from itertools import pairwise

from evaluator.domain import Evidence
from evaluator.honesty.spans import Span, joined, mixed_words

_MIN_BASE64 = 60
_PRINTABLE_SHARE = 0.9
_FIRST_JOINING_SCRIPT = 0x0590  # Hebrew, Arabic, Indic: joiners and direction marks are spelling there
_HARMLESS = frozenset("\u00ad\ufeff")  # soft hyphens and the mark of a file's start come along with a copy from a page
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
_JOINERS = frozenset("\u200c\u200d\u200e\u200f")
_MARKUP = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|^\[[^\]\n]*\]:\s*(?:\#|<>).*$"  # comments of Markdown
    r"|!\[[^\[\]\n]{40,}\]\([^()\n]*\)"  # a picture that is not there, and the words in its place
    r"|\]\([^()\s]*\s+\"[^\"\n]*\"\)"  # the title of a link
    r"|<(?P<tag>[a-z][a-z0-9]*)\b(?:[^<>]*?(?:"
    r"(?<![\w-])color\s*[:=]\s*[\"']?(?:\#fff(?:fff)?\b|white\b|transparent\b|rgba?\(\s*255\s*,\s*255\s*,\s*255)"
    r"|font-size\s*:\s*(?:0(?:\.[0-3]\d*)?(?![.\d])|1p[xt]\b)|display\s*:\s*none|visibility\s*:\s*hidden"
    r"|opacity\s*:\s*0(?![.\d]))"
    r"|(?:[^<>\"']|\"[^\"<>]*\"|'[^'<>]*')*?\shidden(?=[\s/>=]))[^<>]*>(?:.*?</(?P=tag)\s*>)?"
    r"|\\(?:text)?color\s*\{\s*white\s*\}.*?(?:\\(?:normal)?color\b|\n\s*\n|\Z)",
    re.IGNORECASE | re.DOTALL | re.MULTILINE,
)
_MAY_HOLD_MARKUP = re.compile(r"[<\[\\]")
_BASE64 = re.compile(rf"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{{{_MIN_BASE64},}}={{0,2}}")


def hidden_passages(text: str) -> tuple[Evidence, ...]:
    """Invisible and direction-changing characters, disguised words, comments, invisible styles, long base64."""
    return joined([*hidden_blocks(text), *_invisible(text), *mixed_words(text)], text)


def hidden_blocks(text: str) -> list[Span]:
    """Passages that only a program reads: comments, invisible styles, base64 that holds text, runs of tag letters."""
    blocks = [found.span() for found in _MARKUP.finditer(text)] if _MAY_HOLD_MARKUP.search(text) else []
    blocks += [found.span() for found in _BASE64.finditer(text) if _holds_text(found[0])]
    return blocks


def _holds_text(code: str) -> bool:
    try:
        letters = code.rstrip("=")
        data = base64.b64decode(letters[: len(letters) // 4 * 4])
    except (ValueError, binascii.Error):
        return False
    return sum(32 <= byte < 127 for byte in data) >= _PRINTABLE_SHARE * len(data)  # noqa: PLR2004 - printable ASCII


def _invisible(text: str) -> list[Span]:
    if text.isascii():
        return []
    places = [index for index, character in enumerate(text) if not character.isascii() and _is_hidden(text, index)]
    spans = [(index, index + 1) for index in places]
    # Characters that alternate with hidden ones are one passage: "e.v.e.r.y" with something invisible for each dot.
    return spans + [(a, b) for a, b in pairwise(places) if b - a <= 3]  # noqa: PLR2004


def _is_hidden(text: str, index: int) -> bool:
    character = text[index]
    if character in _HARMLESS:
        return False
    if character in _BLANKS:
        return True
    if "\ufe00" <= character <= "\ufe0f":
        return index == 0 or not _is_symbol(text[index - 1])
    if "\U000e0100" <= character <= "\U000e01ef":
        return True
    if character in _JOINERS:
        return not any(_is_symbol(side) or _joins(side) for side in _around(text, index))
    return unicodedata.category(character) == "Cf"


def _around(text: str, index: int) -> list[str]:
    return [side for side in (text[index - 1 : index], text[index + 1 : index + 2]) if side and side not in _JOINERS]


def _joins(character: str) -> bool:
    return ord(character) >= _FIRST_JOINING_SCRIPT and unicodedata.category(character)[0] in "LM"


def _is_symbol(character: str) -> bool:
    wide = unicodedata.category(character) in ("So", "Sk", "Sm") and not character.isascii()
    return wide or character == "\ufe0f" or character in "#*0123456789"
