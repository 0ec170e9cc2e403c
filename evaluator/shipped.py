"""Where the data that comes with the package lies: the bank and the prompts.

In a checkout they are the top-level folders `questions/`, `rubrics/` and `prompts/`; in a wheel they lie inside the
package, in `evaluator/shipped_data/`.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def shipped_root() -> Path:
    """The folder that holds `questions/`, `rubrics/` and `prompts/`."""
    installed = _PACKAGE / "shipped_data"
    return installed if installed.is_dir() else _PACKAGE.parent
