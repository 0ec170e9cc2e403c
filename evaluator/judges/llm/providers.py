"""The providers that instructor knows: which variable holds the key of each, and which package its client is in.

Used to say what is missing. Whatever instructor takes is taken, also a provider that is not listed here.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from difflib import get_close_matches

from evaluator.errors import ConfigurationError
from evaluator.judges.llm.failures import causes
from evaluator.judges.llm.settings import Target

_SPEAKS_OF_A_KEY = re.compile(r"api[ _-]?key|credential|authenticat", re.IGNORECASE)
_NEAR_NAME = 0.7


@dataclass(frozen=True, slots=True)
class Provider:
    """`keys`: variables of which one is needed, the usual one first. `package`: as pip takes it; "" for openai's."""

    keys: tuple[str, ...] = ()
    package: str = ""


_GOOGLE_KEYS = ("GOOGLE_API_KEY", "GEMINI_API_KEY")

# Packages: those of instructor's extras, whose bounds come along. Anthropic's is bound there to one old version.
PROVIDERS = {
    "anthropic": Provider(("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"), "anthropic>=0.93,<3"),
    "anyscale": Provider(("ANYSCALE_API_KEY",)),
    "azure_openai": Provider(("AZURE_OPENAI_API_KEY",)),
    "bedrock": Provider((), "instructor[bedrock]"),
    "cerebras": Provider(("CEREBRAS_API_KEY",), "instructor[cerebras-cloud-sdk]"),
    "cohere": Provider(("CO_API_KEY",), "instructor[cohere]"),
    "databricks": Provider(("DATABRICKS_TOKEN", "DATABRICKS_API_KEY")),
    "deepseek": Provider(("DEEPSEEK_API_KEY",)),
    "fireworks": Provider(("FIREWORKS_API_KEY",), "instructor[fireworks-ai]"),
    "gemini": Provider(_GOOGLE_KEYS, "google-generativeai"),
    "generative-ai": Provider(_GOOGLE_KEYS, "instructor[google-genai]"),
    "google": Provider(_GOOGLE_KEYS, "instructor[google-genai]"),
    "groq": Provider(("GROQ_API_KEY",), "instructor[groq]"),
    "litellm": Provider((), "instructor[litellm]"),
    "mistral": Provider(("MISTRAL_API_KEY",), "instructor[mistral]"),
    "ollama": Provider(),
    "openai": Provider(("OPENAI_API_KEY",)),
    "openrouter": Provider(("OPENROUTER_API_KEY",)),
    "perplexity": Provider(("PERPLEXITY_API_KEY",)),
    "together": Provider(("TOGETHER_API_KEY",)),
    "vertexai": Provider((), "instructor[vertexai]"),
    "writer": Provider(("WRITER_API_KEY",), "instructor[writer]"),
    "xai": Provider(("XAI_API_KEY",), "instructor[xai]"),
}


def no_provider(target: Target) -> ConfigurationError | None:
    """That there is no such provider, for a client that could not be made; None where it is a known one."""
    if target.base_url is not None or target.provider in PROVIDERS:
        return None
    near = near_provider(target.provider)
    hint = f"Did you mean {near}?" if near else f"Providers are {', '.join(PROVIDERS)}."
    return ConfigurationError(f'There is no provider "{target.provider}".', hint)


def what_is_missing(exception: BaseException, target: Target) -> ConfigurationError | None:
    """A key or a package whose lack explains why a client failed; None where neither does.

    Args:
        exception: What the client raised when it was made, or before it sent anything.
        target: Where to. A server of one's own needs neither.
    """
    provider = PROVIDERS.get(target.provider)
    links = list(causes(exception))
    if provider is None or target.base_url is not None or any(hasattr(link, "status_code") for link in links):
        return None  # with a status, it was a server that answered
    absent = next((link for link in links if isinstance(link, ImportError)), None)
    if absent is not None and provider.package:
        name = f": {absent.name}" if absent.name else ""
        return ConfigurationError(
            f"The judge {target.place} needs a package that is not installed{name}.",
            f'Run: {_python()} -m pip install "{provider.package}"',
        )
    text = " ".join(str(link) for link in links)
    unset = bool(provider.keys) and not any(os.environ.get(name) for name in provider.keys)
    if unset and (_SPEAKS_OF_A_KEY.search(text) or any(name in text for name in provider.keys)):
        return ConfigurationError(f"No key for {target.provider}: set {provider.keys[0]}.")
    return None


def near_provider(name: str) -> str:
    """The provider whose name is nearly this one; "" where there is none, or where this is one."""
    return "" if name in PROVIDERS else next(iter(get_close_matches(name.lower(), PROVIDERS, 1, _NEAR_NAME)), "")


def _python() -> str:
    """The interpreter that runs, as one writes it on a command line."""
    return f'"{sys.executable}"' if " " in sys.executable else sys.executable
