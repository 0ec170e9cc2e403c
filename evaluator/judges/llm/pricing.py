"""Tokens and money. Prices are those that come with genai-prices; nothing is fetched."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from urllib.parse import urlsplit

from evaluator.judges.llm.providers import near_provider
from evaluator.judges.llm.settings import Target

CHARACTERS_PER_TOKEN = 4
"""For estimates. English prose has about 4.5, code and other languages fewer."""

_OWN = frozenset(("localhost", "127.0.0.1", "::1"))
"""Hosts that are this machine."""

_NEAR_NAME = 0.8

# What a reply has in tokens, roughly, for estimates.
_TOKENS_PER_CRITERION = 115
_TOKENS_PER_RED_FLAG = 25
_TOKENS_PER_REPLY = 60

# Names of instructor's providers that the price list has under another name.
_PRICED_AS = {
    "azure_openai": "azure",
    "bedrock": "aws",
    "gemini": "google",
    "generative-ai": "google",
    "vertexai": "google",
    "xai": "x-ai",
}


@dataclass(frozen=True, slots=True)
class Price:
    """The price of one model at one provider."""

    target: Target

    def load(self) -> None:
        """Read the price list now, which takes some hundredths of a second, and not with the first reply."""
        self.of(0, 0)

    def of(self, input_tokens: int, output_tokens: int, cached_tokens: int = 0) -> float | None:
        """US dollars, or None where the price is unknown: for a server of one's own, or a model not in the list."""
        if self.target.base_url is not None and urlsplit(self.target.base_url).hostname in _OWN:
            return None  # nor is there a reason to read the list
        from genai_prices import Usage, calc_price  # noqa: PLC0415 - a price list of 1.6 MB, and not every judge has a price

        usage = Usage(
            input_tokens=input_tokens,
            output_tokens=output_tokens,
            cache_read_tokens=min(cached_tokens, input_tokens),
        )
        target = self.target
        try:
            if target.base_url is not None:
                price = calc_price(usage, target.model, provider_api_url=target.base_url)
            else:
                name = _PRICED_AS.get(target.provider, target.provider)
                price = calc_price(usage, target.model, provider_id=name)
        except (LookupError, ValueError):
            return None
        return float(price.total_price)

    def near_name(self) -> str:
        """What was probably meant by a name that has no price: a model of the list, or of another provider; or "".

        Never a model with other figures: what is newer than the list is not mistyped.
        """
        return "" if self.target.base_url is not None or self.of(0, 0) is not None else _near_name(self.target)


@lru_cache(maxsize=4)  # a batch asks for each of its answers
def _near_name(target: Target) -> str:
    if provider := near_provider(target.provider):
        return f"{provider}/{target.model}"
    from genai_prices.data_snapshot import get_snapshot  # noqa: PLC0415 - late, as above

    try:
        priced = get_snapshot().find_provider(None, _PRICED_AS.get(target.provider, target.provider), None)
    except LookupError:
        return ""
    names = [model.id for model in priced.models if _figures(model.id) == _figures(target.model)]
    return next(iter(get_close_matches(target.model.lower(), names, 1, _NEAR_NAME)), "")


def _figures(name: str) -> list[str]:
    return re.findall(r"\d+", name)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What judging one answer will take if nothing has to be asked twice.

    `messages` are the rendered (system, user) pairs, one for each call. Tokens are characters / 4 for the input and a
    fixed number for each criterion for the output; `cost_usd` follows from them, or is None where the price is
    unknown; then `near` is a name that has one and was probably meant, or "". It leaves out that providers cache what
    all answers to a question share.
    """

    calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    messages: tuple[tuple[str, str], ...]
    near: str = ""


def output_tokens(criteria: int, red_flags: int) -> int:
    """A guess at the tokens of one reply."""
    return _TOKENS_PER_REPLY + criteria * _TOKENS_PER_CRITERION + red_flags * _TOKENS_PER_RED_FLAG
