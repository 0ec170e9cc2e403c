"""docs/threats.md names for every threat a test that exists, or says why there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.threat_register import HEAD, problems, rows

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "threats.md").read_text(encoding="utf-8")


def test_every_threat_has_a_test_or_a_reason() -> None:
    """The register is whole: no row without a test or a reason, no test that is not there."""
    assert problems(PAGE, ROOT) == []
    assert len(list(rows(PAGE))) >= 50


@pytest.mark.parametrize(
    ("cell", "wrong"),
    [
        ("`hostile/test_register.py::test_what_is_wrong_is_said`", []),
        ("`hostile/test_register.py`", []),
        ("No test: it is a habit of people.", []),
        ("`hostile/test_register.py::test_gone`", ["line 3: there is no hostile/test_register.py::test_gone"]),
        ("`hostile/test_gone.py`", ["line 3: there is no hostile/test_gone.py"]),
        ("", ['line 3: neither a test nor "No test:" with a reason']),
        ("No test: no.", ['line 3: neither a test nor "No test:" with a reason']),
    ],
)
def test_what_is_wrong_is_said(cell: str, wrong: list[str]) -> None:
    """A missing test, a test that does not exist and an empty reason are told with their line."""
    assert problems(f"{HEAD}\n|---|---|---|\n| Threat | Defence | {cell} |\n", ROOT) == wrong


def test_a_row_of_another_shape_is_told() -> None:
    """A row without a defence, or with a column too many, is no entry; other tables do not count."""
    page = (
        f"{HEAD}\n|---|---|---|\n| Threat | | `hostile/test_register.py` |\n| a | b | c | d |\n\n| a |\n|---|\n| b |\n"
    )
    assert problems(page, ROOT) == [
        "line 3: a threat without a name or a defence",
        "line 4: 4 columns instead of 3",
    ]
