"""Settings, read in this one place.

Order: what the caller gives (a command line option), then the environment (`EVALUATOR_JUDGE`, `EVALUATOR_BASE_URL`,
`EVALUATOR_BANK`), then the config file, then the default. The config file is TOML with the keys `judge`, `base_url`
and `bank` (~ is the home folder); `EVALUATOR_CONFIG` names it, else it is `config.toml` in the user's config folder
(`config_file()`), where it need not be.
API keys are read by the provider's library from its own variables (`OPENAI_API_KEY`, ...) and are never a setting.
docs/configuration.md says all this to users.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from evaluator.errors import ConfigurationError


def _at_home(path: Path) -> Path:
    # Not Path.expanduser(), which raises for a user without a home.
    return Path(os.path.expanduser(path))  # noqa: PTH111


class Settings(BaseSettings):
    """What a run is set to: the judge, its server, and the bank (None: the shipped one)."""

    model_config = SettingsConfigDict(env_prefix="EVALUATOR_", extra="forbid", frozen=True, env_ignore_empty=True)

    judge: str = "embedded"
    base_url: str | None = None
    bank: Annotated[Path, AfterValidator(_at_home)] | None = None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The documented order; no .env file and no secrets folder."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=config_file())


def config_file() -> Path:
    """Where the config file is looked for; it need not exist unless `EVALUATOR_CONFIG` names it."""
    named = os.environ.get("EVALUATOR_CONFIG")
    if named:
        return _at_home(Path(named))
    base = os.environ.get("APPDATA") if os.name == "nt" else os.environ.get("XDG_CONFIG_HOME")
    # A user without a home simply has no config file. Absolute, so that nobody else tries to expand it.
    return _at_home(Path(base or "~/.config")).absolute() / "evaluator" / "config.toml"


def load_settings(*, judge: str | None = None, base_url: str | None = None, bank: Path | None = None) -> Settings:
    """Settings with what the caller gives (None: not given) on top.

    Raises:
        ConfigurationError: A value cannot be used, or the config file cannot be read or was named and is not there.
    """
    if os.environ.get("EVALUATOR_CONFIG") and (not config_file().exists() or config_file().is_dir()):
        raise ConfigurationError(
            f"EVALUATOR_CONFIG names {config_file()}, which is no file.", "Name a file that is there, or unset it."
        )
    given = {"judge": judge, "base_url": base_url, "bank": bank}
    try:
        return Settings(**{key: value for key, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        detail = error.errors()[0]
        name = ".".join(str(part) for part in detail["loc"])
        raise ConfigurationError(
            f'The setting "{name}" is {detail["input"]!r}: {detail["msg"].lower()}.',
            "Known settings are judge, base_url and bank: an option (--judge), else a variable (EVALUATOR_JUDGE), "
            f"else a key of {config_file()}.",
        ) from error
    except (OSError, ValueError, RuntimeError) as error:
        raise ConfigurationError(f"{config_file()} cannot be read: {error}.", "It must be TOML.") from error
