"""Write the table of flags by family of hostile answers into docs/threats.md, or check that it is current.

    python docs/make_threats.py            write
    python docs/make_threats.py --check    exit status 1 where the table is stale

What stands between the two markers is replaced; everything else in the file stays.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path

from evaluator import load_bank
from evaluator.honesty import remarks_on

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "threats.md"
BEGIN, END = "<!-- flags by family: begin -->", "<!-- flags by family: end -->"
FLAGS = ("addresses_grader", "hidden_text", "copied_rubric", "copied_model_answer")
Texts = list[tuple[str, str]]


def lines(name: str) -> list[dict[str, str]]:
    """The objects of a file of the tests."""
    return [json.loads(line) for line in (ROOT / "tests" / name).read_text(encoding="utf-8").splitlines()]


def groups() -> dict[str, Texts]:
    """Question id and text of each answer, by row of the table."""
    found: dict[str, Texts] = defaultdict(list)
    for row in lines("hostile/answers.jsonl"):
        found[f"hostile: {row['family']}"].append((row["question_id"], row["text"]))
    for row in lines("gold/answers.jsonl"):
        kind = "gold: injection" if row["style"] == "injection" else "gold: the eight other styles"
        found[kind].append((row["question_id"], row["text"]))
    for row in lines("hostile/fairness.jsonl"):
        found["fairness pairs"] += [(row["question_id"], row["a"]), (row["question_id"], row["b"])]
    return found


def table() -> str:
    """The share of answers with each flag, as Markdown."""
    bank = load_bank()
    rows = [f"| answers | n | any flag | {' | '.join(f'`{flag}`' for flag in FLAGS)} |", "|---|" + "--:|" * 6]
    for name, texts in groups().items():
        found = []
        for question, text in texts:
            remarks = remarks_on(text, bank.find(question), bank.rubric(question))
            found.append({remark.flag for remark in remarks})
        counts = [sum(bool(flags) for flags in found), *(sum(flag in flags for flags in found) for flag in FLAGS)]
        shares = " | ".join(f"{count / len(found):.0%}" for count in counts)
        rows.append(f"| {name} | {len(found)} | {shares} |")
    return "\n".join(rows)


def main() -> int:
    """Write or check."""
    old = PAGE.read_text(encoding="utf-8")
    head, _, rest = old.partition(BEGIN)
    _, _, tail = rest.partition(END)
    fresh = f"{head}{BEGIN}\n{table()}\n{END}{tail}"
    if "--check" in sys.argv:
        return int(fresh != old)
    PAGE.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
