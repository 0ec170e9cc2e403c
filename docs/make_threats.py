"""Write the tables of docs/threats.md between their markers, or check page and register.

    python docs/make_threats.py            write
    python docs/make_threats.py --check    exit status 1 where a table is stale, or a cited test does not exist

What stands between two markers is replaced; everything else in the file stays. Nothing is sent: the embedded judge
grades here, the recorded model is replayed. It takes about a minute on two cores.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from threat_register import problems
from threat_tables import tables

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "threats.md"
BLOCK = re.compile(r"(<!-- (?P<name>[a-z ]+): begin -->\n).*?(<!-- (?P=name): end -->)", re.DOTALL)
NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
ALLOWED = 1.0
"""Processors differ a little in 8-bit arithmetic, so a figure made elsewhere may differ by so much."""


def written(page: str, made: dict[str, str]) -> str:
    """The page with these tables.

    Raises:
        SystemExit: a table has no place in the page, or a place no table.
    """
    places = [found["name"] for found in BLOCK.finditer(page)]
    if sorted(places) != sorted(made):
        raise SystemExit(f"docs/threats.md has places for {sorted(places)}, and the tables are {sorted(made)}.")
    return BLOCK.sub(lambda found: f"{found[1]}{made[found['name']]}\n{found[3]}", page)


def alike(old: str, new: str) -> bool:
    """Whether two pages say the same, but for figures that are near each other."""
    if NUMBER.sub("#", old) != NUMBER.sub("#", new):
        return False
    figures = zip(NUMBER.findall(old), NUMBER.findall(new), strict=True)
    return all(abs(float(one) - float(other)) <= ALLOWED for one, other in figures)


def main() -> int:
    """Write or check."""
    made = tables()
    page = PAGE.read_text(encoding="utf-8")
    new = written(page, made)
    wrong = problems(page, ROOT)
    print(*wrong, sep="\n", end="\n" if wrong else "")
    if "--check" in sys.argv:
        stale = not alike(page, new)
        if stale:
            print("docs/threats.md is stale: run 'python docs/make_threats.py'.")
        return int(stale or bool(wrong))
    if new != page:
        PAGE.write_text(new, encoding="utf-8")
        print("docs/threats.md: written")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
