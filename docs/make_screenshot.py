"""Take the picture of the sample cohort's report anew (docs/images/report.png).

    python docs/make_screenshot.py          needs chromium, and the embedded judge's model

The sample is graded by the embedded judge into a temporary run.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SIZE = "1280,1500"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--hide-scrollbars",
    "--virtual-time-budget=5000",
]


def main() -> int:
    """Grade, report, take the picture; the exit status is that of chromium."""
    evaluator = str(Path(sys.executable).parent / "evaluator")
    with tempfile.TemporaryDirectory() as folder:
        run, page = Path(folder) / "sample.run", Path(folder) / "sample.html"
        # Two answers of the sample are empty, so the batch ends with status 1.
        subprocess.run(
            [evaluator, "batch", "docs/examples/cohort/answers.csv", "--run", str(run)], cwd=ROOT, check=False
        )
        subprocess.run([evaluator, "report", str(run), "-o", str(page), "--title", "Sample cohort"], check=True)
        picture = ROOT / "docs" / "images" / "report.png"
        where = [f"--user-data-dir={folder}/profile", f"--window-size={SIZE}", f"--screenshot={picture}"]
        return subprocess.run(["chromium", *FLAGS, *where, page.as_uri()], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
