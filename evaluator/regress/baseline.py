"""The accepted result of a suite, as a file whose difference reads well in a review: sorted, one verdict per line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evaluator.errors import InputError
from evaluator.regress.results import AnyResult, Result
from evaluator.saving import save_text

_REPAIR = "Restore it, or make a new one with 'evaluator regress accept'."


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Accepted(_File):
    """Who made the baseline what it is: when (ISO date), why, and with which versions."""

    date: str
    reason: str
    evaluator: str
    judge: str
    prompt: str | None


class Baseline(_File):
    """baseline.json. `known` are invariants that did not hold when it was accepted; `agreement` is for the reader.

    Of `cases` it holds what can be compared; what they are about is not in the file.
    """

    schema_version: Literal[1] = Field(default=1, alias="schema")
    accepted: Accepted
    agreement: dict[str, dict[str, float | None]] = {}
    known: tuple[str, ...] = ()
    cases: dict[str, AnyResult]


def read_baseline(file: Path) -> Baseline | None:
    """The baseline of a suite, or None where there is none yet.

    Raises:
        InputError: The file is damaged.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file} cannot be read: {error}.", _REPAIR) from error
    try:
        return Baseline.model_validate(json.loads(text))
    except json.JSONDecodeError as error:
        raise InputError(f"{file}:{error.lineno} is broken JSON: {error.msg}.", _REPAIR) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{file} is no baseline: {place}: {first['msg']}.", _REPAIR) from error


def accepted_now(reason: str, judge: str, prompt: str | None, today: date | None = None) -> Accepted:
    """The head of a new baseline; `today` is in UTC."""
    day = today or datetime.now(UTC).date()
    return Accepted(
        date=day.isoformat(), reason=reason, evaluator=version("answer-evaluator"), judge=judge, prompt=prompt
    )


def write_baseline(
    file: Path,
    accepted: Accepted,
    results: Mapping[str, Result],
    known: tuple[str, ...],
    figures: Mapping[str, Mapping[str, float | None]],
) -> None:
    """Write a baseline in one step, keys sorted."""
    cases = {}
    for id_, one in results.items():
        case = one.model_dump(include=set(one.KEPT))
        cases[id_] = case | ({"reason": one.reason} if one.reason else {})
    data = {
        "schema": 1,
        "accepted": accepted.model_dump(),
        "agreement": {mode: dict(values) for mode, values in figures.items()},
        "known": sorted(known),
        "cases": cases,
    }
    save_text(file, json.dumps(data, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
