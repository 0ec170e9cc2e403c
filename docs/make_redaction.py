"""Measure what --redact finds, and write the table of docs/redaction.md between its markers.

    python docs/make_redaction.py            write
    python docs/make_redaction.py --check    exit status 1 where the page is stale

The sentences are those of tests/hostile/redaction.jsonl, and of unseen_redaction.jsonl beside it; the answers without
personal data on purpose are those of tests/gold/answers.jsonl.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from evaluator.redaction import KINDS, Redactor, Span

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "redaction.md"
HOSTILE = ROOT / "tests" / "hostile"
ANSWERS = ROOT / "tests" / "gold" / "answers.jsonl"
TABLE = re.compile(r"(<!-- measured -->\n).*?(<!-- end of measured -->)", re.DOTALL)


@dataclass(slots=True)
class Line:
    """Figures of one kind: spans in the sentences, how many of them are hidden, and what was found."""

    spans: int = 0
    hidden: int = 0
    found: int = 0
    right: int = 0

    @property
    def recall(self) -> float:
        """The share of the spans of which nothing is left to read, whatever they were taken for."""
        return self.hidden / self.spans

    @property
    def precision(self) -> float:
        """The share of what was found that touches a span of any kind."""
        return self.right / self.found


def labelled(row: dict[str, object]) -> list[Span]:
    """The spans of one sentence with their places."""
    text, spans, after = str(row["text"]), row["spans"], 0
    made = []
    assert isinstance(spans, list)  # noqa: S101 - for the type checker
    for span in spans:
        at = text.index(span["text"], after if text.find(span["text"], after) >= 0 else 0)
        made.append(Span(at, at + len(span["text"]), span["kind"]))
        after = at + len(span["text"])
    return made


def measure(name: str) -> tuple[dict[str, Line], list[str], list[str]]:
    """Figures by kind for the sentences of one file, what was missed, and what was hidden without need."""
    redactor, lines = Redactor(), {kind: Line() for kind in KINDS}
    missed, needless = [], []
    for row in map(json.loads, (HOSTILE / name).read_text(encoding="utf-8").splitlines()):
        text, wanted, found = row["text"], labelled(row), redactor.find(row["text"])
        covered = {place for span in found for place in range(span.start, span.end)}
        for span in wanted:
            line = lines[span.kind]
            line.spans += 1
            if all(place in covered or not text[place].isalnum() for place in range(span.start, span.end)):
                line.hidden += 1
            else:
                missed.append(text[span.start : span.end])
        for span in found:
            line = lines[span.kind]
            line.found += 1
            if any(touch(span, other) for other in wanted):
                line.right += 1
            else:
                needless.append(text[span.start : span.end])
    return lines, missed, needless


def touch(one: Span, other: Span) -> bool:
    """Whether two spans overlap."""
    return one.start < other.end and other.start < one.end


def found_in(name: str) -> list[str]:
    """The table of the sentences of one file, and what was missed."""
    lines, missed, needless = measure(name)
    rows = [
        "| kind | in the sentences | hidden | recall | found | needlessly | precision |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    rows += [
        f"| {kind} | {line.spans} | {line.hidden} | {line.recall:.0%} | {line.found} | {line.found - line.right} "
        f"| {line.precision:.0%} |"
        for kind, line in lines.items()
    ]
    said = f"Not hidden, or only in part: {', '.join(missed)}. Hidden without need: {', '.join(needless) or 'nothing'}."
    return [*rows, "", said]


def table() -> str:
    """The measured part of the page."""
    answers = [json.loads(line)["text"] for line in ANSWERS.read_text(encoding="utf-8").splitlines()]
    redactor = Redactor()
    hidden = [len(redactor.find(text)) for text in answers]
    words = sum(len(text.split()) for text in answers)
    return "\n".join([
        "",
        *found_in("redaction.jsonl"),
        "",
        "80 other sentences, by an author who had seen neither the rules nor the sentences above, measured once:",
        "",
        *found_in("unseen_redaction.jsonl"),
        "",
        f"In the {len(answers)} answers of tests/gold, {words:,} words, {sum(hidden)} pieces are hidden.",
        "",
        "",
    ])  # fmt: skip


def main() -> int:
    """Write or check."""
    old = PAGE.read_text(encoding="utf-8")
    new = TABLE.sub(lambda match: match[1] + table() + match[2], old)
    if new == old:
        return 0
    if "--check" in sys.argv:
        print("docs/redaction.md is stale: run 'python docs/make_redaction.py'.")
        return 1
    PAGE.write_text(new, encoding="utf-8")
    print("docs/redaction.md: written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
