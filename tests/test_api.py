"""The face for scripts and notebooks."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

import evaluator
from evaluator import Assessment, Bank, Evidence, Finding, Graded, RedFlagFinding, ScriptedJudge, Ungraded, grade

README = Path(__file__).resolve().parent.parent / "README.md"
(EXAMPLE,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize(
    ("text", "said"), [("docs/examples/dora-answer.md", "50.0 solid ("), ("empty.md", "not graded: ")]
)
def test_example_of_the_readme(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, said: str
) -> None:
    """The example says what came of an answer, and of an empty one."""
    monkeypatch.chdir(README.parent)
    (tmp_path / "empty.md").touch()
    place = text if text.startswith("docs") else (tmp_path / text).as_posix()
    exec(EXAMPLE.replace("docs/examples/dora-answer.md", place), {})  # noqa: S102 - our own README
    assert capsys.readouterr().out.startswith(said)


def test_a_judge_of_ones_own(bank: Bank) -> None:
    """What a judge replies is made of what the package exports."""
    rubric, text = bank.rubric("dora-rollout"), "We compute them from our tools."
    quote = (Evidence(quote=text, start=0, end=len(text)),)
    reply = Assessment(
        findings=tuple(
            Finding(criterion_id=c.id, points=(True,) * len(c.points), confidence=1, evidence=quote)
            for c in rubric.criteria
        ),
        red_flags=tuple(RedFlagFinding(red_flag_id=f.id, present=False, confidence=1) for f in rubric.red_flags),
    )
    made = grade("dora-rollout", text, judge=ScriptedJudge([reply]), bank=bank)
    assert isinstance(made, Graded)
    assert made.score == 100


def test_bank_and_judge_are_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bank: Bank) -> None:
    """They are made once for many calls, and the bank anew when one of its files has changed."""
    for folder in ("questions", "rubrics"):
        (tmp_path / folder).mkdir()
        shutil.copy(bank.root / folder / "dora-rollout.yaml", tmp_path / folder)
    shutil.copy(bank.root / "rubrics" / "scale.yaml", tmp_path / "rubrics")
    made: list[str] = []

    def load() -> Bank:
        made.append("bank")
        return evaluator.load_bank(tmp_path)

    def build(_: object) -> ScriptedJudge:
        made.append("judge")
        return ScriptedJudge([])

    monkeypatch.setattr("evaluator.api.shipped_root", lambda: tmp_path)
    monkeypatch.setattr("evaluator.api.load_bank", load)
    monkeypatch.setattr("evaluator.api.build_judge", build)
    evaluator.api._embedded.cache_clear()
    for _ in range(2):
        assert isinstance(grade("dora", ""), Ungraded)
    assert sorted(made) == ["bank", "judge"]
    file = tmp_path / "rubrics" / "dora-rollout.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("version: 1", "version: 7"), encoding="utf-8")
    assert grade("dora", "").provenance.rubric_version == 7
    assert sorted(made) == ["bank", "bank", "judge"]
    evaluator.api._embedded.cache_clear()
