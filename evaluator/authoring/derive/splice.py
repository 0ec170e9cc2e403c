"""A rubric file as it stands, and a merge as its new text: what did not change keeps every character."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import yaml
from pydantic import ValidationError

from evaluator.authoring.derive.merge import Merge, Merged
from evaluator.authoring.derive.write import MARK, render_entry, render_head
from evaluator.bank import Source, parse, read_source
from evaluator.bank.files import RubricFile
from evaluator.domain import Rubric
from evaluator.errors import BankError, InputError, Problem

_VERSION = re.compile(r"^version:.*$", re.MULTILINE)
_STATUS = re.compile(r"^status:.*\n", re.MULTILINE)


def read_rubric(file: Path, root: Path) -> tuple[str, Source, Rubric]:
    """Text, lines and content of a rubric; whether its sources stand in the model answer of today is not asked.

    Raises:
        BankError: The file is no rubric; all problems are listed.
        InputError: It cannot be read.
    """
    source = read_source(file, root)
    if isinstance(source, Problem):
        raise BankError([source])
    parsed = parse(RubricFile, source)
    if isinstance(parsed, list):
        raise BankError(parsed)
    try:
        return file.read_text(encoding="utf-8"), source, Rubric.model_validate(parsed.model_dump())
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror or error}.") from error


def splice_or_rewrite(text: str, source: Source, merge: Merge) -> str:
    """The new text of a rubric file; one whose layout cannot be kept is written anew, without its comments."""
    try:
        new = splice(text, source, merge)
        parsed = RubricFile.model_validate(yaml.safe_load(new))
        if Rubric.model_validate(parsed.model_dump()) == merge.rubric():
            return new
    except (KeyError, ValidationError, yaml.YAMLError):
        pass
    return whole(merge)


def splice(text: str, source: Source, merge: Merge) -> str:
    """The new text of a rubric file.

    Args:
        text: The file as it is.
        source: The same, read.
        merge: What it shall hold.
    """
    lines = text.splitlines(keepends=True)
    keys = [key for key in source.data if isinstance(key, str)]
    starts = {key: _with_comments(lines, source.lines[key,] - 1) for key in keys}
    parts = []
    order = sorted(keys, key=lambda key: starts[key])
    for index, key in enumerate(order):
        end = starts[order[index + 1]] if index + 1 < len(order) else len(lines)
        if key in ("criteria", "red_flags"):
            entries = merge.criteria if key == "criteria" else merge.red_flags
            parts.append(_section(lines, source, key, (starts[key], end), entries))
        else:
            parts.append("".join(lines[starts[key] : end]))
    head = "".join(lines[: starts[order[0]]])
    if "red_flags" not in keys and merge.red_flags:
        parts.append("red_flags:\n" + "".join(render_entry(e.item, e.refusals) for e in merge.red_flags))
    return head + _head("".join(parts), merge)


def whole(merge: Merge) -> str:
    """The file written anew, for one whose layout cannot be kept."""
    parts = [render_head(merge.question, merge.version, merge.status), "criteria:\n"]
    parts += [render_entry(entry.item, entry.refusals) for entry in merge.criteria]
    if merge.red_flags:
        parts += ["red_flags:\n", *(render_entry(entry.item, entry.refusals) for entry in merge.red_flags)]
    return "".join(parts)


def _section(lines: list[str], source: Source, key: str, place: tuple[int, int], entries: Sequence[Merged]) -> str:
    start, end = place
    old = len(source.data[key] or [])
    starts = [_with_comments(lines, source.lines[key, index] - 1) for index in range(old)] + [end]
    parts = ["".join(lines[start : starts[0]])]
    for index, entry in enumerate(entries):
        if index < old and not entry.changed:
            parts.append("".join(lines[starts[index] : starts[index + 1]]))
        else:
            parts.append(render_entry(entry.item, entry.refusals))
        if not parts[-1].endswith("\n"):
            parts[-1] += "\n"
    return "".join(parts)


def _with_comments(lines: list[str], index: int) -> int:
    """The first of the comment lines right above a line."""
    while index > 0 and lines[index - 1].lstrip().startswith("#"):
        index -= 1
    return index


def _head(text: str, merge: Merge) -> str:
    text = _VERSION.sub(f"version: {merge.version}", text, count=1)
    text = _STATUS.sub("", text, count=1)
    if merge.status == "final":
        return _without_reasons(text)
    return _VERSION.sub(f"version: {merge.version}\nstatus: draft", text, count=1)


def _without_reasons(text: str) -> str:
    """Without the comments of a draft that is none any more."""
    kept = []
    in_reason = False
    for line in text.splitlines(keepends=True):
        bare = line.lstrip()
        in_reason = bare.startswith(MARK) or (in_reason and bare.startswith("#   "))
        if not in_reason:
            kept.append(line)
    return "".join(kept)
