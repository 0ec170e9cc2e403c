"""What can be seen wrong in a rubric from its words alone; no judge and no encoder needed.

Each lint has a name, a level and a place. Thresholds are stated beside the lint that uses them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz

from evaluator.domain import Criterion, Rubric

LintLevel = Literal["error", "warning"]
Path = tuple[str | int, ...]

VAGUE = frozenset(
    (
        "adequate adequately appropriate appropriately bad best effective effectively efficient efficiently etc "
        "excellent good great nice optimal optimally poor proper properly reasonable reasonably relevant robust "
        "solid strong successful successfully suitable suitably sufficient sufficiently various"
    ).split()
)
"""Words that two assessors read differently."""

POINTS_COVER = 0.6
"""Least share of the statement's content words, illustrations aside, that its points must repeat."""

POINTS_ADD = 0.5
"""Largest share of the points' content words that the statement may lack."""

SAME_WORDS = 80.0
"""Token sort ratio (0 to 100, rapidfuzz) above which two texts say the same in the same words."""

_REPORTING = (
    "adds|admits|agrees|asks|assigns|breaks|checks|compares|covers|defines|demands|describes|"
    "establishes|explains|expresses|fixes|gives|holds|identifies|includes|keeps|leaves|limits|"
    "lists|makes|measures|mentions|names|plans|protects|provides|publishes|ranks|reports|requires|"
    "reserves|reviews|says|separates|sets|shows|specifies|splits|states|tells|ties|tracks|uses|"
    "weighs"
)
_SECOND_DEMAND = re.compile(
    rf"(?:;|,? and(?: also)?|,? as well as|,? plus) (?:also )?(?:{_REPORTING})\b", re.IGNORECASE
)
_WORD = re.compile(r"[a-z][a-z'-]+")
_STOP = frozenset(
    (
        "a about all also an during he she whether and another answer any are as at be because been before being "
        "both but by can do does each every for from has have how if in instead into is it its least made more most "
        "must no not of on one only or other out over own same say says shows so some such than that the their them "
        "then there these they this those through to up use used uses was what when where which while who whose why "
        "will with within without would"
    ).split()
)
_ILLUSTRATION = re.compile(r",? (?:such as|for example|for instance)\b[^;.)]*|\([^)]*\)", re.IGNORECASE)
_NEGATION = re.compile(
    r"\b(?:not|no|never|without|none|fails? to|refuses? to|lacks?|ignores?|omits?|skips?)\b|n't\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Lint:
    """One remark on a rubric: `path` leads to the value it is about, `message` says what to do."""

    name: str
    level: LintLevel
    rubric: str
    path: Path
    message: str


def lint_rubric(rubric: Rubric) -> list[Lint]:
    """All remarks on the wording of one rubric, in file order."""
    found: list[Lint] = []
    for index, criterion in enumerate(rubric.criteria):
        for name, level, path, message in _criterion(criterion):
            found.append(Lint(name, level, rubric.question, ("criteria", index, *path), message))
    weights = {criterion.weight for criterion in rubric.criteria}
    if len(rubric.criteria) > 1 and len(weights) == 1:
        message = f"all weights are {weights.pop()}: say what decides the answer and what is a nicety"
        found.append(Lint("equal-weights", "error", rubric.question, ("criteria",), message))
    for index, flag in enumerate(rubric.red_flags):
        for criterion in rubric.criteria:
            if _negates(flag.statement, criterion.statement):
                message = f'it only negates the criterion "{criterion.id}": name a harmful practice'
                place: Path = ("red_flags", index, "statement")
                found.append(Lint("negated-criterion", "error", rubric.question, place, message))
    return found


def content_words(text: str) -> set[str]:
    """The words that carry meaning, in lower case, with plural and verb endings cut off."""
    return {_stem(word) for word in _WORD.findall(text.lower()) if word not in _STOP}


def content_terms(text: str) -> list[str]:
    """The words that carry meaning, as they stand, each once, in order."""
    return list(dict.fromkeys(word for word in _WORD.findall(text.lower()) if word not in _STOP))


_Remark = tuple[str, LintLevel, Path, str]


def _criterion(criterion: Criterion) -> Iterator[_Remark]:
    demands = _SECOND_DEMAND.search(criterion.statement)
    if demands and len(criterion.points) == 1:
        yield "compound", "error", ("statement",), f'two demands in one ("{demands[0].strip()}"): make two points of it'
    for number, point in enumerate(criterion.points):
        demands = _SECOND_DEMAND.search(point)
        if demands:
            yield (
                "compound",
                "error",
                ("points", number),
                f'two demands in one point ("{demands[0].strip()}"): split it',
            )
    for path, text in (
        (("statement",), criterion.statement),
        *((("points", n), p) for n, p in enumerate(criterion.points)),
    ):
        vague = sorted(VAGUE & set(_WORD.findall(text.lower())))
        if vague:
            yield "vague", "error", path, f'"{vague[0]}" can be read in many ways: say what must be told'
    yield from _points_add_up(criterion)
    if fuzz.token_sort_ratio(_bare(criterion.advice), _bare(criterion.statement)) > SAME_WORDS:
        yield "advice-repeats", "error", ("advice",), "it repeats the statement: say what to tell, with an example"


def _points_add_up(criterion: Criterion) -> Iterator[_Remark]:
    statement = content_words(criterion.statement)
    core = content_words(_ILLUSTRATION.sub(" ", criterion.statement))
    points = set().union(*(content_words(point) for point in criterion.points))
    missing = core - points
    if len(missing) > (1 - POINTS_COVER) * len(core):
        yield "points-incomplete", "error", ("points",), f"no point asks for: {', '.join(sorted(missing))}"
    added = points - statement
    if len(added) > POINTS_ADD * len(points):
        yield "points-beyond", "error", ("points",), f"the statement does not demand: {', '.join(sorted(added))}"


def _negates(flag: str, criterion: str) -> bool:
    if not _NEGATION.search(flag):
        return False
    return fuzz.token_sort_ratio(_bare(_NEGATION.sub(" ", flag)), _bare(criterion)) > SAME_WORDS


def _bare(text: str) -> str:
    return " ".join(sorted(content_words(text)))


def _stem(word: str) -> str:
    for ending in ("ies", "ing", "ed", "es", "s", "ly"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:  # noqa: PLR2004 - what is left must still be a word
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word.rstrip("e") if len(word) > 4 else word  # noqa: PLR2004
