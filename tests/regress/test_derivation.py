"""The suite that guards the derivation of rubrics: what it replays, what it notices, and how it says so."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NoReturn
from xml.etree import ElementTree as ET

import httpx2
import pytest

from evaluator.bank import Bank
from evaluator.domain import Answer, Graded
from evaluator.errors import ConfigurationError, InputError, Problem
from evaluator.judges import Case
from evaluator.judges.embedded import EmbeddedJudge
from evaluator.regress import DerivedResult, Findings, accept, judge_findings, load_suite, plan, record, run_suite
from evaluator.regress.baseline import read_baseline
from evaluator.regress.deriving import DeriveTrial
from evaluator.regress.recording import Exchange, read_recording, write_recording
from evaluator.regress.replay import Outcome, sealed_environment
from evaluator.regress.results import flips
from evaluator.regress.stability import stability
from evaluator.regress.transport import Deck, ReplayTransport
from evaluator.regress.trial import Played
from evaluator.reports.regress_machine import render_junit, render_regress_json
from evaluator.reports.regress_text import render_regress_markdown, render_regress_text
from evaluator.runs import grade_one
from tests.regress.conftest import edited_prompts
from tests.regress.test_plugin import pytest_of

ROOT = Path(__file__).resolve().parent.parent.parent
SUITE = ROOT / "cassettes" / "derivation"
QUESTION = "plan-month"
ESTIMATED = 6
"""Requests where nothing is asked again: three sentences and one red flag need examples."""


class Copy:
    """A copy of the shipped suite for one test."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "derivation"
        self.cassette = self.root / "cassettes" / f"{QUESTION}.yaml"
        shutil.copytree(SUITE, self.root)
        self.edit("../../docs/examples/article.txt", str(ROOT / "docs" / "examples" / "article.txt"))

    def edit(self, old: str, new: str) -> None:
        """Replace a text of suite.yaml."""
        file = self.root / "suite.yaml"
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    def run(self, prompts: Path | None = None) -> Findings:
        """Run it."""
        return run_suite(load_suite(self.root, prompts=prompts))

    def failed(self, findings: Findings) -> dict[str, str]:
        """What fails the gate."""
        return {check.name: check.detail for check in judge_findings(findings).checks if not check.passed}


@pytest.fixture
def copied(tmp_path: Path) -> Copy:
    """A copy of the shipped suite."""
    return Copy(tmp_path)


@pytest.fixture(scope="module")
def findings() -> Iterator[Findings]:
    """The shipped suite as it is, replayed with sockets out of reach."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("a socket was opened")

    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("OPENAI_API_KEY", raising=False)
        patch.setattr(socket.socket, "connect", refuse)
        patch.setattr(socket, "getaddrinfo", refuse)
        yield run_suite(load_suite(SUITE))


def exchanges(file: Path) -> list[Exchange]:
    """What is recorded in a file."""
    found = read_recording(file)
    assert not isinstance(found, Problem)
    return list(found)


def derived(findings: Findings) -> DerivedResult:
    """What the derivation came to."""
    found = findings.results[QUESTION]
    assert isinstance(found, DerivedResult)
    return found


def trial_of(root: Path) -> DeriveTrial:
    """The one case of a suite."""
    (trial,) = load_suite(root).trials
    assert isinstance(trial, DeriveTrial)
    return trial


def test_it_passes(findings: Findings) -> None:
    """Today's prompt, checks and self-check derive what somebody accepted; a weak model gives no final rubric."""
    assert [check for check in judge_findings(findings).checks if not check.passed] == []
    found = derived(findings)
    (outcome,) = findings.outcomes
    assert (found.status, found.requests, findings.usage.calls) == ("draft", outcome.requests, outcome.requests)
    # The model copies the example of the prompt: its first criterion comes from nowhere, and a check says so.
    assert {id_ for id_, shape in found.criteria.items() if shape.endswith("no source")} == {"team-pager"}
    assert found.refused["source-not-found"] == 1


def test_what_was_derived_grades(tmp_path: Path) -> None:
    """The draft grades: other words meet what came from the model answer, and not what came from nowhere."""
    trial = trial_of(SUITE)
    deck = Deck(exchanges(SUITE / "cassettes" / f"{QUESTION}.yaml"))
    with sealed_environment():
        outcome = asyncio.run(trial.derive(tmp_path, ReplayTransport(deck)))
    assert (outcome.kind, deck.misses, deck.left) == ("draft", [], [])
    rubric = Bank(tmp_path, trial.bank.questions, trial.bank.scale, {}).rubric(QUESTION)
    text = (ROOT / "docs" / "examples" / "plan-month-answer.md").read_text(encoding="utf-8")
    answer = Answer(id="own", question_id=QUESTION, text=text)
    graded = asyncio.run(grade_one(Case(trial.question, rubric, answer), trial.bank.scale, EmbeddedJudge()))
    assert isinstance(graded, Graded)
    found = {one.id: one for one in graded.criteria}
    assert (found["end-month"].verdict, found["team-pager"].verdict == "met") == ("met", False)
    assert [one.quote in text for one in found["end-month"].evidence] == [True]


def test_a_sentence_of_the_prompt(copied: Copy, tmp_path: Path) -> None:
    """One edited sentence is a miss at the first request, is shown, and recording is estimated as a whole derivation."""
    old, new = "Two criteria never ask for the same.", "No two criteria ask for the same."
    prompts = edited_prompts(tmp_path / "prompts", "derive/v1", old, new)
    found = copied.run(prompts)
    assert copied.failed(found) == {"recordings": f"1 request not recorded: {QUESTION}"}
    (change,) = found.changes
    assert any(old in line for line in change.lines if line.startswith("-"))
    assert any(new in line for line in change.lines if line.startswith("+"))
    assert found.cost.calls == trial_of(copied.root).estimate().calls == ESTIMATED
    shown = render_regress_text(found, judge_findings(found))
    assert f"  {QUESTION}: 0 requests replayed, 1 not recorded. Each request follows from the replies" in shown
    assert f"evaluator regress record {copied.root} --prompts {prompts}   ({ESTIMATED} requests, about " in shown


def test_a_miss_further_on_is_recorded(copied: Copy) -> None:
    """Without its last exchange all others replay, the request is shown beside the nearest, and only it is asked for."""
    whole = copied.cassette.read_bytes()
    *first, last = exchanges(copied.cassette)
    write_recording(copied.cassette, first)
    found = copied.run()
    (outcome,) = found.outcomes
    assert (outcome.requests, len(outcome.misses), found.cost.calls) == (len(first), 1, 1)
    assert outcome.misses[0].body == last.request
    assert found.changes[0].lines[0].startswith("@@ the user message")
    asked: list[bytes] = []

    def model(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.content)
        return httpx2.Response(200, json=last.reply)

    record(plan(load_suite(copied.root)), lambda _: None, server=httpx2.MockTransport(model))
    assert [json.loads(content) for content in asked] == [last.request]
    assert copied.cassette.read_bytes() == whole


def test_flips_in_every_form(copied: Copy, findings: Findings) -> None:
    """What is not as in the baseline is told in every form, fails the gate, and can be accepted."""
    file = copied.root / "baseline.json"
    accept(replace(findings, suite=load_suite(copied.root)), "As it is.")
    data = json.loads(file.read_text(encoding="utf-8"))
    data["cases"][QUESTION]["refused"]["form"] += 1
    del data["cases"][QUESTION]["criteria"]["end-month"]
    file.write_text(json.dumps(data), encoding="utf-8")
    found = copied.run()
    changed = [(flip.item, flip.before, flip.after) for flip in found.flips]
    assert changed == [("criterion end-month", "not there", "1 point, with source"), ("refused: form", "4", "3")]
    gate = judge_findings(found)
    assert copied.failed(found) == {"flips": "2 details changed, at most 0 may"}
    text = render_regress_text(found, gate)
    assert f"  {QUESTION} / refused: form: 4 -> 3\n" in text
    assert "Flips by style" not in text
    assert f"| {QUESTION} / refused: form | 4 | 3 |" in render_regress_markdown(found, gate)
    shown = json.loads(render_regress_json(found, gate))
    assert (shown["kind"], shown["flips"][1]["item"]) == ("derive", "refused: form")
    (failure,) = ET.fromstring(render_junit(found, gate)).findall("testsuite/testcase/failure")[:1]  # noqa: S314
    assert f"{QUESTION} / refused: form: 4 -> 3" in (failure.text or "")
    accept(found, "As it was.")
    baseline = read_baseline(file)
    assert baseline is not None
    assert flips(baseline.cases, found.results) == ()


def test_what_counts_as_a_flip(findings: Findings) -> None:
    """Criteria that appear, vanish or change, refusals more or less, and a derivation that comes to nothing."""
    old = derived(findings)
    criteria = {**old.criteria, "new-one": "2 points, with source", "first-week": "3 points, with source"}
    del criteria["team-pager"]
    refused = {**old.refused, "form": 1, "compound": 2}
    new = old.model_copy(update={"criteria": criteria, "refused": refused, "status": "rubric"})
    assert [(f.item, f.before, f.after) for f in flips({"q": old}, {"q": new})] == [
        ("", "draft", "rubric"),
        ("criterion first-week", "1 point, with source", "3 points, with source"),
        ("criterion new-one", "not there", "2 points, with source"),
        ("criterion team-pager", "1 point, no source", "not there"),
        ("refused: compound", "not there", "2"),
        ("refused: form", "3", "1"),
    ]
    gone = DerivedResult(question=QUESTION, status="nothing", reason="the reply was empty", criteria={})
    assert [(f.item, f.after) for f in flips({"q": old}, {"q": gone})] == [("", "nothing (the reply was empty)")]


def test_a_model_that_says_nothing() -> None:
    """A derivation without any criterion is a result of its own, with the reason."""
    reply = {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "small",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": ""}}],
    }
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, json=reply))
    with sealed_environment():
        played = asyncio.run(trial_of(SUITE).play(transport))
    assert played.result.status == "nothing"
    assert f"gave no criterion for {QUESTION}: the reply was empty" in played.result.reason


def test_repeats_waver(findings: Findings) -> None:
    """Of two recordings of a case, the parts that are the same are counted, and those that waver are named."""
    one = derived(findings)
    other = one.model_copy(update={"examples": 4})
    outcome = Outcome(findings.outcomes[0].trial, (Played(one), Played(other)))
    found = stability([outcome])
    assert found.share == pytest.approx(1 - 1 / sum(map(len, one.parts)))
    assert found.wavering == ((f"{QUESTION} / examples", (("0", 1), ("4", 1))),)


def test_a_source_that_is_nowhere(findings: Findings) -> None:
    """A rubric whose source does not stand in the model answer fails the gate and cannot be accepted."""
    wrong = replace(findings, false_quotes=(f"{QUESTION} / first-week",))
    failed = {check.name: check.detail for check in judge_findings(wrong).checks if not check.passed}
    assert failed["sources"] == f"sources that do not stand in the model answer: {QUESTION} / first-week"
    with pytest.raises(InputError, match="without a quote"):
        accept(wrong, "Never.")


def test_missing_and_damaged(copied: Copy) -> None:
    """A recording that is gone, cut off or no recording is told as in any suite, with what recording takes."""
    whole = copied.cassette.read_text(encoding="utf-8")
    copied.cassette.unlink()
    found = copied.run()
    assert found.changes[0].lines == ("nothing is recorded for this case",)
    assert found.cost.calls == ESTIMATED
    for text, message in [
        (whole[:5000], "a file that was cut off"),
        (whole.replace("interactions:", "interactions: [", 1), "broken YAML"),
        (whole.replace("code: 200", "code: fine", 1), "interactions[0]: found no whole exchange"),
    ]:
        copied.cassette.write_text(text, encoding="utf-8")
        found = copied.run()
        assert message in copied.failed(found)["damaged recording"]
        assert found.cost.calls == ESTIMATED
    with pytest.raises(InputError, match="nothing to accept"):
        accept(found, "Never.")


def test_stale_and_unknown(copied: Copy) -> None:
    """An exchange that is no longer made, and a file of no case, fail the gate."""
    extra = Exchange("POST", "http://model.invalid/v1/chat/completions", {}, 200, {})
    write_recording(copied.cassette, [*exchanges(copied.cassette), extra])
    stray = copied.cassette.with_name("old.yaml")
    stray.write_text("x", encoding="utf-8")
    found = copied.run()
    checks = [check.detail for check in judge_findings(found).checks if check.name == "stale recording"]
    assert "holds 1 exchange that the judge no longer makes" in checks[0]
    assert "no case uses old.yaml" in checks[1]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("kind: derive", "kind: sing", "kind: found \"sing\"; expected 'grade' or 'derive'"),
        ("article.txt", "gone.txt", "a file, named relative to the suite"),
        ("[plan-month]", "[plan-month, nobody, plan-month]", 'questions[1]: found "nobody"; expected a question'),
        ("[plan-month]", "[plan-month, plan-month]", 'questions[1]: found "plan-month"; expected each question once'),
        ("[plan-month]", "[what-tells-you-that-two]", "expected a question with a model answer"),
        ("max_flips: 0", "min_kappa: 0", "thresholds.min_kappa: found an unknown key; expected one of: max_flips"),
        ("prompt:", "bank: ../bank\nprompt:", "expected an article or a bank, not both"),
    ],
)
def test_a_suite_with_problems(copied: Copy, old: str, new: str, message: str) -> None:
    """Each problem of suite.yaml is told with its file, line and field."""
    copied.edit(old, new)
    with pytest.raises(InputError) as error:
        load_suite(copied.root)
    assert re.search(r"suite\.yaml:\d+: ", str(error.value))
    assert message in str(error.value)


def test_who_derives(copied: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    """The embedded judge derives nothing; a server that replaying would not know is refused."""
    copied.edit("base_url: http://127.0.0.1:8077/v1", "")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://elsewhere.invalid/v1")
    with pytest.raises(ConfigurationError, match="OPENAI_BASE_URL is set"):
        plan(load_suite(copied.root))
    copied.edit("openai/qwen2.5-coder-1.5b-instruct-q4_k_m", "embedded")
    with pytest.raises(InputError, match="expected a language model: the embedded judge derives nothing"):
        load_suite(copied.root)


def test_questions_of_a_bank(copied: Copy) -> None:
    """Questions may come from a bank, also one that is named in place of the suite's article."""
    copied.edit("[plan-month]", "[dora-rollout]")
    (trial,) = load_suite(copied.root, bank=ROOT).trials
    assert trial.question.id == "dora-rollout"
    copied.edit("article:", "bank: " + str(ROOT) + "  #")
    (again,) = load_suite(copied.root).trials
    assert again.question == trial.question


def test_as_pytest_collects_it(copied: Copy, tmp_path: Path, findings: Findings) -> None:
    """The case and the gate are tests; a miss fails both with its difference and the command that records."""
    whole = Copy(tmp_path / "whole")
    accept(replace(findings, suite=load_suite(whole.root)), "As it is.")
    copied.cassette.unlink()
    status, out = pytest_of(tmp_path, "--evaluator-suite", "derivation", "--evaluator-suite", "whole/derivation")
    assert (status, "2 failed, 2 passed" in out) == (1, True)
    assert "nothing is recorded for this case" in out
    assert f"'evaluator regress record {copied.root}' records it." in out
