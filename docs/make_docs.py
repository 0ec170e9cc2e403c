"""Write the help pages and the output blocks of the documents anew, or check that they are current.

    python docs/make_docs.py            write
    python docs/make_docs.py --check    exit status 1 and a diff where something is stale

`docs/help.md` is the help of every command. In README.md and docs/*.md every fenced block marked `console` is run:
each line that starts with "$ " is a command, the lines up to the next one are its output. The replies that
docs/own-bank.md shows are those of the suite cassettes/derivation.
"""

from __future__ import annotations

import asyncio
import contextlib
import difflib
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from evaluator.errors import JudgeError
from evaluator.regress.deriving import DeriveTrial
from evaluator.regress.recording import read_recording
from evaluator.regress.replay import sealed_environment
from evaluator.regress.suite import load_suite
from evaluator.regress.transport import Deck, ReplayTransport

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SUITE = ROOT / "cassettes" / "derivation"
REPLIES = "docs/examples/plan-month.replies.jsonl"
PAGES = ["README.md", *(f"docs/{p.name}" for p in sorted((ROOT / "docs").glob("*.md")) if p.name != "help.md")]


def run(command: str) -> str:
    """What a command prints on standard output, at 80 columns and without colour."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    keep = {k: v for k, v in os.environ.items() if not k.startswith(("EVALUATOR_", "OPENAI_"))}
    env = keep | {"PATH": path, "COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb", "PYTHONUTF8": "1"}
    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=300
    )
    if not done.stdout and done.returncode:
        raise SystemExit(f"{command}\nended with status {done.returncode}:\n{done.stderr}")
    return "\n".join(line.rstrip() for line in done.stdout.splitlines()).rstrip("\n") + "\n"


def fresh_block(match: re.Match[str]) -> str:
    """A console block with the output that its commands print today."""
    commands = [line for line in match[1].splitlines() if line.startswith("$ ")]
    return "```console\n" + "\n".join(f"{line}\n{run(line[2:])}" for line in commands) + "```"


def help_page() -> str:
    """The help of the command and of all its subcommands."""
    parts = ["# Command line\n\nThe help of every command, written by `make docs`.\n"]
    queue = ["evaluator"]
    while queue:
        command = queue.pop(0)
        text = run(f"{command} --help")
        parts.append(f"## {command}\n\n```text\n{text.strip(chr(10))}\n```\n")
        _, _, listed = text.partition("Commands")
        queue = [f"{command} {name}" for name in re.findall(r"^│ ([a-z][a-z-]*) ", listed, re.MULTILINE)] + queue
    return "\n".join(parts)


def recorded_replies() -> str:
    """What the model of the suite said, in the form in which `rubric derive` keeps replies; timings are left out."""
    suite = load_suite(SUITE)
    (trial,) = suite.trials
    recorded = read_recording(suite.cassette(trial))
    if not isinstance(trial, DeriveTrial) or not isinstance(recorded, tuple):
        raise SystemExit(f"{SUITE.name}: there is no whole recording of a derivation")
    deck = Deck(recorded)
    with tempfile.TemporaryDirectory() as folder, sealed_environment():
        with contextlib.suppress(JudgeError):
            asyncio.run(trial.derive(Path(folder), ReplayTransport(deck)))
        if deck.misses:
            raise SystemExit("Not all is recorded: 'evaluator regress run cassettes/derivation' says what is missing.")
        lines = (Path(folder) / "derived" / Path(REPLIES).name).read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    for row in rows:
        row["usage"]["seconds"] = 0.0
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def main() -> int:
    """Write or check; the number of stale pages decides the exit status of a check."""
    fresh = {"docs/help.md": help_page(), REPLIES: recorded_replies()}
    if "--check" not in sys.argv:
        (ROOT / REPLIES).write_text(fresh[REPLIES], encoding="utf-8")  # a page below reads it
    for page in PAGES:
        fresh[page] = BLOCK.sub(fresh_block, (ROOT / page).read_text(encoding="utf-8"))
    stale = 0
    for page, text in fresh.items():
        file = ROOT / page
        old = file.read_text(encoding="utf-8") if file.exists() else ""
        if old == text:
            continue
        if "--check" not in sys.argv:
            file.write_text(text, encoding="utf-8")
            print(f"{page}: written")
            continue
        stale += 1
        diff = difflib.unified_diff(old.splitlines(), text.splitlines(), page, "today", lineterm="", n=1)
        print("\n".join(list(diff)[:60]))
    if stale:
        print(f"{stale} pages are stale: run 'make docs' and look at what changed.")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
