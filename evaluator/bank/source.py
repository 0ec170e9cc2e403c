"""Read one YAML file of a bank: plain data, and the line on which each value stands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from evaluator.errors import Problem

MAX_BYTES = 2_000_000
"""A rubric is about 20 kB. Anything this large is some other file."""

MAX_DEPTH = 20
"""A rubric nests five levels."""

_SHOWN = 60

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Key = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A parsed file: `data`, and the line (from 1) of every value by its path of keys and list positions."""

    file: Path
    data: Any
    lines: dict[_Key, int]

    def line(self, path: _Key) -> int:
        """The line of a value, or of the nearest thing around it that is in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def problem(self, path: _Key, found: object, expected: str) -> Problem:
        """A problem with one value of this file."""
        return Problem(self.file, self.line(path), field_name(path), shown(found), expected)


def field_name(path: _Key) -> str:
    """A path as people write it: ("criteria", 2, "weight") is criteria[2].weight."""
    name = ""
    for part in path:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else str(part)
    return name


def shown(value: object) -> str:
    """A value for a message: quoted, on one line, at most 60 characters."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "the truth value " + str(value).lower()
    text = " ".join(value.split()) if isinstance(value, str) else str(value)
    text = text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
    return f'"{text}"' if isinstance(value, str) else text


def read_source(file: Path, root: Path) -> Source | Problem:
    """Read a YAML file below `root`; what is wrong with it as a whole comes back as a problem."""
    text = _read_text(file, root)
    if isinstance(text, Problem):
        return text
    reader = _NodeReader(file)
    try:
        if _depth(text) > MAX_DEPTH:
            return Problem(file, 0, "", "values nested too deeply", f"at most {MAX_DEPTH} levels")
        node = yaml.compose(text, Loader=_Loader)
        data = None if node is None else reader.read(node, ())
    except yaml.YAMLError as error:
        return _broken(file, error)
    if node is None:
        return Problem(file, 0, "", "an empty file", "a YAML mapping")
    if reader.problem:
        return reader.problem
    if not isinstance(data, dict):
        return Problem(file, 1, "", shown(data), "a YAML mapping (lines of the form 'key: value')")
    return Source(file, data, reader.lines)


def _depth(text: str) -> int:
    """How deeply values nest. Composing recurses in C, and a crafted file would end the process."""
    depth = deepest = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            deepest = max(deepest, depth)
            if deepest > MAX_DEPTH:
                break
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return deepest


def _broken(file: Path, error: yaml.YAMLError) -> Problem:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        line, what = error.problem_mark.line + 1, error.problem or error.context or "not YAML"
    else:
        line, what = 0, " ".join(str(error).split())[:_SHOWN]
    return Problem(file, line, "", f"broken YAML ({what})", "valid YAML; put text that holds ': ' or '#' in quotes")


def _read_text(file: Path, root: Path) -> str | Problem:
    try:
        if not file.resolve(strict=True).is_relative_to(root.resolve()):
            return Problem(file, 0, "", "a link that leads out of the bank", f"a file inside {root}")
        size = file.stat().st_size
        if size > MAX_BYTES:
            return Problem(file, 0, "", f"{size:,} bytes", f"at most {MAX_BYTES:,} bytes")
        raw = file.read_bytes()
    except OSError as error:
        return Problem(file, 0, "", f"unreadable ({error.strerror or error})", "a readable file")
    if raw.startswith(b"\xef\xbb\xbf"):
        return Problem(file, 1, "", "a byte order mark", "UTF-8 without a byte order mark; save the file again so")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return Problem(
            file, line, "", f"the byte 0x{raw[error.start]:02x}, which is not UTF-8", "a file saved as UTF-8"
        )


class _NodeReader:
    """Walks the YAML nodes, so that lines and duplicate keys are not lost."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.lines: dict[_Key, int] = {}
        self.problem: Problem | None = None
        self._seen: set[int] = set()
        self._scalars = yaml.SafeLoader("")

    def read(self, node: yaml.Node, path: _Key) -> Any:  # noqa: ANN401 - YAML holds anything
        self.lines.setdefault(path, node.start_mark.line + 1)
        if id(node) in self._seen:
            self._complain(node, path, "an alias (*name)", "the value itself")
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(child, (*path, index)) for index, child in enumerate(node.value)]
        try:
            return self._scalars.construct_object(node)
        except (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError) as error:
            # The last three are PyYAML's own slips where a tag promises what the value is not: "!!bool maybe".
            known = isinstance(error, yaml.YAMLError | ValueError)
            why = getattr(error, "problem", None) or (error if known else f"no {node.tag.rpartition(':')[2]}")
            self._complain(node, path, f"a value that cannot be read ({why})", "text, a number or a list")
            return None

    def _mapping(self, node: yaml.MappingNode, path: _Key) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._complain(key_node, path, "a key that is no text", "a plain key")
                continue
            key = str(key_node.value)
            if key in result:
                self._complain(key_node, (*path, key), f'the key "{key}" a second time', "each key once")
                continue
            self.lines[(*path, key)] = key_node.start_mark.line + 1
            result[key] = self.read(value_node, (*path, key))
        return result

    def _complain(self, node: yaml.Node, path: _Key, found: str, expected: str) -> None:
        if self.problem is None:
            self.problem = Problem(self.file, node.start_mark.line + 1, field_name(path), found, expected)
