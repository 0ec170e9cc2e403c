"""Write the help pages and the output blocks of the documents anew, or check that they are current.

    python docs/make_docs.py            write
    python docs/make_docs.py --check    exit status 1 and a diff where something is stale

`docs/help.md` is the help of every command. In README.md and docs/*.md every fenced block marked `console` is run:
each line that starts with "$ " is a command, the lines up to the next one are its output.
"""

from __future__ import annotations

import difflib
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
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


def main() -> int:
    """Write or check; the number of stale pages decides the exit status of a check."""
    fresh = {"docs/help.md": help_page()}
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
