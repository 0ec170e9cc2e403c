"""`evaluator rubric check` on sound and on broken rubrics."""

from __future__ import annotations

import html.parser
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from evaluator.bank import Bank
from evaluator.errors import UnreachableError
from evaluator.judges import ScriptedJudge
from evaluator.proof import Matrix
from evaluator.reports.proof import matrix_page

QUESTION = "technical-debt"


@pytest.fixture
def own_bank(tmp_path: Path, bank: Bank) -> Path:
    """A bank of one question, copied from the shipped one."""
    for folder in ("questions", "rubrics"):
        (tmp_path / folder).mkdir()
        shutil.copy(bank.root / folder / f"{QUESTION}.yaml", tmp_path / folder)
    return tmp_path


def change(bank: Path, **values: Any) -> None:
    """Change values of the first criterion."""
    file = bank / "rubrics" / f"{QUESTION}.yaml"
    data = yaml.safe_load(file.read_text())
    data["criteria"][0].update(values)
    file.write_text(yaml.safe_dump(data, sort_keys=False))


def names(command: Any, bank: Path) -> tuple[int, dict[str, str]]:
    """Exit status and the level of each kind of remark."""
    done = command("rubric", "check", QUESTION, "--bank", str(bank), "--format", "json")
    remarks = json.loads(done.out)["rubrics"][0]["remarks"]
    return done.status, {remark["name"]: remark["level"] for remark in remarks}


def test_sound_rubric(command: Any, own_bank: Path) -> None:
    """A finished rubric has no error: its model answer scores at least 90, and what should score nothing does."""
    done = command("rubric", "check", QUESTION, "--bank", str(own_bank), "--format", "json")
    data = json.loads(done.out)
    (report,) = data["rubrics"]
    assert (done.status, data["errors"], data["matrix"]) == (0, 0, None)
    assert report["model_answer"] >= 90
    assert report["empty"] is None
    assert report["off_topic"] <= 15
    assert report["keyword_soup"] is None or report["keyword_soup"] < 25


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [((QUESTION,), "Leave the question out to check them all."), ((), "Name a file that does not end in .html.")],
)
def test_a_picture_of_one_rubric(
    command: Any, monkeypatch: pytest.MonkeyPatch, own_bank: Path, arguments: tuple[str, ...], advice: str
) -> None:
    """One rubric makes no matrix; that is said before anything is graded, with advice that helps."""
    monkeypatch.setattr("evaluator.cli.wiring.build_judge", lambda _: pytest.fail("a judge was made"))
    page = own_bank / "matrix.html"
    done = command("rubric", "check", *arguments, "--bank", str(own_bank), "-o", str(page))
    assert (done.status, done.out, done.err.splitlines()[-1]) == (2, "", advice)
    assert not page.exists()


def test_the_judge_is_closed(command: Any, monkeypatch: pytest.MonkeyPatch, own_bank: Path) -> None:
    """A check lets go of its judge, also where it fails."""
    closed = []

    class Judge(ScriptedJudge):
        async def aclose(self) -> None:
            closed.append(True)

    monkeypatch.setattr("evaluator.cli.wiring.build_judge", lambda _: Judge([UnreachableError("network", "No.")]))
    assert command("rubric", "check", QUESTION, "--bank", str(own_bank)).status == 3
    assert closed == [True]


def test_text_output(command: Any, own_bank: Path) -> None:
    """The table and its closing line fit into 80 columns."""
    done = command("rubric", "check", QUESTION, "--bank", str(own_bank))
    assert done.out.splitlines()[0].split() == [
        "rubric",
        "model",
        "off",
        "topic",
        "soup",
        "margin",
        "errors",
        "warnings",
    ]
    assert "1 rubric checked: 0 errors, " in done.out
    assert max(map(len, done.out.splitlines())) <= 80


def test_rubric_that_its_model_answer_does_not_meet(command: Any, own_bank: Path) -> None:
    """Criteria about something else are errors: the model answer no longer scores full."""
    file = own_bank / "rubrics" / f"{QUESTION}.yaml"
    other = yaml.safe_load((Path(file.parent.parent) / "rubrics" / f"{QUESTION}.yaml").read_text())
    for number, criterion in enumerate(other["criteria"]):
        criterion["examples"] = {"accept": [f"We feed the penguins herring at noon in pool {number}.", "Penguins like fish.",
                                            "Every zoo has a keeper for the penguins."], "reject": ["We sold the zoo.", "Lions eat meat."]}  # fmt: skip
        criterion["statement"] = f"The answer says that the penguins of pool {number} are fed."
        criterion["points"] = [criterion["statement"]]
    file.write_text(yaml.safe_dump(other, sort_keys=False))
    status, found = names(command, own_bank)
    assert status == 1
    assert found["model-answer-low"] == "error"


def test_overlapping_criteria(command: Any, own_bank: Path) -> None:
    """Two criteria with nearly the same statement are an error."""
    file = own_bank / "rubrics" / f"{QUESTION}.yaml"
    data = yaml.safe_load(file.read_text())
    data["criteria"][1]["statement"] = data["criteria"][0]["statement"].replace("expresses", "describes")
    file.write_text(yaml.safe_dump(data, sort_keys=False))
    status, found = names(command, own_bank)
    assert (status, found["overlap"]) == (1, "error")


def test_examples_too_alike(command: Any, own_bank: Path, bank: Bank) -> None:
    """An example that says the same as another in nearly the same words is a warning."""
    first = bank.rubric(QUESTION).criteria[0].examples
    accept = [*first.accept[:7], first.accept[0].rstrip(".") + "!"]
    change(own_bank, examples={"accept": accept, "reject": list(first.reject)})
    assert names(command, own_bank)[1]["examples-alike"] == "warning"


def test_swapped_examples(command: Any, own_bank: Path, bank: Bank) -> None:
    """A rejected sentence among the accepted ones, and the other way round, are warnings."""
    first = bank.rubric(QUESTION).criteria[0].examples
    accept, reject = list(first.accept), list(first.reject)
    accept[0], reject[0] = reject[0], accept[0]
    change(own_bank, examples={"accept": accept, "reject": reject})
    found = names(command, own_bank)[1]
    assert found["accept-like-reject"] == "warning"
    assert found["reject-like-accept"] == "warning"


def test_few_examples(command: Any, own_bank: Path) -> None:
    """A criterion with too few examples says so."""
    change(own_bank, examples={"accept": ["Debt made every change two days slower."], "reject": []})
    assert names(command, own_bank)[1]["few-examples"] == "warning"


def test_source_that_is_not_in_the_model_answer(command: Any, own_bank: Path) -> None:
    """A source that is no span of the model answer ends the check with status 1, file and line."""
    change(own_bank, source="This sentence stands nowhere.")
    done = command("rubric", "check", QUESTION, "--bank", str(own_bank))
    assert done.status == 1
    assert "criteria[0].source: found" in done.err
    assert "rubrics/technical-debt.yaml:" in done.err


def test_wording_lint_has_a_place(command: Any, own_bank: Path) -> None:
    """A remark on the wording names file and line, and is an error."""
    change(
        own_bank,
        advice="Express debt as measurable drag on the work, such as longer cycle time, more defects or switching.",
    )
    done = command("rubric", "check", QUESTION, "--bank", str(own_bank))
    assert done.status == 1
    assert "error advice-repeats  rubrics/technical-debt.yaml:" in done.out


def test_matrix_page() -> None:
    """The picture has a square with a title for every pair, and escapes what it shows."""
    page = matrix_page(Matrix(("a", "<b>"), ((100.0, 0.0), (None, 50.0))))

    class Titles(html.parser.HTMLParser):
        found: list[str] = []  # noqa: RUF012 - one use
        inside = False

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.inside = tag == "title" and not attrs

        def handle_data(self, data: str) -> None:
            if self.inside:
                self.found.append(data)
            self.inside = False

    reader = Titles()
    reader.feed(page)
    assert reader.found[1:] == ["a under a: 100", "a under <b>: 0", "<b> under a: ungraded", "<b> under <b>: 50"]
    assert page.count('fill="#0e3666"') == 1
