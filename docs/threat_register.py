"""Check the register of threats: each has a test that exists, or a sentence that says why it has none."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

HEAD = "| Threat | What is done | Test |"
NO_TEST = "No test:"
_CITED = re.compile(r"`((?:[\w.-]+/)*[\w.-]+\.py)(?:::(\w+))?`")
_BAR = re.compile(r"(?<!\\)\|")
_COLUMNS = 3
_LEAST_WORDS = 4


def problems(page: str, root: Path) -> list[str]:
    """What is wrong with the register in `page`: one sentence each.

    Args:
        page: The text of docs/threats.md. Its tests are named `folder/test_file.py::test_name`, below tests/.
        root: The folder of the project.
    """
    found = []
    for number, cells in rows(page):
        if len(cells) != _COLUMNS:
            found.append(f"line {number}: {len(cells)} columns instead of {_COLUMNS}")
            continue
        threat, done, test = cells
        if not (threat and done):
            found.append(f"line {number}: a threat without a name or a defence")
        reason = test.partition(NO_TEST)[2].split()
        if not _CITED.search(test) and len(reason) < _LEAST_WORDS:
            found.append(f'line {number}: neither a test nor "{NO_TEST}" with a reason')
    for number, line in enumerate(page.splitlines(), 1):
        for file, name in _CITED.findall(line):
            if name not in tests_in(root / "tests" / file):
                found.append(f"line {number}: there is no {file}{'::' if name else ''}{name}")
    return found


def rows(page: str) -> Iterator[tuple[int, list[str]]]:
    """The number and the cells of every row of the register."""
    inside = False
    for number, line in enumerate(page.splitlines(), 1):
        if line == HEAD:
            inside = True
        elif not line.startswith("|"):
            inside = False
        elif inside and set(line) - set("|-: "):
            yield number, [cell.strip() for cell in _BAR.split(line)[1:-1]]


@cache
def tests_in(file: Path) -> frozenset[str]:
    """The functions of a file, and "" where there is such a file."""
    if not file.is_file():
        return frozenset()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    names = (node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(("", *names))
