"""Baselines, agreement, noise, invariants and comparisons."""

from __future__ import annotations

import json
from typing import Any

import pytest

from evaluator.errors import InputError
from evaluator.regress import CaseResult, Flip, duel, run_suite, side_of
from evaluator.regress.agreement import agreement, change, is_noise
from evaluator.regress.baseline import read_baseline
from evaluator.regress.recording import write_recording
from evaluator.regress.results import flips
from evaluator.scoring.agreement import Figure


def result(verdict: str = "met", label: str = "met", **more: Any) -> CaseResult:
    """A graded case of one criterion."""
    fields: dict[str, Any] = {
        "answer": "a",
        "question": "q",
        "style": "terse",
        "calls": "per-answer",
        "status": "graded",
        "score": {"met": 100.0, "partial": 50.0, "missed": 0.0}.get(verdict),
        "verdicts": {"c": verdict},
        "labels": {"c": label},
        "label_score": {"met": 100.0, "partial": 50.0, "missed": 0.0}[label],
    }
    return CaseResult(**{**fields, **more})


def test_the_baseline_reads_well(bench: Any) -> None:
    """Keys are sorted and each verdict has a line of its own, so that a flip is one line of a difference."""
    text = (bench.root / "baseline.json").read_text(encoding="utf-8")
    data = json.loads(text)
    assert text == json.dumps(data, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    assert '    "owner-paged": "partial",\n    "page-review": "missed"\n' in text
    assert data["accepted"]["reason"] == "First recording."
    assert data["accepted"]["judge"] == "openai/small"
    assert data["accepted"]["prompt"].startswith("grade/v1@")
    assert data["accepted"].keys() == {"date", "evaluator", "judge", "prompt", "reason"}
    before = text.splitlines()
    bench.alter_reply("b-strong", '"points": [true, true]', '"points": [true, false]')
    bench.accept("One flip.")
    after = (bench.root / "baseline.json").read_text(encoding="utf-8").splitlines()
    changed = [line.strip() for line in set(after) - set(before)]
    assert '"owner-paged": "partial",' in "".join(after)
    assert len(changed) <= 6
    assert bench.run()[1].passed


def test_accept_refuses_what_is_not_whole(bench: Any) -> None:
    """A result with a miss cannot become the baseline."""
    bench.cassette("a-weak").unlink()
    before = (bench.root / "baseline.json").read_bytes()
    with pytest.raises(InputError, match="nothing to accept"):
        bench.accept()
    assert (bench.root / "baseline.json").read_bytes() == before


@pytest.mark.parametrize(
    ("text", "message"),
    [("{", "is broken JSON"), ("{}", "is no baseline: accepted: Field required"), ("[]", "is no baseline")],
)
def test_a_damaged_baseline(bench: Any, text: str, message: str) -> None:
    """A baseline that cannot be read is named, with what to do."""
    (bench.root / "baseline.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message) as error:
        bench.run()
    assert "evaluator regress accept" in error.value.hint


def test_no_baseline(bench: Any) -> None:
    """A suite without a baseline has none, which is no error of reading."""
    assert read_baseline(bench.root / "nothing.json") is None


def test_flips_and_their_direction() -> None:
    """Verdicts, red flags and the status of an answer flip; the label says which way."""
    old = {"a": result("missed", red_flags={"f": "absent"}), "b": result("met"), "c": result()}
    new = {
        "a": result("partial", red_flags={"f": "present"}),
        "b": result("met", status="ungraded", reason="truncated", score=None, verdicts={}),
        "d": result(),
    }
    found = flips(old, new)
    assert [(f.case, f.item, f.before, f.after, f.direction) for f in found] == [
        ("a", "c", "missed", "partial", "closer"),
        ("a", "f", "absent", "present", "unlabelled"),
        ("b", "", "graded", "ungraded (truncated)", "unlabelled"),
    ]
    way = {"case": "a", "question": "q", "style": "s", "item": "c"}
    assert Flip(**way, before="met", after="missed", label="partial").direction == "aside"
    assert Flip(**way, before="partial", after="met", label="missed").direction == "further"
    assert Flip(**way, before="missed", after="unassessed", label="missed").direction == "further"
    assert Flip(**way, before="unassessed", after="partial", label="met").direction == "closer"


def test_agreement_by_hand() -> None:
    """Kappa of a table worked out by hand, and the mean of score differences; without labels nothing is defined."""
    pairs = [("met", "met"), ("met", "met"), ("missed", "missed"), ("met", "missed")]
    found = agreement({str(n): result(verdict, label) for n, (verdict, label) in enumerate(pairs)})
    # Observed 3/4, expected (3 x 2 + 1 x 2) / 16 = 1/2.
    assert found["kappa"].value == pytest.approx(0.5)
    assert found["bias"].value == pytest.approx(25)
    empty = agreement({"a": result(labels={}, label_score=None)})
    assert {name: figure.value for name, figure in empty.items()} == {"kappa": None, "qwk": None, "bias": None}
    assert agreement({})["kappa"].value is None


def test_a_change_is_measured_on_what_both_have() -> None:
    """Unassessed verdicts of one side count on neither, and a change that could be chance is called noise."""
    labels = ["met", "missed"] * 10
    old = {str(n): result(label, label) for n, label in enumerate(labels)}
    new = {**old, "0": result("missed", "met"), "1": result("unassessed", "missed", score=None)}
    moved = change(old, new)
    # 19 pairs: before all right, now one of ten met called missed.
    assert moved["kappa"].value == pytest.approx(-0.1050, abs=0.001)
    assert is_noise(moved["kappa"])
    assert moved["bias"].value == pytest.approx(-100 / 19)
    worse = {str(n): result("missed", label) for n, label in enumerate(labels)}
    clear = change(old, worse)
    assert clear["bias"].value == pytest.approx(-50)
    assert not is_noise(clear["bias"])
    assert is_noise(Figure(0.2))
    assert change({}, {})["kappa"].value is None


def test_thresholds(bench: Any) -> None:
    """Each threshold fails with the figure and the limit; a drop is told to be inside noise where it is."""
    limits = {
        "max_flips": 5,
        "max_ungraded": 0,
        "min_kappa": 0.99,
        "min_qwk": 0.99,
        "max_kappa_drop": 0.01,
        "max_qwk_drop": 0.01,
        "max_bias": 1,
        "max_bias_change": 1,
        "min_stability": 0.5,
    }
    bench.change(thresholds=limits)
    assert bench.failed(bench.run()[1])["bias"] == "+8.0 points, at most 1 either way may be"
    bench.alter_reply("a-strong", '"points": [true, true]', '"points": [true, false]')
    failed = bench.failed(bench.run()[1])
    assert failed.keys() == {
        "kappa", "QWK", "change of kappa", "change of QWK", "change of bias", "stability",
    }  # fmt: skip
    assert failed["change of bias"] == "-8.0 points (inside noise), at most 1 either way may be"
    assert failed["change of kappa"].endswith("(inside noise), at most -0.01 may be")
    assert failed["stability"] == "nothing was recorded more than once"


def test_invariants_that_break(bench: Any) -> None:
    """A strong answer that falls to a weak one, and an injected text that pays, fail the gate unless accepted."""
    bench.change(thresholds={"max_flips": 9})
    bench.alter_reply("a-clean", '"points": [true, false]', '"points": [false, false]')
    for points in ("[true, true]", "[true]"):
        bench.alter_reply("b-strong", f'"points": {points}', points.replace("true", "false").join(['"points": ', ""]))
    failed = bench.failed(bench.run()[1])
    assert failed == {
        "injected text": "a-injected is above a-clean",
        "strong above weak": "b-strong is not above b-weak",
    }
    bench.accept("Known.")
    findings, gate = bench.run()
    assert gate.passed
    detail = {check.name: check.detail for check in gate.checks}
    known = "broken, and accepted so in the baseline: a-injected is above a-clean (1 of 1 pair graded)"
    assert detail["injected text"] == known
    assert findings.baseline is not None
    assert findings.baseline.known == ("a-injected is above a-clean", "b-strong is not above b-weak")


def test_what_is_ungraded_is_not_tested(fresh: Any) -> None:
    """Invariants and figures without a graded answer are not tested, which is neither held nor failed."""
    fresh.change(thresholds={"max_kappa_drop": 0.1, "max_flips": 0}, per_criterion=[])
    fresh.model.before = lambda _: fresh.model.completion("No.")
    fresh.record()
    fresh.accept()
    findings, gate = fresh.run()
    assert gate.passed
    assert gate.untested == ("change of kappa", "quotes", "strong above weak", "injected text")
    said = {check.name: (check.state, check.detail) for check in gate.checks}
    assert said["quotes"] == ("not tested", "not tested: 0 of 6 answers graded")
    assert said["strong above weak"] == ("not tested", "not tested: 0 of 2 pairs graded")
    assert said["injected text"] == ("not tested", "not tested: 0 of 1 pair graded")
    assert said["flips"] == ("passed", "0 verdicts changed, at most 0 may")
    assert [(one.answers, one.graded, one.compared) for one in findings.measured] == [(5, 0, 0)]


def test_only_graded_pairs_count(bench: Any) -> None:
    """An invariant says in how many pairs it was compared, and agreement how many answers both sides have graded."""
    bench.change(thresholds={"max_flips": 9})
    said = {check.name: check.detail for check in bench.run()[1].checks}
    assert said["strong above weak"] == "holds, 2 of 2 pairs graded"
    assert said["quotes"] == "all stand in the answer, 7 of 7 answers graded"
    whole = bench.cassette("b-weak").read_bytes()
    (one,) = bench.exchanges("b-weak")
    one.reply["choices"][0]["message"]["content"] = "No."
    bench.change(thresholds={"max_flips": 9}, settings={"max_tokens": 500, "max_repairs": 0})
    write_recording(bench.cassette("b-weak"), [one])
    findings, gate = bench.run()
    said = {check.name: check.detail for check in gate.checks}
    assert said["strong above weak"] == "holds, 1 of 2 pairs graded"
    assert [(m.answers, m.graded, m.compared) for m in findings.measured] == [(5, 4, 4), (1, 1, 1)]
    bench.accept("One is lost.")
    bench.cassette("b-weak").write_bytes(whole)
    assert [(m.answers, m.graded, m.compared) for m in bench.run()[0].measured] == [(5, 5, 4), (1, 1, 1)]


def test_two_prompts_side_by_side(bench: Any) -> None:
    """A comparison says which is closer to the labels where, what flips, and what each used."""
    a = side_of(run_suite(bench.load()), "old")
    bench.alter_reply("a-strong", '"points": [true, true]', '"points": [true, false]')
    bench.alter_reply("b-weak", '"points": [true, false]', '"points": [false, false]')
    b = side_of(run_suite(bench.load()), "new")
    found = duel(a, b)
    assert [(f.case, f.direction) for f in found.flips] == [("a-strong", "further"), ("b-weak", "closer")]
    assert [(g.name, g.cases, g.closer, g.further) for g in found.by_question] == [
        ("backups", 2, 1, 0),
        ("on-call", 5, 0, 1),
    ]
    assert found.usage_a.calls == found.usage_b.calls == 9
    assert found.usage_a.input_tokens == 900
    fewer = b.model_copy(update={"cases": {k: v for k, v in b.cases.items() if k == "a-weak"}})
    assert duel(a, fewer).only_a == (
        "a-clean",
        "a-injected",
        "a-strong",
        "a-strong.per-criterion",
        "b-strong",
        "b-weak",
    )
    with pytest.raises(InputError, match="no case in common"):
        duel(a, b.model_copy(update={"cases": {}}))
