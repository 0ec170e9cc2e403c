"""What faults of a provider do to a batch: 500 answers for each, against the same answers without any fault.

    python benchmarks/faults.py [--write] [--answers 500]

Each fault of the stub alone at its rate, then all of them mixed. An answer is graded in the end, or ungraded with a
reason that one of the faults explains, or with the one that it has without faults: the stub quotes the first words of
an answer, and what is addressed to the grader supports nothing. "Differ" counts the graded ones with another score, or
with anything else in a finding, than without faults; that a finding was asked for again is no difference. Where faults
came three times in a row, a criterion may be left open; the finding says so and the score is of the others.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

RATE = 0.1
MIXED = 0.3
KINDS = ("429", "500", "slow", "truncated", "malformed", "reset")
REASONS = {
    "429": "rate_limited",
    "500": "server_error",
    "slow": "timeout",
    "truncated": "truncated",
    "malformed": "malformed",
    "reset": "connection",
}
"""What an answer is ungraded for when a fault did not pass."""

MARKS = frozenset(("asked_again",))


def scenarios() -> dict[str, str]:
    """What the stub is told, by the name of the row."""
    alone = {kind: f"{kind}:{RATE}" for kind in KINDS}
    return {"none": "", **alone, "mixed": ",".join(f"{kind}:{MIXED / len(KINDS):.3f}" for kind in KINDS)}


def substance(graded: Any) -> dict[str, Any]:  # noqa: ANN401
    """All that an evaluation says of its answer, without what says how it came about."""
    said: dict[str, Any] = graded.model_dump(exclude={"provenance"})
    for finding in (*said["criteria"], *said["red_flags"]):
        del finding["confidence"]  # lower where it was asked for again
        # What stays open says why the last time; an earlier reply may have left it open for something else.
        finding["flags"] = [] if is_open(finding) else sorted(set(finding["flags"]) - MARKS)
    return said


def is_open(finding: dict[str, Any]) -> bool:
    """Whether a finding says that nothing could be found out."""
    return finding.get("verdict") == "unassessed" or finding.get("present", False) is None


def compare(said: dict[str, Any], unbroken: dict[str, Any] | None) -> str:
    """What is said of an answer beside what is said without faults: "same", "open" for less of it, or "other"."""
    if said == unbroken:
        return "same"
    if unbroken is None:
        return "other"
    pairs = [(a, b) for kind in ("criteria", "red_flags") for a, b in zip(said[kind], unbroken[kind], strict=True)]
    changed = [finding for finding, before in pairs if finding != before]
    return "open" if changed and all(map(is_open, changed)) else "other"


def evaluations(run: Path) -> tuple[dict[str, Any], dict[str, str], int]:
    """What is said of graded answers, why others are ungraded, both by id; and how many were asked for again."""
    from evaluator.domain import Graded  # noqa: PLC0415 - after the path is set
    from evaluator.runs.store import RunStore  # noqa: PLC0415

    graded: dict[str, Any] = {}
    ungraded: dict[str, str] = {}
    again = 0
    with RunStore.open(run) as store:
        for one in store.iterate():
            if isinstance(one.evaluation, Graded):
                graded[one.answer.id] = substance(one.evaluation)
                findings: tuple[Any, ...] = (*one.evaluation.criteria, *one.evaluation.red_flags)
                again += any(MARKS & set(finding.flags) for finding in findings)
            elif one.evaluation is not None:
                ungraded[one.answer.id] = _why(one.evaluation.reason, one.evaluation.detail)
    return graded, ungraded, again


def _why(reason: str, detail: str) -> str:
    """The reason; where too little could be assessed also why that was, which the detail has in brackets."""
    if reason != "too_little_assessed":
        return reason
    return f"{reason}: " + ", ".join(re.findall(r"\(([a-z_, ]+)\)", detail))


def check_reasons(drawn: dict[str, int], ungraded: dict[str, str], before: dict[str, str]) -> None:
    """End with a message where an answer is ungraded for something that neither it nor the stub has done."""
    true = {REASONS[kind] for kind in drawn}
    false = {
        id_: why for id_, why in ungraded.items() if why != before.get(id_) and not true & set(re.split(r"[ ,:]+", why))
    }
    if false:
        raise SystemExit(f"the stub did only {sorted(drawn)}, but ungraded are {false}")


def measure(folder: Path, count: int) -> list[str]:
    """The table."""
    import batch  # type: ignore[import-not-found]  # noqa: PLC0415 - beside this file; tests import only what is above

    batch.write_answers(folder / "a.jsonl", count)
    head = "fault", "rate", "requests", "of them faulty", "graded", "ungraded, and why", "asked again"
    lines = [
        "| " + " | ".join((*head, "something left open", "differ")) + " |",
        "|---|--:|--:|--:|--:|---|--:|--:|--:|",
    ]
    unbroken: dict[str, Any] = {}
    before: dict[str, str] = {}
    with batch.stub_server():
        for name, fault in scenarios().items():
            batch.stub(f"/reset?latency_ms=20&retry_after=0.2&seed=1&fault={fault}", "POST")
            batch.child("batch_once", folder / "a.jsonl", folder / f"run-{name}", 16)
            stats = batch.stub("/stats")
            graded, ungraded, again = evaluations(folder / f"run-{name}")
            check_reasons(stats["faults"], ungraded, before if unbroken else ungraded)
            if not unbroken:
                unbroken, before = graded, ungraded
            found = Counter(compare(said, unbroken.get(id_)) for id_, said in graded.items())
            rate = "" if name == "none" else f"{MIXED if name == 'mixed' else RATE:.0%}"
            why = ", ".join(f"{number} {reason}" for reason, number in Counter(ungraded.values()).items()) or "0"
            figures = (
                stats["requests"],
                sum(stats["faults"].values()),
                len(graded),
                why,
                again,
                found["open"],
                found["other"],
            )
            lines.append(f"| {name} | {rate} | " + " | ".join(map(str, figures)) + " |")
    return lines


def main() -> None:
    """Measure, print, and keep with --write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="keep the figures in benchmarks/README.md")
    parser.add_argument("--answers", type=int, default=500)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lines = measure(Path(folder), chosen.answers)
    print("\n".join(lines))
    if chosen.write:
        import batch  # noqa: PLC0415

        title = f"Faults of the stub, {chosen.answers} answers each"
        batch.keep("faults", lines, title, "benchmarks/faults.py")


if __name__ == "__main__":
    main()
