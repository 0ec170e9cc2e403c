"""What a run of a suite notices, and what it does not mind."""

from __future__ import annotations

import os
import socket
from typing import Any, NoReturn

import pytest
import yaml

from evaluator.domain import Assessment, Evidence, Finding, RedFlagFinding, Rubric
from evaluator.judges import Case, JudgeIdentity

SENTENCE = "A vague wish or a"


def test_an_unchanged_suite_passes(bench: Any) -> None:
    """Nothing changed: every case replays, nothing flips, no score moves, and the gate is passed."""
    findings, gate = bench.run()
    assert bench.failed(gate) == {}
    assert len(findings.results) == 7
    assert (findings.flips, findings.moves, findings.changes) == ((), (), ())
    assert findings.results["a-strong"].verdicts == {"owner-paged": "met", "page-review": "met"}
    assert findings.results["a-strong"].score == 100.0
    assert findings.results["a-injected"].verdicts == {"owner-paged": "partial", "page-review": "missed"}
    assert findings.usage.calls == 9


def test_replaying_opens_no_socket(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With sockets out of reach and no key, a run is the same."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    assert bench.run()[1].passed


def test_keys_and_servers_of_the_machine_do_not_count(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A suite without base_url replays the same whatever the environment names, and leaves the environment alone."""
    bench.change(base_url=None, judge="openai/gpt-5-mini")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-for-recording")
    bench.record(anew=True)
    monkeypatch.delenv("OPENAI_API_KEY")
    bench.accept()
    before = bench.run()[0].results
    monkeypatch.setenv("OPENAI_BASE_URL", "http://elsewhere.invalid/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "another")
    findings, gate = bench.run()
    assert bench.failed(gate) == {}
    assert findings.results == before
    assert os.environ["OPENAI_BASE_URL"] == "http://elsewhere.invalid/v1"
    assert os.environ["OPENAI_API_KEY"] == "another"


def test_a_sentence_of_the_prompt(bench: Any) -> None:
    """An edited sentence fails all cases at once and is shown, once, with its words; restoring it passes."""
    before = bench.system.read_text(encoding="utf-8")
    bench.edit(bench.system, SENTENCE, "A faint hope or a")
    findings, gate = bench.run()
    assert "9 requests not recorded" in bench.failed(gate)["recordings"]
    (change,) = findings.changes
    assert len(change.cases) == 7
    assert any(line.startswith("-") and SENTENCE in line for line in change.lines)
    assert any(line.startswith("+") and "A faint hope or a" in line for line in change.lines)
    assert any(line.startswith("?") and "[-vague wish-] {+faint hope+}" in line for line in change.lines)
    assert findings.cost.calls == 9
    assert findings.cost.input_tokens > 1000
    bench.system.write_text(before, encoding="utf-8")
    assert bench.run()[1].passed


def test_a_weight(bench: Any) -> None:
    """A weight is in no prompt: scores move without a recording, and the gate says by how much if it is asked to."""
    bench.edit(bench.rubric, "weight: 4", "weight: 2")
    findings, gate = bench.run()
    assert findings.moves == (("a-clean", 40.0, 33.3), ("a-injected", 40.0, 33.3))
    assert gate.passed
    bench.change(thresholds={"max_score_change": 5})
    assert bench.failed(bench.run()[1]) == {"change of a score": "the largest is 6.7, at most 5 may be"}


def test_the_text_of_a_point(bench: Any) -> None:
    """Another text of a point is sent, and so it is a miss in the cases of that question alone."""
    bench.edit(bench.rubric, "The answer says that the owner is paged.]", "The answer says that the owner is called.]")
    findings, gate = bench.run()
    assert not gate.passed
    assert {one.trial.case.question.id for one in findings.missing} == {"on-call"}
    assert len(findings.missing) == 5
    assert sorted(findings.results) == ["b-strong", "b-weak"]
    # The case with one call per criterion misses the one call that changed.
    (apart,) = (one for one in findings.missing if one.trial.calls == "per-criterion")
    assert len(apart.misses) == 1
    assert "+2. The answer says that the owner is called." in findings.changes[0].lines


def test_the_order_of_keys(bench: Any) -> None:
    """Keys of a YAML file in another order change nothing."""
    for file in (bench.rubric, bench.root / "suite.yaml"):
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
        file.write_text(yaml.safe_dump(dict(reversed(data.items())), sort_keys=False), encoding="utf-8")
    findings, gate = bench.run()
    assert gate.passed
    assert findings.moves == ()


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"settings": {"max_tokens": 600}}, ["@@ max_tokens @@", "-500", "+600"]),
        ({"settings": {"max_tokens": 500, "temperature": 0.5}}, ["@@ temperature @@", "-0.0", "+0.5"]),
        ({"judge": "openai/large"}, ["@@ model @@", "-small", "+large"]),
    ],
    ids=["a limit", "the temperature", "the model"],
)
def test_a_setting(bench: Any, keys: dict[str, Any], expected: list[str]) -> None:
    """Another setting or model is a miss of all cases that names it."""
    bench.change(**keys)
    (change,) = bench.run()[0].changes
    assert list(change.lines) == expected


def test_the_reply_schema(bench: Any) -> None:
    """A reply schema that is not the recorded one is a miss that shows the line of the schema."""
    text = "one for every numbered point, in order"
    bench.edit(bench.cassette("b-weak"), text, "one for each point")
    (change,) = bench.run()[0].changes
    assert change.cases == ("b-weak",)
    assert change.lines[0].startswith("@@ the reply schema")
    assert any("one for each point" in line for line in change.lines if line.startswith("-"))
    assert any(text in line for line in change.lines if line.startswith("+"))


def test_another_reply_flips(bench: Any) -> None:
    """Replies that were recorded anew show as flips, with the direction, by criterion and in the agreement."""
    bench.alter_reply("a-strong", '"points": [true, true]', '"points": [true, false]')
    findings, gate = bench.run()
    (flip,) = findings.flips
    assert (flip.case, flip.item, flip.before, flip.after) == ("a-strong", "owner-paged", "met", "partial")
    assert (flip.label, flip.direction, flip.style) == ("met", "further", "strong")
    assert bench.failed(gate) == {"flips": "1 verdict changed, at most 0 may"}
    assert findings.moves == (("a-strong", 100.0, 60.0),)
    per_answer = next(one for one in findings.measured if one.calls == "per-answer")
    assert per_answer.change["bias"].value == pytest.approx(-8)
    assert per_answer.change["kappa"].value is not None
    assert per_answer.change["kappa"].value < 0
    bench.change(thresholds={"max_flips": 1})
    assert bench.run()[1].passed


def test_a_case_without_a_baseline(bench: Any) -> None:
    """A case that the baseline does not know, or no longer belongs to the suite, fails until it is accepted."""
    bench.change(cases=["a-strong", "a-weak", "a-injected", "a-clean", "b-strong"])
    bench.cassette("b-weak").unlink()
    gate = bench.run()[1]
    assert bench.failed(gate)["baseline"].startswith("the suite and the baseline differ in cases: b-weak")
    bench.accept("Without one.")
    assert bench.run()[1].passed
    (bench.root / "baseline.json").unlink()
    again = bench.load().command("accept", "--reason", "...")
    assert bench.failed(bench.run()[1]) == {"baseline": f"there is none: '{again}' makes one"}


class Agreeable:
    """In place of the embedded judge: says yes to everything, with the first words as a quote."""

    identity = JudgeIdentity("embedded", "none", None, "")

    def trust(self, rubric: Rubric) -> str:
        """Not at all."""
        return f"It has not read {rubric.question}."

    async def assess(self, case: Case) -> Assessment:
        """All points are met."""
        quote = (Evidence(quote=case.answer.text[:8], start=0, end=8),)
        return Assessment(
            findings=tuple(
                Finding(criterion_id=c.id, points=(True,) * len(c.points), confidence=1, evidence=quote)
                for c in case.rubric.criteria
            ),
            red_flags=tuple(
                RedFlagFinding(red_flag_id=f.id, present=False, confidence=1) for f in case.rubric.red_flags
            ),
        )

    async def aclose(self) -> None:
        """Nothing to close."""


def test_the_embedded_judge_needs_no_recording(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A suite of the embedded judge is judged anew, and a judge that is blind to strength breaks an invariant."""
    monkeypatch.setattr("evaluator.regress.answers.build_judge", lambda _: Agreeable())
    keys: dict[str, Any] = {"judge": "embedded", "base_url": None, "per_criterion": []}
    bench.change(**keys)
    for file in (bench.root / "cassettes").iterdir():
        file.unlink()
    (bench.root / "baseline.json").unlink()
    broken = "a-strong is not above a-weak, b-strong is not above b-weak"
    assert bench.failed(bench.run()[1])["strong above weak"] == broken
    bench.accept("The embedded judge.")
    findings, gate = bench.run()
    assert gate.passed
    assert findings.baseline is not None
    assert findings.baseline.known == ("a-strong is not above a-weak", "b-strong is not above b-weak")
    assert findings.judge == "embedded"
    assert findings.flips == ()
