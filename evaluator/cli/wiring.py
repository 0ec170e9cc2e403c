"""Options to objects: the bank and the judge, from options, environment and config file."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from evaluator.bank import Bank, load_bank
from evaluator.errors import ConfigurationError
from evaluator.judges import Judge
from evaluator.judges.catalog import build_judge
from evaluator.judges.llm.settings import LLMSettings
from evaluator.settings import load_settings


def open_bank(option: Path | None) -> Bank:
    """The bank that the option, the environment or the config file names; else the shipped one."""
    return load_bank(load_settings(bank=option).bank)


def open_judge(
    spec: str | None,
    base_url: str | None,
    *,
    calls: Literal["per-answer", "per-criterion"] = "per-answer",
    timeout: float = 120,
    attempts: int = 6,
    patience: float = 180,
) -> Judge:
    """The judge that the options, the environment or the config file name; else the embedded one.

    Raises:
        ConfigurationError: Nothing fits the specification; or a server is named and no model.
    """
    settings = load_settings(judge=spec, base_url=base_url)
    if base_url is not None and spec is None and settings.judge == "embedded":
        raise ConfigurationError(
            f"--base-url {base_url} names a server, but no model.", "Add --judge, for instance --judge openai/MODEL."
        )
    # A server in the environment is for LLM judges; the embedded judge, asked for by name, does without it.
    server = None if settings.judge == "embedded" and base_url is None else settings.base_url
    return build_judge(
        LLMSettings(
            spec=settings.judge,
            base_url=server,
            calls=calls,
            timeout=timeout,
            max_attempts=attempts,
            patience=patience,
        )
    )


def redacted(judge: Judge, redact: bool, listed: Path | None) -> Judge:
    """The judge, or one around it that hides personal data from it.

    Raises:
        ConfigurationError: There is a list, and no word that it is to be used.
        InputError: The list cannot be read.
    """
    if not redact:
        if listed is not None:
            raise ConfigurationError(f"--redact-list {listed} has no effect by itself.", "Add --redact.")
        return judge
    from evaluator.redaction import Redactor, read_list, redacting  # loads the library for phone numbers

    return redacting(judge, Redactor(read_list(listed) if listed is not None else None))
