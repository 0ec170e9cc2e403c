"""What holds for every test: no network, no settings from this machine, the real shipped bank once per session."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluator.bank import Bank, load_bank

ROOT = Path(__file__).resolve().parent.parent


def pytest_configure(config: pytest.Config) -> None:
    """No test may reach the network; tests that run a local server of their own say so with allowed_hosts."""
    config.option.block_network = True


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable, config file or terminal of this machine has a say."""
    for name in ("EVALUATOR_JUDGE", "EVALUATOR_BASE_URL", "EVALUATOR_BANK", "OPENAI_API_KEY", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("EVALUATOR_CONFIG", raising=False)
    for name in ("XDG_CONFIG_HOME", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "no-config"))
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.fixture(scope="session")
def bank() -> Bank:
    """The shipped bank."""
    return load_bank()
