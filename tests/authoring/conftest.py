"""What tests of derivation share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.authoring.derive_kit import Kit


@pytest.fixture
def kit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kit:
    """A bank of one question, a model and a judge."""
    monkeypatch.setenv("OPENAI_API_KEY", "not-needed")
    return Kit(tmp_path)
