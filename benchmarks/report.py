"""How long `evaluator report` takes for a large run, and how much memory. Prints a table, keeps it with --write.

    python benchmarks/report.py [--write]

The answers are those of the gold set over ten questions with half of their words replaced at random, so that none is a
copy of another but for one in a hundred that is a copy by intent. Verdicts are drawn; evidence is a sentence of the
answer. The run is made without a judge, and only the command is timed, from start to end, in a process of its own.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import batch  # type: ignore[import-not-found]  # beside this file

COHORTS = ((200, 10), (1_000, 10), (2_000, 10), (10_000, 10))
"""Candidates, and questions that each of them answers."""

SEED = 100
"""Candidates whose evaluations are made; those of the others are theirs with other texts."""

QUESTIONS = (
    "engineering-success", "scaling-engineering-culture", "dora-rollout", "platform-engineering-adoption",
    "technical-debt", "sev1-incident", "priority-churn-guardrails", "compliance-without-red-tape",
    "slo-error-budgets", "cloud-cost-finops",
)  # fmt: skip
CHILD = """
import resource, sys
from evaluator.cli.main import run
try:
    run()
finally:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print("USED", usage.ru_utime + usage.ru_stime, usage.ru_maxrss, file=sys.stderr)
"""
COPIES = """
import sys, time
from evaluator.runs.copies import find_copies
from evaluator.runs.store import RunStore
with RunStore.open(sys.argv[1]) as store:
    started = time.process_time()
    found = len(find_copies(store))
    print(time.process_time() - started, found)
"""
WORD = re.compile(r"[^\W\d_]{3,}")
SENTENCE = re.compile(r"[^.!?]+[.!?]")


class DrawingJudge(batch.NoTimeJudge):  # type: ignore[misc]  # untyped where it is not installed
    """Verdicts are drawn, and a sentence of the answer is quoted for each point that is met."""

    async def assess(self, case: Any) -> Any:  # noqa: ANN401
        """The same answer gets the same verdicts."""
        from evaluator.domain import Assessment, Evidence, Finding, RedFlagFinding  # noqa: PLC0415

        draw = random.Random(case.answer.id)  # noqa: S311 - nothing secret
        sentences = list(SENTENCE.finditer(case.answer.text))
        likely = draw.uniform(0.2, 0.9)
        findings = []
        for criterion in case.rubric.criteria:
            points = tuple(draw.random() < likely for _ in criterion.points)
            found = draw.choice(sentences)
            quote = Evidence(quote=found.group(), start=found.start(), end=found.end())
            evidence, gap = ((quote,) if any(points) else ()), ("" if all(points) else criterion.statement)
            findings.append(
                Finding(criterion_id=criterion.id, points=points, confidence=draw.random(), evidence=evidence, gap=gap)
            )
        flags = tuple(
            RedFlagFinding(red_flag_id=f.id, present=draw.random() < 0.05, confidence=draw.random())
            for f in case.rubric.red_flags
        )
        return Assessment(findings=tuple(findings), red_flags=flags)


class Varied:
    """Texts of the gold set with half of the words replaced."""

    def __init__(self) -> None:
        lines = (batch.ROOT / "tests/gold/answers.jsonl").read_text("utf-8").splitlines()
        gold = [json.loads(line) for line in lines]
        self._texts = {q: [one["text"] for one in gold if one["question_id"] == q] for q in QUESTIONS}
        self._words = sorted({word for one in gold for word in WORD.findall(one["text"])})

    def text(self, number: int, question: str) -> str:
        """An answer; one in a hundred is that of the candidate before with an end of its own."""
        copied = number % 100 == 99
        draw = random.Random(number - copied)  # noqa: S311 - nothing secret
        text = draw.choice(self._texts[question])
        own = WORD.sub(lambda word: draw.choice(self._words) if draw.random() < 0.5 else word.group(), text)
        return f"{own} That is what we did at my former company." if copied else own


def make_run(run: Path, candidates: int) -> None:
    """A run of so many candidates who answered all questions."""
    from evaluator.bank import load_bank  # noqa: PLC0415
    from evaluator.runs.batch import Batch, Budget, Catalog, Limits, Stop, plan_input  # noqa: PLC0415
    from evaluator.runs.inputs import open_source  # noqa: PLC0415
    from evaluator.runs.store import RunStore  # noqa: PLC0415

    varied, file = Varied(), run.with_suffix(".jsonl")
    rows = [
        {"id": f"c{n}/{q}", "question": question, "answer": varied.text(n, question), "candidate": f"Candidate {n}"}
        for n in range(min(candidates, SEED))
        for q, question in enumerate(QUESTIONS)
    ]
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    bank, judge = load_bank(), DrawingJudge()
    catalog = Catalog(bank, judge.identity)
    with RunStore.lock(run), RunStore.open(run, create=True) as store:
        plan = plan_input(store, open_source(file), bank, catalog)
        loop = Batch(store, catalog, judge, limits=Limits(), budget=Budget(), observe=lambda _: None)
        asyncio.run(loop.run(plan, Stop()))
    _multiply(run, candidates, varied)


def _multiply(run: Path, candidates: int, varied: Varied) -> None:
    """Give the evaluations of the first candidates to others, with texts of their own."""
    connection = sqlite3.connect(run)
    connection.row_factory = sqlite3.Row
    answers = connection.execute("SELECT * FROM answers ORDER BY number").fetchall()
    evaluations = {row["answer_number"]: row for row in connection.execute("SELECT * FROM evaluations")}
    for n in range(SEED, candidates):
        shift = n // SEED * len(answers)
        start = n % SEED * len(QUESTIONS)
        for q, answer in enumerate(answers[start : start + len(QUESTIONS)]):
            text = varied.text(n, answer["question_id"])
            digest = hashlib.sha256(text.encode()).hexdigest()
            connection.execute("INSERT OR IGNORE INTO texts VALUES (?, ?)", (digest, text))
            new = {"number": answer["number"] + shift, "position": answer["position"] + shift, "text_digest": digest}
            new |= {"id": f"c{n}/{q}", "candidate": f"Candidate {n}"}
            _insert(connection, "answers", {**dict(answer), **new})
            old = evaluations[answer["number"]]
            content = {**json.loads(old["content"]), "answer_id": new["id"], "candidate": new["candidate"]}
            new = {"number": old["number"] + shift, "answer_number": new["number"], "text_digest": digest}
            new["content"] = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
            _insert(connection, "evaluations", {**dict(old), **new})
    connection.commit()
    connection.close()


def _insert(connection: sqlite3.Connection, table: str, row: dict[str, Any]) -> None:
    marks = ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))  # noqa: S608


def once(run: Path) -> tuple[float, float, float, float]:
    """Wall and processor seconds of one report, and megabytes of memory and of the page."""
    page = run.with_suffix(".html")
    command = [sys.executable, "-c", CHILD, "report", str(run), "-o", str(page)]
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wall = time.perf_counter() - started
    used = re.search(r"USED ([\d.]+) (\d+)", done.stderr)
    if done.returncode or used is None:
        raise SystemExit(done.stderr)
    return wall, float(used[1]), int(used[2]) / 1024, page.stat().st_size / 1e6


def copies(run: Path) -> tuple[float, int]:
    """Processor seconds that the search for copies takes alone, and how many it finds."""
    done = subprocess.run([sys.executable, "-c", COPIES, str(run)], capture_output=True, text=True, check=True)
    seconds, found = done.stdout.split()
    return float(seconds), int(found)


def measure() -> list[str]:
    """The table."""
    lines = ["| evaluations | candidates | run | seconds | cpu | memory | page | copies found | cpu for these |"]
    lines.append("|---|---|---|---|---|---|---|---|---|")
    for candidates, questions in COHORTS:
        with tempfile.TemporaryDirectory() as folder:
            run = Path(folder) / "run"
            make_run(run, candidates)
            wall, cpu, memory, page = once(run)
            seconds, found = copies(run)
            size = run.stat().st_size / 1e6
        count = f"{candidates * questions:,} | {candidates:,} | {size:.0f} MB"
        spent = f"{wall:.1f} | {cpu:.1f} s | {memory:.0f} MB | {page:.1f} MB"
        lines.append(f"| {count} | {spent} | {found:,} | {seconds:.1f} s |")
    return lines


if __name__ == "__main__":
    batch.alone(__doc__, "report", "The page about a large run", measure)
