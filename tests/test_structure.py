"""The shape of the code: imports go down only, faces are small, heavy libraries stay where they belong."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import evaluator

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "evaluator"

LAYERS = [
    {"errors", "domain", "shipped", "wording"},
    {"bank", "prompts", "scoring", "evidence", "honesty", "settings", "saving"},
    {"judges"},
    {"runs", "redaction"},
    {"proof"},
    {"authoring"},
    {"regress"},
    {"reports"},
    {"api", "cli"},
]
"""Rooms from the ground up. A room may import rooms of lower layers and itself; `errors` and `domain` share a floor."""

GROUND = {("errors", "domain"), ("api", "cli"), ("cli", "api")}
"""Neighbours that may know each other."""

ONLY_IN: dict[str, str | tuple[str, ...]] = {
    "openai": "evaluator/judges/llm/",
    "instructor": "evaluator/judges/llm/",
    "onnxruntime": "evaluator/judges/embedded/",
    "tokenizers": "evaluator/judges/embedded/",
    "yaml": ("evaluator/bank/", "evaluator/regress/", "evaluator/authoring/"),
    "jinja2": ("evaluator/prompts/", "evaluator/reports/"),
    "phonenumbers": "evaluator/redaction/",
    "plotly": "evaluator/reports/",
    "sqlalchemy": "evaluator/runs/",
    "rich": ("evaluator/reports/", "evaluator/cli/"),
    "typer": "evaluator/cli/",
}
MODULES = sorted(PACKAGE.rglob("*.py"))
TREES = {file: ast.parse(file.read_text(encoding="utf-8")) for file in MODULES}


def room(module: str) -> str:
    """The room of a dotted module name: the part below the package."""
    return module.split(".")[1] if "." in module else ""


def imported(file: Path) -> set[str]:
    """Dotted names that a file imports, also inside functions."""
    names: set[str] = set()
    for node in ast.walk(TREES[file]):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize("file", MODULES, ids=lambda f: str(f.relative_to(PACKAGE)))
def test_imports_go_down(file: Path) -> None:
    """A room imports only rooms of lower layers, and no neighbour."""
    own = file.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if own == "__init__":
        return
    floor = next(i for i, rooms in enumerate(LAYERS) if own in rooms)
    for name in imported(file):
        other = room(name)
        if not name.startswith("evaluator.") or other == own or (own, other) in GROUND:
            continue
        assert other in set().union(*LAYERS[:floor]), f"{own} imports {other}"


@pytest.mark.parametrize("file", MODULES, ids=lambda f: str(f.relative_to(PACKAGE)))
def test_libraries_stay_in_their_room(file: Path) -> None:
    """Each heavy or foreign library is imported by one room only."""
    place = file.relative_to(ROOT).as_posix()
    for name in imported(file):
        allowed = ONLY_IN.get(name.split(".")[0])
        if allowed:
            assert place.startswith(allowed), f"{place} imports {name}"


@pytest.mark.parametrize("file", MODULES, ids=lambda f: str(f.relative_to(PACKAGE)))
def test_modules_are_small(file: Path) -> None:
    """A module has under 400 lines, and a function under 50 besides its docstring."""
    text = file.read_text(encoding="utf-8")
    assert text.count("\n") < 400
    for node in ast.walk(TREES[file]):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
            assert (node.end_lineno or 0) - first.lineno < 50, f"{node.name} is too long"


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("__init__.py")), ids=lambda f: str(f.relative_to(PACKAGE)))
def test_faces_only_export(file: Path) -> None:
    """An __init__ holds a docstring, imports and __all__, in under 65 lines; what it imports it exports."""
    body = TREES[file].body
    assert file.read_text(encoding="utf-8").count("\n") < 65
    names = {alias.asname or alias.name for node in body if isinstance(node, ast.ImportFrom) for alias in node.names}
    for node in body[1:]:
        assert isinstance(node, ast.ImportFrom | ast.Assign)
    listed = [ast.literal_eval(node.value) for node in body if isinstance(node, ast.Assign)]
    assert sorted(names) == sorted(listed[0] if listed else [])


def test_public_names() -> None:
    """The package exports these names and no others."""
    assert evaluator.__all__ == [
        "Answer", "Assessment", "Bank", "Case", "EvaluatorError", "Evidence", "Finding", "Graded", "Judge", "JudgeError",
        "JudgeIdentity", "Question", "RedFlagFinding", "Rubric", "ScriptedJudge", "Ungraded", "grade", "load_bank",
    ]  # fmt: skip
    assert all(hasattr(evaluator, name) for name in evaluator.__all__)


@pytest.mark.parametrize("command", [["--help"], ["grade", "--help"], ["questions", "list"]])
def test_light_start(command: list[str]) -> None:
    """Help and listings import no model, no client, no database and no plotting."""
    heavy = ["openai", "instructor", "onnxruntime", "tokenizers", "numpy", "plotly", "sqlalchemy", "genai_prices"]
    code = (
        "import sys\nfrom evaluator.cli.main import run\n"
        f"sys.argv = ['evaluator', *{command!r}]\n"
        "try:\n    run()\nexcept SystemExit:\n    pass\n"
        f"sys.stderr.write(' '.join(sorted(set(sys.modules) & set({heavy!r}))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout
    assert done.stderr == ""
