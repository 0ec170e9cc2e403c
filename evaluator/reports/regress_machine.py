"""A regression run for programs: JSON, and JUnit XML for CI."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree as ET

from evaluator.regress import Change, Findings, Gate, side_of
from evaluator.regress.agreement import is_noise
from evaluator.reports.regress_words import cost, flip_name, ungraded
from evaluator.scoring.agreement import Figure
from evaluator.wording import many

_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_regress_json(findings: Findings, gate: Gate) -> str:
    """Everything, as JSON; `evaluator regress compare` reads it, too."""
    side = side_of(findings)
    value = {
        "schema": 1,
        "kind": findings.suite.kind,
        "passed": gate.passed,
        "judge": side.judge,
        "prompt": side.prompt,
        "baseline": findings.accepted.model_dump() if findings.accepted else None,
        "checks": [{"name": c.name, "passed": c.passed, "state": c.state, "detail": c.detail} for c in gate.checks],
        "missing": [{"difference": list(c.lines), "cases": list(c.cases)} for c in findings.changes],
        "to_record": {
            "calls": findings.cost.calls,
            "input_tokens": findings.cost.input_tokens,
            "output_tokens": findings.cost.output_tokens,
            "cost_usd": findings.cost.usd,
        },
        "damaged": [str(one.problem) for one in findings.damaged],
        "stale": [one.trial.id for one in findings.stale] + [file.name for file in findings.strays],
        "ungraded": dict(zip(("today", "baseline"), ungraded(findings), strict=True)),
        "flips": [flip.model_dump() | {"direction": flip.direction} for flip in findings.flips],
        "scores": [{"case": id_, "before": old, "after": new} for id_, old, new in findings.moves],
        "agreement": {
            one.calls: {
                "answers": one.answers,
                "graded": one.graded,
                "compared": one.compared,
                "baseline": {name: _figure(figure) for name, figure in one.before.items()},
                "today": {name: _figure(figure) for name, figure in one.after.items()},
                "change": {
                    name: _figure(figure) | {"inside_noise": is_noise(figure)} for name, figure in one.change.items()
                },
            }
            for one in findings.measured
        },
        "stability": {
            "cases": findings.stability.cases,
            "repeats": findings.stability.repeats,
            "share": findings.stability.share,
            "wavering": {item: dict(counts) for item, counts in findings.stability.wavering},
        },
        "usage": findings.usage.model_dump(exclude={"seconds"}),
        "cases": {id_: one.model_dump(mode="json") for id_, one in sorted(side.cases.items())},
    }
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def render_junit(findings: Findings, gate: Gate) -> str:
    """JUnit XML: a test for each case, which fails with its misses and flips, and one for each check of the gate.

    A check that had nothing to compare is skipped.
    """
    root = ET.Element("testsuites", name="evaluator regress")
    changes: dict[str, list[Change]] = {}
    for change in findings.changes:
        for id_ in change.cases:
            changes.setdefault(id_, []).append(change)
    cases = ET.SubElement(root, "testsuite", name=f"{findings.suite.root.name}.cases")
    for outcome in findings.outcomes:
        id_ = outcome.trial.id
        test = ET.SubElement(cases, "testcase", classname=outcome.trial.question.id, name=id_)
        if outcome.problem:
            _add(test, "error", "the recording is damaged", str(outcome.problem))
        elif outcome.misses:
            differences = "\n\n".join("\n".join(change.lines) for change in changes.get(id_, []))
            _add(test, "error", f"not recorded ({cost(outcome.cost)})", differences)
        else:
            flips = [f"{flip_name(flip)}: {flip.before} -> {flip.after}" for flip in findings.flips if flip.case == id_]
            if flips:
                _add(test, "failure", many(len(flips), "flip"), "\n".join(flips))
    checks = ET.SubElement(root, "testsuite", name=f"{findings.suite.root.name}.gate")
    for check in gate.checks:
        test = ET.SubElement(checks, "testcase", classname="gate", name=check.name)
        if check.state == "failed":
            _add(test, "failure", check.detail, "")
        elif check.state == "not tested":
            _add(test, "skipped", check.detail, "")
    for suite in (cases, checks):
        suite.set("tests", str(len(suite)))
        suite.set("failures", str(sum(test.find("failure") is not None for test in suite)))
        suite.set("errors", str(sum(test.find("error") is not None for test in suite)))
        suite.set("skipped", str(sum(test.find("skipped") is not None for test in suite)))
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _add(test: ET.Element, kind: str, message: str, text: str) -> None:
    ET.SubElement(test, kind, message=_NOT_XML.sub("?", message)).text = _NOT_XML.sub("?", text)


def _figure(figure: Figure) -> dict[str, Any]:
    if figure.value is None:
        return {"value": None, "reason": figure.reason}
    ends = None if figure.low is None or figure.high is None else [round(figure.low, 4), round(figure.high, 4)]
    return {"value": round(figure.value, 4), "interval": ends}
