"""The shape of the files of a bank, apart from the objects that the rest of the package works with."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from evaluator.domain import Level

ID_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"
WINDOWS_NAMES = frozenset("con prn aux nul".split()) | {f"{port}{n}" for port in ("com", "lpt") for n in range(10)}
"""What no file on Windows can be called, in lower case and before the first full stop of its name."""

_UNREADABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
"""What a YAML file cannot hold, though an escape in quotes can bring it in."""


def _folded(value: str) -> str:
    line = " ".join(value.split())
    if _UNREADABLE.search(line):
        raise ValueError("text without control characters")
    return line


Id = Annotated[str, StringConstraints(pattern=ID_PATTERN, max_length=80)]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True), AfterValidator(_folded)]
Themes = tuple[Id, ...]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class QuestionFile(_File):
    """questions/<id>.yaml."""

    id: Id
    number: Annotated[int, Field(ge=1)] | None = None
    level: Level
    themes: Themes = Field(strict=False, min_length=1)
    question: Text
    model_answer: Text | None = None
    model_answer_source: Literal["article", "editors"] | None = None


class ExamplesFile(_File):
    """The `examples` of a criterion or red flag."""

    accept: tuple[Text, ...] = Field(default=(), strict=False)
    reject: tuple[Text, ...] = Field(default=(), strict=False)


class CriterionFile(_File):
    """One entry of `criteria`."""

    id: Id
    statement: Text
    weight: Annotated[int, Field(ge=1, le=5)]
    themes: Themes = Field(default=(), strict=False)
    points: tuple[Text, ...] = Field(strict=False, min_length=1, max_length=3)
    source: Text | None = None
    advice: Text
    examples: ExamplesFile = ExamplesFile()


class RedFlagFile(_File):
    """One entry of `red_flags`."""

    id: Id
    statement: Text
    penalty: Annotated[int, Field(ge=1, le=100)]
    advice: Text
    examples: ExamplesFile = ExamplesFile()


class RubricFile(_File):
    """rubrics/<id>.yaml."""

    question: Id
    version: Annotated[int, Field(ge=1)]
    status: Literal["final", "draft"] = "final"
    criteria: tuple[CriterionFile, ...] = Field(strict=False, min_length=1)
    red_flags: tuple[RedFlagFile, ...] = Field(default=(), strict=False)


class BandFile(_File):
    """One entry of `bands`."""

    name: Text
    lower: Annotated[float, Field(ge=0, le=100, strict=False)]
    meaning: Text


class RedFlagRuleFile(_File):
    """The `red_flag` rule of a scale."""

    cap: Text


class ScaleFile(_File):
    """rubrics/scale.yaml."""

    bands: tuple[BandFile, ...] = Field(strict=False, min_length=1)
    red_flag: RedFlagRuleFile
    max_unassessed: Annotated[float, Field(ge=0, le=1, strict=False)]
