"""Which lines are the questions: an article marks them in one way, and this finds out which."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence

from evaluator.authoring.article.lines import Line
from evaluator.authoring.article.patterns import (
    SENTENCE_END,
    ends_asking,
    has_heading_word,
    is_asking_heading,
    is_closing,
    is_question,
    is_related,
    level_in,
)

LONGEST = 80
"""Words. What is longer is no question but a paragraph with one in it."""

_LIST_RATIO = 3
"""So many times more list items than other questions must ask before the list is the article's own."""

_HEAD_WORDS = 14
_PLAIN_SHARE = 0.25


def question_lines(lines: Sequence[Line]) -> frozenset[int]:
    """Positions of the lines that are questions; none where the text holds none."""
    labelled, numbered, headed, listed = _labelled(lines), _numbered(lines), _headed(lines), _listed(lines)
    chosen = max((labelled, numbered, headed), key=len)
    if listed and len(listed) >= _LIST_RATIO * len(chosen):
        chosen = listed
    chosen = chosen or _plain(lines)
    return frozenset(_once(lines, [*chosen, *_left_sections(lines, chosen)]))


def is_heading(line: Line) -> bool:
    """Whether a line heads a section, by its markup or (in plain text) by its looks."""
    return line.kind == "heading" or (looks_like_heading(line) and has_heading_word(line.body))


def looks_like_heading(line: Line) -> bool:
    """Whether a line without markup is short, starts with a capital, and is no sentence."""
    return (
        line.kind == "text"
        and not line.skip
        and not line.label
        and line.number is None
        and len(line.body.split()) <= _HEAD_WORDS
        and not line.body[:1].islower()
        and not (SENTENCE_END.search(line.body) and not line.body.endswith(":"))
    )


def folded(text: str) -> str:
    """The letters and digits of a text in lower case: two texts that differ in typography only are equal."""
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()


def _usable(line: Line) -> bool:
    return not line.skip and len(line.body.split()) <= LONGEST


def _labelled(lines: Sequence[Line]) -> list[int]:
    found = [i for i, line in enumerate(lines) if line.label == "question" and not line.skip]
    answered = any(line.label == "answer" for line in lines)
    # "Q1: baseline" in a plan is a quarter.
    return found if answered or sum(is_question(lines[i].body) for i in found) * 2 >= len(found) else []


def _numbered(lines: Sequence[Line]) -> list[int]:
    """Numbered lines in sequence. Steps numbered inside an answer, and numbered sections, fall out of it."""
    places = [i for i, line in enumerate(lines) if line.number is not None and line.kind != "cell" and _usable(line)]
    asks = [is_question(lines[i].body) for i in places]
    if not any(asks):
        return []
    mostly = sum(asks) * 2 >= len(places)
    left = Counter(lines[i].number for i, asked in zip(places, asks, strict=True) if asked)
    sections = [i for i, line in enumerate(lines) if is_heading(line) and not is_asking_heading(line.body)]
    taken: list[int] = []
    seen: set[str] = set()
    before: tuple[int, bool, bool] | None = None
    for at, i in enumerate(places):
        number, last = lines[i].number or 0, (lines[taken[-1]].number or 0) if taken else 0
        if asks[at]:
            left[number] -= 1
            # After a number that was refused, the next one of the same sort belongs to the same inner list,
            # unless it is the only one that can go on with the outer list.
            inner = before is not None and not before[1] and number == before[0] + 1 and before[2]
            inner = inner and (number != last + 1 or left[number] > 0)
            again = folded(lines[i].body) in seen or (taken and _any_between(sections, taken[-1], i))
            ok = not inner and (not taken or number > last or bool(again))
        else:
            then = at + 1 < len(places) and asks[at + 1] and (lines[places[at + 1]].number or 0) == number + 1
            in_order = before is None or (before[1] and number == last + 1)
            ok = mostly and in_order and (then or (bool(taken) and at + 1 == len(places)))
        if ok:
            taken.append(i)
            seen.add(folded(lines[i].body))
        before = (number, ok, asks[at])
    return taken


def _any_between(places: Sequence[int], start: int, end: int) -> bool:
    """Whether one of the sorted places lies between two others."""
    return bisect_right(places, start) < bisect_left(places, end)


def _headed(lines: Sequence[Line]) -> list[int]:
    """Headings that ask, of the ranks on which several do: the title of an article may ask too."""
    found = [
        i
        for i, line in enumerate(lines)
        if line.kind == "heading"
        and _usable(line)
        and is_asking_heading(line.body)
        and not is_closing(line.body)
        and not is_related(line.body)
    ]
    ranks = Counter(lines[i].depth for i in found)
    several = [i for i in found if ranks[lines[i].depth] > 1]
    return several or found[-1:]


def _listed(lines: Sequence[Line]) -> list[int]:
    """Bullets that ask, of the outermost depth on which any does, unless they stand under headings that ask."""
    found = [
        i
        for i, line in enumerate(lines)
        if line.kind == "item" and line.number is None and _usable(line) and is_question(line.body)
    ]
    headed = _headed(lines)
    if len(headed) > 1:
        asking = set(headed)
        heads = [i for i, line in enumerate(lines) if line.kind == "heading"]
        found = [i for i in found if not (at := bisect_right(heads, i)) or heads[at - 1] not in asking]
    outermost = min((lines[i].depth for i in found), default=0)
    return [i for i in found if lines[i].depth == outermost]


def _plain(lines: Sequence[Line]) -> list[int]:
    """Paragraphs that are one question, where they make up enough of the text: an essay asks now and then too."""
    found = [i for i, line in enumerate(lines) if _bare_question(line)]
    return found if len(found) >= _PLAIN_SHARE * len(lines) else []


def _bare_question(line: Line) -> bool:
    return line.kind in {"text", "item"} and not line.label and _usable(line) and ends_asking(line.body)


def _left_sections(lines: Sequence[Line], chosen: Sequence[int]) -> Iterator[int]:
    """Questions of sections that mark them in another way: only where the heading names a level."""
    if not chosen:
        return
    order = sorted(chosen)
    every = set(chosen)
    heads = [i for i, line in enumerate(lines) if i not in every and is_heading(line)]
    for at, head in enumerate(heads):
        end = heads[at + 1] if at + 1 < len(heads) else len(lines)
        if head < order[0] or level_in(lines[head].body) is None or _any_between(order, head, end):
            continue
        yield from (i for i in range(head + 1, end) if _bare_question(lines[i]))


def _once(lines: Sequence[Line], places: Sequence[int]) -> Iterator[int]:
    """Each question once: a list of contents repeats them, and the place with text below it is the real one."""
    by_text: dict[str, list[int]] = {}
    for i in sorted(places):
        by_text.setdefault(folded(lines[i].body), []).append(i)
    every = set(places)
    for same in by_text.values():
        answered = [i for i in same if i + 1 < len(lines) and i + 1 not in every and not is_heading(lines[i + 1])]
        yield (answered or same)[0]
