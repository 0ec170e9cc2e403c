"""What the code of the package may not do with data that somebody else wrote."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "evaluator"
MODULES = sorted([*PACKAGE.rglob("*.py"), PACKAGE.parent / "evaluator_pytest.py"])
RUNS_CODE = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "jsonpickle"}
YAML_THAT_RUNS_CODE = {
    "load_all", "full_load", "full_load_all", "unsafe_load", "unsafe_load_all", "Loader", "FullLoader", "UnsafeLoader",
    "CLoader", "CFullLoader", "CUnsafeLoader",
}  # fmt: skip


@pytest.mark.parametrize("file", MODULES, ids=lambda f: str(f.relative_to(PACKAGE.parent)))
def test_no_data_becomes_code(file: Path) -> None:
    """No pickle or its kin, no eval, exec or shell, no YAML loader that makes objects, no array file that unpickles."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert not {alias.name.split(".")[0] for alias in node.names} & RUNS_CODE
        elif isinstance(node, ast.ImportFrom):
            assert (node.module or "").split(".")[0] not in RUNS_CODE
            assert node.module != "yaml" or not {alias.name for alias in node.names} & YAML_THAT_RUNS_CODE
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert node.value.id != "yaml" or node.attr not in YAML_THAT_RUNS_CODE, ast.unparse(node)
            assert node.value.id != "os" or node.attr not in ("system", "popen")
        elif isinstance(node, ast.Call):
            assert not isinstance(node.func, ast.Name) or node.func.id not in ("eval", "exec"), ast.unparse(node)
            if ast.unparse(node.func) == "yaml.load":
                assert ast.unparse(node).endswith(", Loader=SafeLoader)"), ast.unparse(node)
            allowed = [word.value for word in node.keywords if word.arg in ("allow_pickle", "shell")]
            assert all(isinstance(value, ast.Constant) and value.value is False for value in allowed)


@pytest.mark.parametrize("file", MODULES, ids=lambda f: str(f.relative_to(PACKAGE.parent)))
def test_templates_are_sandboxed_or_our_own(file: Path) -> None:
    """A Jinja environment without a sandbox is only made for the page of a report, whose template is in the package."""
    names = {
        alias.name
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "jinja2"
        for alias in node.names
    }
    assert "Environment" not in names or file.relative_to(PACKAGE).as_posix() == "reports/cohort/page.py"
