"""The small model: from features to the probability that a criterion is missed, partly met or met.

All of it stands readable in `model/calibration.json`: means, scales and coefficients by name of feature, two
intercepts, two thresholds. There is one model for criteria whose examples the encoder was tuned on ("shipped") and one
for all others ("foreign"), since similarities run higher for the first.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np

from evaluator.errors import ConfigurationError
from evaluator.judges.embedded.encoder import MODEL

Regime = Literal["shipped", "foreign"]
_CLIP = 4.0


@dataclass(frozen=True, slots=True)
class Chance:
    """Probability that the answer touches the criterion at all, and that it meets the whole of it."""

    touched: float
    met: float

    @property
    def expected(self) -> float:
        """Expected credit between 0 and 1, partly met counting half."""
        return (self.touched + self.met) / 2

    @property
    def doubt(self) -> float:
        """Standard deviation of the credit, 0 to 0.5: high where met and missed are both likely."""
        square = self.met + (self.touched - self.met) / 4
        return float(max(0.0, square - self.expected**2) ** 0.5)

    def of(self, level: int) -> float:
        """Probability of missed (0), partly met (1) or met (2)."""
        return (1 - self.touched, self.touched - self.met, self.met)[level]


@dataclass(frozen=True, slots=True)
class OrdinalModel:
    """Two cumulative logits that share their coefficients.

    `thresholds` are those on `Chance.touched` and `Chance.met`; `features` maps a name to mean, scale, coefficient.
    """

    features: Mapping[str, tuple[float, float, float]]
    intercepts: tuple[float, float]
    thresholds: tuple[float, float]

    def chance(self, values: Mapping[str, float]) -> Chance:
        """Probabilities for one criterion; features are held within four scales of their mean."""
        slope = sum(
            coefficient * min(_CLIP, max(-_CLIP, (values[name] - mean) / scale))
            for name, (mean, scale, coefficient) in self.features.items()
        )
        touched, met = (_logistic(slope + intercept) for intercept in self.intercepts)
        return Chance(touched, min(met, touched))

    def level(self, chance: Chance) -> int:
        """0 missed, 1 partly met, 2 met."""
        if chance.touched < self.thresholds[0]:
            return 0
        return 2 if chance.met >= self.thresholds[1] else 1


@dataclass(frozen=True, slots=True)
class FlagModel:
    """One logit for red flags, with the threshold above which one is present and below which it is not."""

    features: Mapping[str, tuple[float, float, float]]
    intercept: float
    present: float
    absent: float

    def chance(self, values: Mapping[str, float]) -> float:
        """Probability that the answer commits the red flag."""
        slope = sum(
            coefficient * min(_CLIP, max(-_CLIP, (values[name] - mean) / scale))
            for name, (mean, scale, coefficient) in self.features.items()
        )
        return _logistic(slope + self.intercept)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Everything in calibration.json.

    Where `Chance.doubt` is over `abstain_above`, a criterion stays unassessed. `measured` holds the published figures.
    """

    criteria: Mapping[Regime, OrdinalModel]
    red_flags: Mapping[Regime, FlagModel]
    abstain_above: float
    measured: Mapping[str, Any]
    digest: str


@lru_cache(maxsize=4)
def load(folder: Path = MODEL) -> Calibration:
    """Read calibration.json.

    Raises:
        ConfigurationError: it is missing or not of the expected form.
    """
    path = folder / "calibration.json"
    try:
        text = path.read_text(encoding="utf-8")
        return parse(json.loads(text), text)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(
            f"The embedded judge's {path} cannot be used: {error!r}.", "Install the package again."
        ) from error


def parse(data: Mapping[str, Any], text: str = "") -> Calibration:
    """Build the models from the content of calibration.json."""
    regimes: tuple[Regime, ...] = ("shipped", "foreign")
    criteria = {name: _ordinal(data["criteria"][name]) for name in regimes}
    flags = {name: _flag(data["red_flags"][name]) for name in regimes}
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
    return Calibration(criteria, flags, float(data["abstain_above"]), data["measured"], digest)


def _ordinal(data: Mapping[str, Any]) -> OrdinalModel:
    touched, met = data["intercepts"]["touched"], data["intercepts"]["met"]
    low, high = data["thresholds"]["touched"], data["thresholds"]["met"]
    return OrdinalModel(_features(data), (float(touched), float(met)), (float(low), float(high)))


def _flag(data: Mapping[str, Any]) -> FlagModel:
    return FlagModel(_features(data), float(data["intercept"]), float(data["present"]), float(data["absent"]))


def _features(data: Mapping[str, Any]) -> dict[str, tuple[float, float, float]]:
    return {
        name: (float(one["mean"]), float(one["scale"]), float(one["coefficient"]))
        for name, one in data["features"].items()
    }


def _logistic(value: float) -> float:
    return float(1 / (1 + np.exp(-value)))


def published(calibration: Calibration) -> dict[str, Any]:
    """A copy of the agreement figures, for display."""
    return cast("dict[str, Any]", json.loads(json.dumps(calibration.measured)))
