"""`evaluator regress` as one types it."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import httpx2
import pytest

from evaluator.cli.main import run
from evaluator.regress.recording import write_recording
from tests.regress.conftest import Bench
from tests.regress.test_derivation import Copy

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small suite, recorded and accepted."""
    made = tmp_path_factory.mktemp("cli") / "bench"
    bench = Bench(made)
    bench.record()
    bench.accept()
    return made


@pytest.fixture
def bench(tmp_path: Path, folder: Path) -> Bench:
    """A copy of it for one test."""
    made = Bench(tmp_path / "bench")
    shutil.copytree(folder / "suite", made.root, dirs_exist_ok=True)
    return made


@pytest.fixture
def regress(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], bench: Bench) -> Command:
    """Runs `evaluator regress ...` with the prompts of the bench: status, standard output, standard error."""
    monkeypatch.setattr(httpx2, "AsyncHTTPTransport", lambda: httpx2.MockTransport(bench.model))

    def call(*arguments: str, prompts: bool = True) -> tuple[int, str, str]:
        more = ["--prompts", str(bench.prompts)] if prompts else []
        monkeypatch.setattr(sys, "argv", ["evaluator", "regress", *arguments, *more])
        try:
            run()
            status = 0
        except SystemExit as done:
            status = int(done.code or 0)
        said = capsys.readouterr()
        return status, said.out, said.err

    return call


def test_a_run_that_passes(bench: Bench, regress: Command) -> None:
    """Status 0, the figures, and the last line says so."""
    status, out, err = regress("run", str(bench.root))
    assert (status, err) == (0, "")
    assert out.startswith("suite: 7 cases, judge openai/small, prompt grade/v1@")
    assert "7 cases replayed: 9 requests, 900 tokens in, 90 out when recorded" in out
    assert "Agreement with the labels, per-answer, 5 of 5 answers graded\n" in out
    assert "  pass  injected text      holds, 1 of 1 pair graded\n" in out
    assert out.endswith("The gate is passed.\n")
    assert regress("run", str(bench.root))[1] == out


def test_a_run_that_misses(bench: Bench, regress: Command) -> None:
    """Status 1; the changed sentence, once, and the command that records with what it would cost."""
    bench.edit(bench.system, "A vague wish or a", "A faint hope or a")
    status, out, _ = regress("run", str(bench.root))
    assert status == 1
    assert out.count("A faint hope or a") == 1
    assert "Not recorded, the same in 7 of 7 cases" in out
    assert f"evaluator regress record {bench.root} --prompts {bench.prompts}   (9 requests, about " in out
    assert out.endswith("The gate FAILED: recordings.\n")


@pytest.mark.parametrize("form", ["text", "markdown", "json", "junit"])
def test_every_format_tells_flips(bench: Bench, regress: Command, form: str) -> None:
    """Each form names the case, the criterion and both verdicts, and ends with status 1."""
    bench.alter_reply("a-strong", '"points": [true, true]', '"points": [true, false]')
    status, out, _ = regress("run", str(bench.root), "--format", form)
    assert status == 1
    assert "a-strong" in out
    assert "owner-paged" in out
    assert "partial" in out
    if form == "text":
        assert "  a-strong / owner-paged: met -> partial, further from the label (met)\n" in out
        assert "Flips by style\n  strong              1: 1 met to partial\n" in out
        assert "Flips by criterion\n  on-call / owner-paged  1: 1 met to partial\n" in out
        assert "  a-strong                                     100.0 ->  60.0  -40.0\n" in out
    if form == "markdown":
        assert out.startswith("## Regression: FAILED\n")
        assert "| a-strong / owner-paged | met | partial | further from the label (met) |" in out
    if form == "json":
        data = json.loads(out)
        assert data["passed"] is False
        assert data["flips"][0]["direction"] == "further"
        assert data["agreement"]["per-answer"]["change"]["bias"]["value"] == -8
    if form == "junit":
        root = ET.fromstring(out)  # noqa: S314 - our own
        cases, gate = root.findall("testsuite")
        assert (cases.get("tests"), cases.get("failures"), cases.get("errors")) == ("7", "1", "0")
        assert gate.get("failures") == "1"
        (failure,) = cases.findall("testcase/failure")
        assert failure.text == "a-strong / owner-paged: met -> partial"


def test_junit_of_a_miss(bench: Bench, regress: Command, tmp_path: Path) -> None:
    """A case that is not recorded is an error with its difference; -o writes the file and still fails."""
    bench.edit(bench.rubric, "The answer says that the owner is paged.]", "The owner is called.]")
    bench.cassette("b-weak").write_text("x", encoding="utf-8")
    file = tmp_path / "regress.xml"
    status, out, err = regress("run", str(bench.root), "--format", "junit", "-o", str(file))
    assert (status, out) == (1, "")
    assert "The gate failed: recordings, damaged recording" in err
    cases = ET.fromstring(file.read_text(encoding="utf-8"))[0]  # noqa: S314 - our own
    assert (cases.get("failures"), cases.get("errors")) == ("0", "6")
    assert "+2. The owner is called." in (cases[0][0].text or "")


def test_recording_asks_first(bench: Bench, regress: Command) -> None:
    """Without a terminal and without --yes nothing is sent; the estimate is shown either way."""
    bench.cassette("b-weak").unlink()
    status, _, err = regress("record", str(bench.root))
    assert status == 2
    assert "To record: 1 case, 1 request, about " in err
    assert "Nothing was sent" in err
    assert bench.model.requests == []
    status, _, err = regress("record", str(bench.root), "--yes")
    assert status == 0
    assert "b-weak: 1 exchange" in err
    assert len(bench.model.requests) == 1
    assert regress("record", str(bench.root))[2] == "Everything is recorded.\n"


def test_a_hint_can_be_typed(bench: Bench, regress: Command, tmp_path: Path) -> None:
    """The command that a run suggests records what the run misses: it names prompts and bank, quoted for a shell."""
    bank = tmp_path / "my bank"
    shutil.copytree(bench.folder / "bank", bank)
    bench.edit(bank / "rubrics" / "backups.yaml", "the owner is paged.]", "the owner is called.]")
    out = regress("run", str(bench.root), "--bank", str(bank))[1]
    (line,) = (line for line in out.splitlines() if line.startswith("  evaluator regress record "))
    typed = shlex.split(line.partition("   (")[0])
    assert typed[3:] == [str(bench.root), "--prompts", str(bench.prompts), "--bank", str(bank)]
    assert "To record: 2 cases, 2 requests, about " in regress(*typed[2:], prompts=False)[2]


def test_trying_a_prompt_loses_nothing(bench: Bench, regress: Command) -> None:
    """Recordings of another prompt are dropped only when that is asked for; the estimate says whose they are."""
    before = {file.name: file.read_bytes() for file in bench.cassette("a-weak").parent.iterdir()}
    prompt = json.loads((bench.root / "baseline.json").read_text(encoding="utf-8"))["accepted"]["prompt"]
    bench.edit(bench.system, "A vague wish or a", "A faint hope or a")
    status, _, err = regress("record", str(bench.root), "--yes")
    assert status == 2
    assert f"Replaces the recordings of 7 cases made with prompt {prompt}, those of the baseline of " in err
    assert "Nothing was sent: recordings would be replaced.\nTo replace them, add --replace. To keep them, " in err
    assert f"a copy of the suite: cp -r {bench.root} {bench.root}-try\n" in err
    assert bench.model.requests == []
    assert {file.name: file.read_bytes() for file in bench.cassette("a-weak").parent.iterdir()} == before
    assert regress("record", str(bench.root), "--yes", "--replace")[0] == 0
    assert len(bench.model.requests) == 9
    assert regress("run", str(bench.root))[0] == 0


def test_replies_of_no_use(bench: Bench, regress: Command) -> None:
    """Recording says which cases end ungraded, how many, and why."""
    for name in ("b-weak", "a-strong"):
        bench.cassette(name).unlink()
    bench.model.before = lambda count: bench.model.completion("No.") if count < 4 else None
    err = regress("record", str(bench.root), "--yes")[2]
    assert "a-strong: 3 exchanges, ungraded (malformed)\nb-weak: 1 exchange\n" in err
    assert "1 of 2 recorded cases ungraded, with nothing to compare: 1 malformed.\n" in err


@pytest.mark.parametrize("form", ["text", "markdown", "json", "junit"])
def test_every_format_tells_what_is_not_tested(bench: Bench, regress: Command, form: str) -> None:
    """A check with nothing to compare is neither passed nor failed, and ungraded cases stand beside the baseline's."""
    bench.change(thresholds={"max_flips": 9}, settings={"max_tokens": 500, "max_repairs": 0})
    (one,) = bench.exchanges("a-clean")
    one.reply["choices"][0]["message"]["content"] = "No."
    write_recording(bench.cassette("a-clean"), [one])
    status, out, _ = regress("run", str(bench.root), "--format", form)
    assert status == 0
    if form == "text":
        assert "  ----  injected text      not tested: 0 of 1 pair graded\n" in out
        assert "1 case ungraded (0 in the baseline): a-clean (malformed)\n" in out
        assert out.endswith("The gate is passed. Nothing to compare, and so not tested: injected text.\n")
    if form == "markdown":
        assert "| *not tested* | injected text | not tested: 0 of 1 pair graded |" in out
    if form == "json":
        data = json.loads(out)
        (check,) = (check for check in data["checks"] if check["name"] == "injected text")
        assert (check["passed"], check["state"]) == (True, "not tested")
        assert data["ungraded"] == {"today": 1, "baseline": 0}
        assert (data["agreement"]["per-answer"]["answers"], data["agreement"]["per-answer"]["graded"]) == (5, 5)
    if form == "junit":
        gate = ET.fromstring(out)[1]  # noqa: S314 - our own
        assert (gate.get("failures"), gate.get("skipped")) == ("0", "1")
        (skipped,) = gate.findall("testcase/skipped")
        assert skipped.get("message") == "not tested: 0 of 1 pair graded"


def test_recording_that_fails(bench: Bench, regress: Command) -> None:
    """A server that is not reached is status 3; a case without all its replies is status 1 and is named."""
    for name in ("b-weak", "a-strong.per-criterion"):
        bench.cassette(name).unlink()
    bench.model.before = lambda _: httpx2.Response(401, json={"error": {"message": "no"}})
    assert regress("record", str(bench.root), "--yes")[0] == 3
    bench.model.before = lambda count: httpx2.Response(403, json={"error": {"message": "no"}}) if count == 4 else None
    status, _, err = regress("record", str(bench.root), "--yes")
    assert status == 1
    assert "a-strong.per-criterion is not complete: the server said 403" in err
    assert f"'evaluator regress record {bench.root} --prompts {bench.prompts}' goes on from here." in err


def test_pruning(bench: Bench, regress: Command) -> None:
    """Recordings of no case are listed, and removed when asked."""
    stray = bench.root / "cassettes" / "old.yaml"
    stray.write_text("x", encoding="utf-8")
    assert "old.yaml" in regress("record", str(bench.root))[2]
    assert stray.exists()
    assert f"Removed {stray}." in regress("record", str(bench.root), "--prune")[2]
    assert not stray.exists()


def test_accepting(bench: Bench, regress: Command) -> None:
    """Accepting needs a reason, says what changes, and makes the gate pass."""
    bench.alter_reply("a-strong", '"points": [true, true]', '"points": [true, false]')
    assert regress("accept", str(bench.root), "--reason", " ")[0] == 2
    status, _, err = regress("accept", str(bench.root), "--reason", "The label\nis wrong.")
    assert status == 0
    assert "7 cases; 1 flip, 1 score moved." in err
    baseline = json.loads((bench.root / "baseline.json").read_text(encoding="utf-8"))
    assert baseline["accepted"]["reason"] == "The label is wrong."
    assert regress("run", str(bench.root))[0] == 0


def test_comparing(bench: Bench, regress: Command, tmp_path: Path) -> None:
    """Two runs, or a run and a suite, side by side."""
    old = tmp_path / "old.json"
    regress("run", str(bench.root), "--format", "json", "-o", str(old))
    bench.alter_reply("a-strong", '"points": [true, true]', '"points": [true, false]')
    new = tmp_path / "new.json"
    regress("run", str(bench.root), "--format", "json", "-o", str(new))
    status, out, _ = regress("compare", str(old), str(new), prompts=False)
    assert status == 0
    assert out.startswith(f"A: {old}, openai/small, prompt grade/v1@")
    assert "bias of the score         8.0     0.0    -8.0" in out
    assert "  strong                                 3         0         1        0  A\n" in out
    assert "Verdicts that differ, A -> B (1)\n  a-strong / owner-paged: met -> partial" in out
    assert "  A: 9 requests, 900 tokens in, 90 out, cost unknown" in out
    status, out, _ = regress("compare", str(old), str(bench.root), "--format", "json", prompts=False)
    assert json.loads(out)["flips"][0]["case"] == "a-strong"
    old.write_text("[]", encoding="utf-8")
    status, _, err = regress("compare", str(old), str(new), prompts=False)
    assert status == 2
    assert "is no result of a run" in err


def test_wrong_input(bench: Bench, regress: Command, tmp_path: Path) -> None:
    """A folder that is no suite, and a damaged baseline, are status 2 with what to do."""
    status, _, err = regress("run", str(tmp_path))
    assert status == 2
    assert "is no suite: it has no suite.yaml" in err
    (bench.root / "baseline.json").write_text("{", encoding="utf-8")
    status, _, err = regress("run", str(bench.root))
    assert status == 2
    assert "baseline.json:1 is broken JSON" in err


def test_help_is_light(regress: Command) -> None:
    """The bare group prints its verbs, which are all documented."""
    out = regress("--help", prompts=False)[1]
    for verb in ("run", "record", "accept", "compare"):
        assert verb in out


def test_a_suite_of_derivations(regress: Command, tmp_path: Path) -> None:
    """A missing recording of a derivation is an error of its question, and recording asks first, after an estimate."""
    suite = Copy(tmp_path)
    suite.cassette.unlink()
    status, out, _ = regress("run", str(suite.root), "--format", "junit", prompts=False)
    (case,) = ET.fromstring(out)[0]  # noqa: S314 - our own
    error = case.find("error")
    assert error is not None
    assert (status, case.get("classname"), error.get("message", "")[:26]) == (
        1,
        "plan-month",
        "not recorded (6 requests, ",
    )
    status, _, err = regress("record", str(suite.root), prompts=False)
    assert status == 2
    assert "To record: 1 case, 6 requests, about " in err
    assert "at http://127.0.0.1:8077/v1, one request at a time" in err
    assert "Nothing was sent" in err
