"""From a parsed file to domain objects; every wrong value becomes a problem with its line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from evaluator.bank.files import CriterionFile, QuestionFile, RedFlagFile, RubricFile, ScaleFile
from evaluator.bank.source import Source, field_name
from evaluator.domain import Band, Question, Rubric, Scale
from evaluator.errors import Problem

_Model = TypeVar("_Model", bound=BaseModel)
_Path = tuple[str | int, ...]

_EXPECTED = {
    "missing": "this field",
    "string_type": "text (put it in quotes)",
    "string_too_short": "text that is not empty",
    "int_type": "a whole number",
    "float_type": "a number",
    "tuple_type": "a list",
    "too_short": "at least one entry",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "string_pattern_mismatch": "lower-case letters, digits and single hyphens, as in 'slo-error-budgets'",
}


def parse(model: type[_Model], source: Source) -> _Model | list[Problem]:
    """Check a file against its shape; all problems at once."""
    try:
        return model.model_validate(source.data)
    except ValidationError as error:
        details = error.errors()
        # A list of which no entry is valid is reported as too short as well: the entries' own problems say more.
        hollow = [d for d in details if d["type"] == "too_short" and any(_inside(o["loc"], d["loc"]) for o in details)]
        return [_problem(source, dict(detail), model) for detail in details if detail not in hollow]


def _inside(inner: _Path, outer: _Path) -> bool:
    return len(inner) > len(outer) and inner[: len(outer)] == outer


def _problem(source: Source, detail: dict[str, object], model: type[BaseModel]) -> Problem:
    kind = str(detail["type"])
    path: _Path = tuple(detail["loc"])  # type: ignore[arg-type]
    if kind == "missing":
        return Problem(source.file, source.line(path), field_name(path), "nothing", "this field")
    if kind == "extra_forbidden":
        known = ", ".join(sorted(_fields_at(model, path[:-1])))
        return Problem(source.file, source.line(path), field_name(path), "an unknown key", f"one of: {known}")
    expected = _EXPECTED.get(kind) or str(detail["msg"]).replace("Input should be ", "").replace("Value error, ", "")
    return source.problem(path, detail.get("input"), expected)


def _fields_at(model: type[BaseModel], path: _Path) -> set[str]:
    """The keys that are allowed in the mapping at `path`."""
    for part in path:
        if isinstance(part, int):
            continue
        annotation = model.model_fields[part].annotation
        inner = getattr(annotation, "__args__", (annotation,))[0]
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return set()
        model = inner
    return set(model.model_fields)


def to_question(source: Source, themes: frozenset[str]) -> Question | list[Problem]:
    """One question; its id must be the name of its file and its themes known (where the bank lists themes)."""
    parsed = parse(QuestionFile, source)
    if isinstance(parsed, list):
        return parsed
    problems = list(_unknown_themes(source, ("themes",), parsed.themes, themes))
    if parsed.id != source.file.stem:
        problems.append(source.problem(("id",), parsed.id, f'the name of the file, "{source.file.stem}"'))
    if problems:
        return problems
    default = "article" if parsed.model_answer else None
    return Question(
        id=parsed.id,
        number=parsed.number,
        level=parsed.level,
        themes=parsed.themes,
        text=parsed.question,
        model_answer=parsed.model_answer,
        model_answer_source=parsed.model_answer_source or default,
    )


def to_rubric(source: Source, question: Question | None, themes: frozenset[str]) -> Rubric | list[Problem]:
    """One rubric; ids unique, sources in the model answer of its question, themes known."""
    parsed = parse(RubricFile, source)
    if isinstance(parsed, list):
        return parsed
    problems = [*_identity_problems(source, parsed, question), *_repeated_ids(source, parsed)]
    for index, criterion in enumerate(parsed.criteria):
        path: _Path = ("criteria", index)
        problems += _unknown_themes(source, (*path, "themes"), criterion.themes, themes)
        if criterion.source and question and not _is_span(criterion.source, question.model_answer):
            problems.append(
                source.problem((*path, "source"), criterion.source, f"a verbatim span of {question.id}'s model answer")
            )
        problems += _repeated_text(source, (*path, "points"), criterion.points)
    for place, entry in _entries(parsed):
        both = (*entry.examples.accept, *entry.examples.reject)
        problems += _repeated_text(source, (*place, "examples"), both)
    return problems or Rubric.model_validate(parsed.model_dump())


def to_scale(source: Source) -> Scale | list[Problem]:
    """The scale; bands descending down to 0, the cap one of them."""
    parsed = parse(ScaleFile, source)
    if isinstance(parsed, list):
        return parsed
    lower = [band.lower for band in parsed.bands]
    names = [band.name for band in parsed.bands]
    problems = []
    if lower != sorted(set(lower), reverse=True):
        problems.append(source.problem(("bands",), lower, "lower bounds in descending order"))
    if lower[-1] != 0:
        problems.append(source.problem(("bands", len(lower) - 1, "lower"), lower[-1], "0 for the last band"))
    if parsed.red_flag.cap not in names:
        problems.append(source.problem(("red_flag", "cap"), parsed.red_flag.cap, "one of: " + ", ".join(names)))
    if problems:
        return problems
    bands = tuple(Band(name=band.name, lower=band.lower, meaning=band.meaning) for band in parsed.bands)
    return Scale(bands=bands, red_flag_cap=parsed.red_flag.cap, max_unassessed=parsed.max_unassessed)


def to_themes(source: Source) -> dict[str, str] | list[Problem]:
    """The list of themes: id and what belongs there."""
    problems = [
        source.problem((key,), value, "one sentence on what belongs there")
        for key, value in source.data.items()
        if not isinstance(value, str) or not value.strip()
    ]
    return problems or {key: " ".join(value.split()) for key, value in source.data.items()}


def _is_span(span: str, model_answer: str | None) -> bool:
    return " ".join(span.split()) in " ".join((model_answer or "").split())


def _identity_problems(source: Source, parsed: RubricFile, question: Question | None) -> Iterator[Problem]:
    if parsed.question != source.file.stem:
        yield source.problem(("question",), parsed.question, f'the name of the file, "{source.file.stem}"')
    elif question is None:
        yield source.problem(("question",), parsed.question, "a question of this bank")


def _entries(parsed: RubricFile) -> Iterator[tuple[_Path, CriterionFile | RedFlagFile]]:
    for index, criterion in enumerate(parsed.criteria):
        yield ("criteria", index), criterion
    for index, red_flag in enumerate(parsed.red_flags):
        yield ("red_flags", index), red_flag


def _repeated_ids(source: Source, parsed: RubricFile) -> Iterator[Problem]:
    seen: set[str] = set()
    for path, entry in _entries(parsed):
        if entry.id in seen:
            yield source.problem((*path, "id"), entry.id, "an id that no other entry of this rubric has")
        seen.add(entry.id)


def _repeated_text(source: Source, path: _Path, texts: tuple[str, ...]) -> Iterator[Problem]:
    if len({text.casefold() for text in texts}) < len(texts):
        twice = next(t for i, t in enumerate(texts) if t.casefold() in {x.casefold() for x in texts[:i]})
        yield source.problem(path, twice, "each text once")


def _unknown_themes(source: Source, path: _Path, found: tuple[str, ...], themes: frozenset[str]) -> Iterator[Problem]:
    if not themes:
        return
    for index, theme in enumerate(found):
        if theme not in themes:
            yield source.problem((*path, index), theme, "a theme of questions/themes.yaml")
