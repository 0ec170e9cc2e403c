"""The pytest plugin of `evaluator`: `pytest --evaluator-suite PATH` reports each case of a suite as a test.

pytest loads this file at every start, so it imports nothing of the package before a suite is named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.getgroup("evaluator").addoption(
        "--evaluator-suite",
        action="append",
        default=[],
        metavar="PATH",
        help="replay this regression suite of evaluator; each case is a test (may be given several times)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Bring in what collects suites, where one is named."""
    suites = config.getoption("--evaluator-suite")
    if suites:
        from evaluator.regress.plugin import SuitePlugin  # noqa: PLC0415 - see above

        config.pluginmanager.register(SuitePlugin(config, suites), "evaluator-suites")
