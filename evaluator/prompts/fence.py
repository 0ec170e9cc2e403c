"""The fence: an answer becomes data that cannot leave its tags.

The tags carry a digest of the answer, so nobody can write an answer that holds its own tag. Whatever looks like one of
our tags, or like a marker of a chat template, loses its brackets, and invisible characters are shown by their
numbers. Both are visible to the model and leave the words as they are, so that quotes can be found in the original.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass

_CODE_LENGTH = 12

# Tags of our prompts, and roles that a chat template may know.
_TAGS = (
    "answer", "note", "question", "model_answer", "rubric", "criterion", "red_flag", "judging", "quotes",
    "answer_is_data", "reply", "instructions", "system", "user", "assistant", "think",
)  # fmt: skip

# What people see as one of these characters although NFKC does not fold it: brackets, strokes, and the Cyrillic,
# Greek and Armenian letters that can stand in for a letter of a tag.
_SEEN_AS = {
    "<": "\u2039\u27e8\u276e\u276c\u02c2\u1438\u227a\u2329\u3008\u29fc",
    ">": "\u203a\u27e9\u276f\u276d\u02c3\u1433\u227b\u232a\u3009\u29fd",
    "/": "\u2044\u2215\u2571\u29f8",
    "|": "\u2223\u01c0\u2502",
    "-": "\u2013\u2014\u2010\u2012\u2212",
    "a": "\u0430\u0251\u03b1",
    "c": "\u0441\u03f2",
    "e": "\u0435\u03b5",
    "i": "\u0456\u03b9",
    "k": "\u043a",
    "m": "\u043c",
    "n": "\u043f\u0578\u0274",
    "o": "\u043e\u03bf\u0585\u1d0f",
    "q": "\u051b",
    "r": "\u0433\u0280",
    "s": "\u0455\ua731",
    "t": "\u0442\u03c4\u1d1b",
    "u": "\u03c5\u057d",
    "w": "\u0461\u051d\u03c9\u0561",
    "y": "\u0443",
}
_LOOKALIKES = str.maketrans({lookalike: seen for seen, all_of in _SEEN_AS.items() for lookalike in all_of})
_OPEN = r"(?:<|&lt;?|&\#0*60;?|&\#x0*3c;?|\\u003c|\\x3c|%3c)"
_CLOSE = r"(?:>|&gt;?|&\#0*62;?|&\#x0*3e;?|\\u003e|\\x3e|%3e)"
_SPACED_TAGS = "|".join(
    r"\s{0,3}".join(r"[_\s-]?" if letter == "_" else letter for letter in tag)
    for tag in sorted(_TAGS, key=len, reverse=True)
)
_TAG_LIKE = re.compile(
    rf"(?P<open>{_OPEN})\s{{0,9}}/?\s{{0,9}}(?:{_SPACED_TAGS})(?![a-z])(?:[^<>\n]{{0,80}}?(?P<close>{_CLOSE}))?"
)
_CHAT_MARKER = re.compile(
    r"(?P<open><{1,2})\s{0,3}/?\s{0,3}(?:\|[^<>\n]{0,60}?\||s|sys|bos|eos|pad|unk|start_of_turn|end_of_turn|eot|eom)"
    r"\s{0,3}(?P<close>>{1,2})"
    r"|(?P<open2>\[)\s{0,3}/?\s{0,3}inst\s{0,3}(?P<close2>\])"
)
_MAY_HOLD_TAG = re.compile(r"[<\[&%\\]|[^\x00-\x7f]")
_NOT_PLAIN = re.compile(r"[^\n\t\x20-\x7e]")
_RUN = re.compile(r"[\x00-\x7f]+|.", re.DOTALL)
_NEWLINE = re.compile("\r\n|[\r\x85\u2028\u2029]")
_SHOWN = re.compile(r"\[U\+([0-9A-F]{4,6})\]")

# Invisible, though Unicode does not call them format characters.
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
_JOINERS = "\u200c\u200d"
_FIRST_JOINING_SCRIPT = 0x0590  # Hebrew, Arabic, Indic: joiners are spelling there


@dataclass(frozen=True, slots=True)
class Fence:
    """An answer ready for a prompt: `code` for the tags around it (12 hexadecimal digits) and its harmless `body`."""

    code: str
    body: str


def fence_answer(text: str) -> Fence:
    """Make an answer harmless and derive the code of its tags from the text as given."""
    code = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_CODE_LENGTH]
    body = _NEWLINE.sub("\n", text)
    # Until nothing changes: a marker may stand inside another, and a hidden character that is shown by its number parts
    # the letters around it, so that what was a word may be a tag now.
    while (harmless := _show_hidden(_defuse(body))) != body:
        body = harmless
    return Fence(code, body)


def reveal(text: str) -> str:
    """Turn shown characters back: "[U+200B]" becomes the zero-width space. For quotes of a fenced answer."""
    return _SHOWN.sub(lambda match: _character(match[1]) or match[0], text)


def _character(digits: str) -> str:
    number = int(digits, 16)
    return chr(number) if number <= 0x10FFFF else ""  # noqa: PLR2004 - the last code point


def _defuse(text: str) -> str:
    if not _MAY_HOLD_TAG.search(text):
        return text
    folded, origin = _fold(text)
    replaced: dict[int, tuple[int, str]] = {}
    for pattern in (_TAG_LIKE, _CHAT_MARKER):
        for match in pattern.finditer(folded):
            for group, replacement in (("open", "["), ("close", "]"), ("open2", "("), ("close2", ")")):
                if group in match.re.groupindex and match[group] is not None:
                    start, end = match.span(group)
                    replaced[origin[start]] = (origin[end - 1] + 1, replacement)
    parts: list[str] = []
    position = 0
    for start, (end, replacement) in sorted(replaced.items()):
        if start >= position:
            parts += [text[position:start], replacement]
            position = end
    return "".join([*parts, text[position:]])


def _fold(text: str) -> tuple[str, list[int]]:
    """The text as a reader sees it, and for each character of that the index it came from."""
    characters: list[str] = []
    origin: list[int] = []
    for run in _RUN.finditer(text):
        index, character = run.start(), run[0]
        if character.isascii():  # most of a text, so it must be fast
            characters.append(character.lower())
            origin.extend(range(index, run.end()))
            continue
        if unicodedata.category(character) in ("Cf", "Mn", "Me", "Cs") or character in _BLANKS:
            continue
        seen = unicodedata.normalize("NFKD", character).translate(_LOOKALIKES).casefold().translate(_LOOKALIKES)
        seen = "".join(part for part in seen if not unicodedata.combining(part))
        characters.append(seen)
        origin += [index] * len(seen)
    return "".join(characters), origin


def _show_hidden(text: str) -> str:
    return _NOT_PLAIN.sub(
        lambda found: f"[U+{ord(found[0]):04X}]" if _is_hidden(text, found.start()) else found[0], text
    )


def _is_hidden(text: str, index: int) -> bool:
    character = text[index]
    if character in "\n\t":
        return False
    if character in _BLANKS or _is_selector(character):
        return not _follows_symbol(text, index)
    if character in _JOINERS:
        return not _joins(text, index)
    return unicodedata.category(character) in ("Cc", "Cf", "Cs")


def _is_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def _follows_symbol(text: str, index: int) -> bool:
    """Whether this is the selector of an emoji, the one place where people have it without knowing."""
    return text[index] == "\ufe0f" and index > 0 and (_is_symbol(text[index - 1]) or text[index - 1] in "#*0123456789")


def _is_symbol(character: str) -> bool:
    return unicodedata.category(character) in ("So", "Sk", "Sm") and not character.isascii()


def _joins(text: str, index: int) -> bool:
    """Whether a joiner stands between parts of an emoji, or between letters of a script that needs it."""
    if not 0 < index < len(text) - 1:
        return False
    before, after = text[index - 1], text[index + 1]
    if _is_symbol(after):
        return _is_symbol(before) or before == "\ufe0f"
    return all(
        ord(side) >= _FIRST_JOINING_SCRIPT and unicodedata.category(side)[0] in "LM" and not _is_selector(side)
        for side in (before, after)
    )
