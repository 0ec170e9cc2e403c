"""All targets by name."""

from __future__ import annotations

from tests.fuzz import files, texts
from tests.fuzz.kit import LONGEST, TARGETS, Target, keep_inputs, kept_inputs

__all__ = ["LONGEST", "TARGETS", "Target", "files", "keep_inputs", "kept_inputs", "texts"]
