"""The wheel is whole: installed somewhere else, it grades."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built by the backend that is installed beside the tests."""
    folder = tmp_path_factory.mktemp("dist")
    code = f"import os; os.chdir({str(ROOT)!r}); from hatchling.build import build_wheel; print(build_wheel({str(folder)!r}))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return folder / done.stdout.splitlines()[-1]


def test_wheel_holds_the_data(wheel: Path) -> None:
    """The bank, the prompts, the encoder and the licences are in the wheel; tests and cassettes are not."""
    names = zipfile.ZipFile(wheel).namelist()
    data = "evaluator/shipped_data"
    assert sum(name.startswith(f"{data}/questions/") for name in names) == 51
    assert sum(name.startswith(f"{data}/rubrics/") for name in names) == 51
    for name in (
        f"{data}/prompts/grade/v1/system.j2",
        "evaluator/judges/embedded/model/encoder.onnx",
        "evaluator/py.typed",
    ):
        assert name in names
    assert {Path(name).name for name in names if "/licenses/" in name} == {"LICENSE", "NOTICE"}
    assert {name.split("/")[0].split("-")[0] for name in names} == {
        "evaluator",
        "evaluator_pytest.py",
        "answer_evaluator",
    }


def test_installed_wheel_grades_elsewhere(wheel: Path, tmp_path: Path) -> None:
    """In an environment of its own and outside the checkout, the installed command grades an answer.

    The libraries come from the environment of the tests, so that nothing is downloaded.
    """
    home = tmp_path / "environment"
    venv.create(home, with_pip=False)
    site = next(home.glob("lib/python*/site-packages"), home / "Lib" / "site-packages")
    zipfile.ZipFile(wheel).extractall(site)
    libraries = [path for path in sys.path if path.endswith("site-packages")]
    (site / "libraries.pth").write_text("\n".join(libraries) + "\n")
    answer = tmp_path / "answer.md"
    answer.write_text((ROOT / "docs" / "examples" / "dora-answer.md").read_text())
    python = home / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    code = "import evaluator, sys; print(evaluator.__file__); sys.argv[0] = 'evaluator'; from evaluator.cli.main import run; run()"
    done = subprocess.run(
        [python, "-c", code, "grade", "dora-rollout", "answer.md"],
        cwd=tmp_path,
        env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
        capture_output=True,
        text=True,
        check=True,
    )
    first, _, rest = done.stdout.partition("\n")
    assert Path(first).is_relative_to(site)
    assert rest.startswith("11. dora-rollout\n")
    assert " / 100  " in rest


def test_the_next_command_is_found() -> None:
    """After `make demo`, both its last line and the README say how to switch the environment on, before any command."""
    switch = "source .venv/bin/activate"
    before = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Grade one answer")[0]
    assert switch in before.partition("make test")[2]
    assert r"Windows: .venv\Scripts\activate" in before
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\ndemo:")[2].partition("\n\n")[0]
    assert switch.replace(".venv/bin", "$(BIN)") in recipe.splitlines()[-1]
