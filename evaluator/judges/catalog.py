"""Which judges there are, and how to make one from its specification."""

from __future__ import annotations

from evaluator.errors import ConfigurationError
from evaluator.judges.llm.settings import LLMSettings
from evaluator.judges.protocol import Judge

EMBEDDED = "embedded"


def build_judge(settings: LLMSettings) -> Judge:
    """The judge that `settings.spec` names: "embedded", or a provider and model for an LLM.

    Raises:
        ConfigurationError: The specification fits no judge, or a server is named for the embedded one.
    """
    if settings.spec == EMBEDDED:
        if settings.base_url is not None:
            raise ConfigurationError(
                f"The base URL {settings.base_url} is of no use to the embedded judge.",
                "Name the model too, for instance --judge openai/MODEL.",
            )
        from evaluator.judges.embedded import EmbeddedJudge  # noqa: PLC0415 - loads onnxruntime

        return EmbeddedJudge()
    from evaluator.judges.llm import LLMJudge  # noqa: PLC0415 - loads openai

    return LLMJudge(settings)
