"""What a batch costs beside its judge. Prints figures, and keeps them in benchmarks/README.md with --write.

    python benchmarks/batch.py overhead resume linear          # one after the other
    python benchmarks/batch.py overhead --write

overhead: 200 answers, a stub judge that takes 200 ms, 32 at a time, against the same requests by AsyncOpenAI alone.
resume:   100,000 stored evaluations; resuming with nothing to do, and reading all of them.
linear:   time per answer for 1,000 to 20,000 answers with a judge that takes no time.

Each measurement runs in a process of its own, so that times and memory are its own. Seconds depend on the machine;
ratios are what to look at. Run it on a calm machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "benchmarks" / "README.md"
sys.path.insert(0, str(ROOT))

PORT = 8199
URL = f"http://127.0.0.1:{PORT}/v1"
Figures = dict[str, Any]


def texts(count: int) -> list[str]:
    """Answers of the gold set, made different by a number."""
    lines = (ROOT / "tests" / "gold" / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    gold = [json.loads(line)["text"] for line in lines]
    return [f"{gold[n % len(gold)]}\n\n({n})" for n in range(count)]


def write_answers(file: Path, count: int, questions: tuple[str, ...] = ("dora-rollout", "technical-debt")) -> None:
    """An input with so many answers."""
    with file.open("w", encoding="utf-8") as handle:
        for n, text in enumerate(texts(count)):
            row = {"id": f"a{n}", "question": questions[n % len(questions)], "answer": text, "candidate": f"c{n % 97}"}
            print(json.dumps(row), file=handle)


def stub(path: str, method: str = "GET") -> Figures:
    """Ask the stub server."""
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}{path}", method=method)
    with urllib.request.urlopen(request, timeout=10) as reply:  # noqa: S310
        return dict(json.load(reply))


@contextmanager
def stub_server() -> Any:  # noqa: ANN401
    """The stub server in a process of its own."""
    process = subprocess.Popen([sys.executable, str(ROOT / "benchmarks" / "stub_server.py"), "--port", str(PORT)])
    try:
        for _ in range(100):
            time.sleep(0.05)
            try:
                stub("/stats")
            except OSError:
                continue
            break
        yield
    finally:
        process.terminate()
        process.wait()


def child(step: str, *arguments: object) -> Figures:
    """One measurement in a process of its own; it prints one line of JSON."""
    command = [sys.executable, str(Path(__file__)), "--child", step, *map(str, arguments)]
    environment = {**os.environ, "OPENAI_API_KEY": "stub"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise SystemExit(f"{step} failed:\n{done.stderr}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def megabytes() -> float:
    """Most memory that this process has used."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


# Measurements, each in a child


def _judge() -> Any:  # noqa: ANN401
    from evaluator.judges.llm import LLMJudge, LLMSettings  # noqa: PLC0415

    return LLMJudge(LLMSettings(spec="openai/gpt-5-mini", base_url=URL))


def batch_once(answers: str, run: str, concurrency: str) -> Figures:
    """A whole batch, from reading the input to the last evaluation saved."""
    from evaluator.bank import load_bank  # noqa: PLC0415
    from evaluator.runs.batch import Batch, Budget, Catalog, Limits, Stop, plan_input  # noqa: PLC0415
    from evaluator.runs.inputs import open_source  # noqa: PLC0415
    from evaluator.runs.store import RunStore  # noqa: PLC0415

    bank, judge = load_bank(), _judge()
    catalog = Catalog(bank, judge.identity)
    bank.load_rubrics()
    _warm()
    with RunStore.lock(run), RunStore.open(run, create=True) as store:
        started, cpu = time.perf_counter(), time.process_time()
        plan = plan_input(store, open_source(Path(answers)), bank, catalog)
        loop = Batch(store, catalog, judge, limits=Limits(int(concurrency)), budget=Budget(), observe=lambda _: None)
        asyncio.run(loop.run(plan, Stop()))
        wall, cpu = time.perf_counter() - started, time.process_time() - cpu
        counts = store.counts()
    return {"wall": wall, "cpu": cpu, "mb": megabytes(), "graded": counts.graded, "ungraded": counts.ungraded}


def floor_once(answers: str, concurrency: str) -> Figures:
    """The same first requests, sent by AsyncOpenAI with a semaphore, replies parsed as JSON, and nothing else."""
    import openai  # noqa: PLC0415

    from evaluator.bank import load_bank  # noqa: PLC0415
    from evaluator.domain import Answer  # noqa: PLC0415
    from evaluator.judges import Case  # noqa: PLC0415
    from evaluator.judges.llm.reply import reply_schema  # noqa: PLC0415

    bank, judge = load_bank(), _judge()
    given = [json.loads(line) for line in Path(answers).read_text(encoding="utf-8").splitlines()]
    messages = []
    for row in given:
        answer = Answer(id=row["id"], question_id=row["question"], text=row["answer"])
        case = Case(bank.find(row["question"]), bank.rubric(row["question"]), answer)
        messages.append(judge.estimate(case).messages[0])
    schema: Any = {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": reply_schema()}}
    _warm()

    async def run() -> None:
        gate = asyncio.Semaphore(int(concurrency))
        async with openai.AsyncOpenAI(base_url=URL, api_key="stub", max_retries=0) as client:

            async def one(system: str, user: str) -> None:
                both: Any = [{"role": "system", "content": system}, {"role": "user", "content": user}]
                async with gate:
                    reply = await client.chat.completions.create(
                        model="gpt-5-mini", messages=both, response_format=schema, temperature=0, seed=0
                    )
                json.loads(reply.choices[0].message.content or "")

            await asyncio.gather(*(one(*pair) for pair in messages))

    started, cpu = time.perf_counter(), time.process_time()
    asyncio.run(run())
    return {"wall": time.perf_counter() - started, "cpu": time.process_time() - cpu, "mb": megabytes()}


def _warm() -> None:
    """Imports are no part of either figure."""
    import instructor  # noqa: PLC0415
    import openai.resources.chat  # noqa: F401, PLC0415

    instructor.from_provider("openai/any", async_client=True, base_url=URL, api_key="stub")


class NoTimeJudge:
    """Meets everything at once."""

    def __init__(self) -> None:
        from evaluator.judges import JudgeIdentity  # noqa: PLC0415

        self.identity = JudgeIdentity("nobody", "nobody", None, "")

    def trust(self, rubric: object) -> str:
        """Not at all."""
        return str(rubric)

    async def assess(self, case: Any) -> Any:  # noqa: ANN401
        """All points met."""
        from evaluator.domain import Assessment, Finding, RedFlagFinding  # noqa: PLC0415

        return Assessment(
            findings=tuple(
                Finding(criterion_id=c.id, points=(True,) * len(c.points), confidence=1) for c in case.rubric.criteria
            ),
            red_flags=tuple(
                RedFlagFinding(red_flag_id=f.id, present=False, confidence=1) for f in case.rubric.red_flags
            ),
        )

    async def aclose(self) -> None:
        """Nothing to close."""


def store_once(answers: str, run: str) -> Figures:
    """A whole batch with a judge that takes no time; again on the same run, it is a resume with nothing to do."""
    from evaluator.bank import load_bank  # noqa: PLC0415
    from evaluator.runs.batch import Batch, Budget, Catalog, Limits, Stop, plan_input  # noqa: PLC0415
    from evaluator.runs.inputs import open_source  # noqa: PLC0415
    from evaluator.runs.store import RunStore  # noqa: PLC0415

    bank, judge = load_bank(), NoTimeJudge()
    catalog = Catalog(bank, judge.identity)
    with RunStore.lock(run), RunStore.open(run, create=True) as store:
        before, started = megabytes(), time.perf_counter()
        plan = plan_input(store, open_source(Path(answers)), bank, catalog)
        planned = time.perf_counter() - started
        if plan.to_grade:
            loop = Batch(store, catalog, judge, limits=Limits(), budget=Budget(), observe=lambda _: None)
            asyncio.run(loop.run(plan, Stop()))
        wall = time.perf_counter() - started
    return {"wall": wall, "planned": planned, "mb": megabytes(), "mb_before": before, "judged": plan.to_grade}


def read_once(run: str) -> Figures:
    """Read every evaluation of a run."""
    from evaluator.runs.store import RunStore  # noqa: PLC0415

    with RunStore.open(run) as store:
        before, started = megabytes(), time.perf_counter()
        count = sum(1 for _ in store.iterate())
    return {"wall": time.perf_counter() - started, "count": count, "mb": megabytes(), "mb_before": before}


def multiply(run: str, count: str) -> Figures:
    """Copy the evaluations of a run until it holds so many, under other ids; to have a large one in minutes."""
    import sqlite3  # noqa: PLC0415

    connection = sqlite3.connect(run)
    (have,) = connection.execute("SELECT COUNT(*) FROM answers").fetchone()
    for table, key in (("answers", "number"), ("evaluations", "answer_number")):
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        shifted = {"number": f"number + {have} * k", key: f"{key} + {have} * k", "position": f"position + {have} * k"}
        shifted["id"] = "id || '/' || k"
        chosen = ", ".join(shifted.get(c, c) for c in columns)
        connection.execute(
            f"WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < {int(count) // have - 1}) "  # noqa: S608
            f"INSERT INTO {table} SELECT {chosen} FROM n, {table} WHERE {table}.number <= {have}"
        )
    connection.commit()
    connection.close()
    return {}


# What is asked for


def overhead(folder: Path) -> list[str]:
    """Batch against floor, three times in turn."""
    write_answers(folder / "a.jsonl", 200)
    floors, batches = [], []
    with stub_server():
        for n in range(3):
            stub("/reset?latency_ms=200&fault=", "POST")
            floors.append(child("floor_once", folder / "a.jsonl", 32))
            batches.append(child("batch_once", folder / "a.jsonl", folder / f"run{n}", 32))
    ratios = [b["wall"] / f["wall"] for b, f in zip(batches, floors, strict=True)]

    def line(name: str, figures: list[Figures]) -> str:
        wall, cpu, mb = (statistics.median(float(f[key]) for f in figures) for key in ("wall", "cpu", "mb"))
        return f"| {name} | {wall:.2f} s | {cpu:.2f} s | {mb:.0f} MB |"

    return [
        "| | wall | cpu | memory |",
        "|---|---|---|---|",
        line("AsyncOpenAI alone", floors),
        line("batch", batches),
        "",
        f"Ratio of walls: {statistics.median(ratios):.2f} (median of {', '.join(f'{r:.2f}' for r in ratios)}).",
    ]


def resume(folder: Path) -> list[str]:
    """A large run."""
    count, seed = 100_000, 2_000
    write_answers(folder / "seed.jsonl", seed)
    child("store_once", folder / "seed.jsonl", folder / "run")
    child("multiply", folder / "run", count)
    rows = [json.loads(line) for line in (folder / "seed.jsonl").read_text(encoding="utf-8").splitlines()]
    with (folder / "all.jsonl").open("w", encoding="utf-8") as handle:
        for k in range(count // seed):
            for row in rows:
                print(json.dumps({**row, "id": f"{row['id']}/{k}" if k else row["id"]}), file=handle)
    again, reading = child("store_once", folder / "all.jsonl", folder / "run"), child("read_once", folder / "run")
    size = (folder / "run").stat().st_size / 1e6

    def line(name: str, figures: Figures) -> str:
        return f"| {name} | {figures['wall']:.1f} | {figures['mb_before']:.0f}, {figures['mb']:.0f} MB |"

    return [
        "| | seconds | memory before and after |",
        "|---|---|---|",
        line(f"resume, {again['judged']} to judge", again),
        line(f"read {reading['count']:,} evaluations", reading),
        "",
        f"The run is a file of {size:.0f} MB.",
    ]


def linear(folder: Path) -> list[str]:
    """Growing inputs."""
    lines = ["| answers | seconds | ms per answer | memory |", "|---|---|---|---|"]
    for count in (1_000, 5_000, 20_000):
        write_answers(folder / "a.jsonl", count)
        figures = child("store_once", folder / "a.jsonl", folder / f"run{count}")
        wall = figures["wall"]
        lines.append(f"| {count:,} | {wall:.1f} | {1000 * wall / count:.2f} | {figures['mb']:.0f} MB |")
    return lines


TITLES = {
    "overhead": "Batch beside AsyncOpenAI alone: 200 answers, stub at 200 ms, 32 at a time",
    "resume": "100,000 stored evaluations",
    "linear": "A judge that takes no time: what the store and the loop take",
}
STEPS: dict[str, Callable[[Path], list[str]]] = {
    "overhead": overhead, "resume": resume, "linear": linear,
}  # fmt: skip
CHILDREN: dict[str, Callable[..., Figures]] = {
    f.__name__: f for f in (batch_once, floor_once, store_once, read_once, multiply)
}


def keep(step: str, lines: list[str], title: str, command: str) -> None:
    """Replace the section of a step in the README."""
    text = README.read_text(encoding="utf-8") if README.exists() else "# Benchmarks\n"
    start, end = f"<!-- {step} -->\n", f"<!-- end of {step} -->\n"
    load = os.getloadavg()[0]
    made = f"`python {command}`, {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, load {load:.1f}"
    section = "\n".join([f"## {title}", "", *lines, "", f"{made}.", ""])
    block = f"{start}{section}{end}"
    if start in text:
        text = re.sub(re.escape(start) + ".*?" + re.escape(end), lambda _: block, text, flags=re.DOTALL)
    else:
        text = text.rstrip("\n") + "\n\n" + block
    README.write_text(text, encoding="utf-8")


def alone(about: str, step: str, title: str, measure: Callable[[], list[str]]) -> None:
    """The command of a benchmark that has a file of its own: measure, print, and keep with --write."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="keep the figures in benchmarks/README.md")
    chosen = parser.parse_args()
    lines = measure()
    print("\n".join(lines))
    if chosen.write:
        keep(step, lines, title, f"benchmarks/{Path(sys.argv[0]).name}")


def main() -> None:
    """Run what is asked for."""
    if sys.argv[1:2] == ["--child"]:
        print(json.dumps(CHILDREN[sys.argv[2]](*sys.argv[3:])))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("steps", nargs="+", choices=list(STEPS))
    parser.add_argument("--write", action="store_true", help="keep the figures in benchmarks/README.md")
    chosen = parser.parse_args()
    for step in chosen.steps:
        with tempfile.TemporaryDirectory() as folder:
            lines = STEPS[step](Path(folder))
        print("\n".join([f"## {TITLES[step]}", "", *lines, ""]))
        if chosen.write:
            keep(step, lines, TITLES[step], f"benchmarks/batch.py {step}")


if __name__ == "__main__":
    main()
