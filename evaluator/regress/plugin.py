"""Suites as pytest collects them. The option itself is in `evaluator_pytest.py`, which costs nothing to load."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from evaluator.errors import EvaluatorError
from evaluator.regress.check import Findings, run_suite
from evaluator.regress.explain import explain
from evaluator.regress.gate import judge_findings
from evaluator.regress.suite import SUITE_FILE, load_suite
from evaluator.wording import many

if TYPE_CHECKING:
    from _pytest._code.code import TerminalRepr, TracebackStyle

_MAX_DIFF = 60


class FailedCaseError(Exception):
    """What a failed case or gate says; it is shown without a traceback."""


class SuitePlugin:
    """Collects the named suites besides whatever else is collected."""

    def __init__(self, config: pytest.Config, suites: Iterable[str]) -> None:
        self._roots = {(config.invocation_params.dir / name).resolve() for name in suites}
        missing = sorted(str(root) for root in self._roots if not (root / SUITE_FILE).is_file())
        if missing:
            raise pytest.UsageError(f"--evaluator-suite {missing[0]}: there is no {SUITE_FILE}")
        config.args += [str(root / SUITE_FILE) for root in sorted(self._roots)]

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """A suite.yaml of a named suite; no other."""
        if file_path.name == SUITE_FILE and file_path.parent.resolve() in self._roots:
            collector: pytest.Collector = SuiteCollector.from_parent(parent, path=file_path)
            return collector
        return None


class SuiteCollector(pytest.File):
    """One suite: a test for each case, and one for the gate."""

    _found: Findings | None = None

    def collect(self) -> Iterator[pytest.Item]:
        """The cases are known from suite.yaml; they are replayed when the first of them runs."""
        for trial in load_suite(self.path.parent).trials:
            yield CaseItem.from_parent(self, name=trial.id)
        yield GateItem.from_parent(self, name="gate")

    @property
    def findings(self) -> Findings:
        """What the run of the suite found; it runs once."""
        if self._found is None:
            self._found = run_suite(load_suite(self.path.parent))
        return self._found


class _Item(pytest.Item):
    @property
    def findings(self) -> Findings:
        assert isinstance(self.parent, SuiteCollector)  # noqa: S101 - both are made in this file
        return self.parent.findings

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: TracebackStyle | None = None
    ) -> str | TerminalRepr:
        """The message alone, where the error is one of ours; all of it where something else went wrong."""
        if isinstance(excinfo.value, FailedCaseError | EvaluatorError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """File and name."""
        return self.path, 0, self.name


class CaseItem(_Item):
    """One case: it fails where it is not recorded in full, or has flips."""

    def runtest(self) -> None:
        """Look up what the run found for this case.

        Raises:
            FailedCaseError: It did not replay, or a verdict is not that of the baseline.
        """
        found = self.findings
        outcome = next(one for one in found.outcomes if one.trial.id == self.name)
        if outcome.problem:
            raise FailedCaseError(str(outcome.problem))
        if outcome.misses:
            lines = [line for miss in outcome.misses for line in explain(miss, outcome.exchanges)[:_MAX_DIFF]]
            again = f"'{found.suite.command('record')}' records it."
            raise FailedCaseError("\n".join(["What would be sent today is not recorded.", *lines, again]))
        flips = [flip for flip in found.flips if flip.case == self.name]
        if flips:
            shown = (f"{flip.item or flip.case}: {flip.before} -> {flip.after}" for flip in flips)
            raise FailedCaseError("\n".join([f"{many(len(flips), 'flip')} since the baseline:", *shown]))


class GateItem(_Item):
    """The gate of the suite."""

    def runtest(self) -> None:
        """Apply the thresholds.

        Raises:
            FailedCaseError: The gate is not passed; every failed check is told.
        """
        failed = [check for check in judge_findings(self.findings).checks if not check.passed]
        if failed:
            raise FailedCaseError("\n".join(f"{check.name}: {check.detail}" for check in failed))
