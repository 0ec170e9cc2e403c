"""The shape of `suite.yaml`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from evaluator.bank import WINDOWS_NAMES
from evaluator.judges.llm.settings import LLMSettings


def _makes_a_file(name: str) -> str:
    if name.partition(".")[0].lower() in WINDOWS_NAMES:
        raise ValueError("a name that Windows does not keep for itself: the recording is called after it")
    return name


Name = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=120), AfterValidator(_makes_a_file)
]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Share = Annotated[float, Field(ge=0, le=1)]
Kind = Literal["grade", "derive"]
Kappa = Annotated[float, Field(ge=-1, le=1)]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class AskedFile(_File):
    """`settings`: how the model is asked. What is absent has the default of `evaluator grade`."""

    temperature: Annotated[float, Field(ge=0)] | None = 0.0
    seed: int | None = 0
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    timeout: Annotated[float, Field(gt=0)] = 120.0


class JudgeSettingsFile(AskedFile):
    """`settings` of a judge."""

    calls: Literal["per-answer", "per-criterion"] = "per-answer"
    max_repairs: Annotated[int, Field(ge=0)] = 2


class FlipsFile(_File):
    """`thresholds`: what the gate lets pass, whatever the kind of the suite.

    `max_flips` counts verdicts, or parts of a derivation, that differ from the baseline; `min_stability` is the share
    of pairs of repeats that agree.
    """

    max_flips: Annotated[int, Field(ge=0)] = 0
    min_stability: Share | None = None


class ThresholdsFile(FlipsFile):
    """`thresholds` on answers. None: that figure is shown and decides nothing.

    `max_score_change` and the two of bias are in points of the score (0 to 100); a drop is how far a figure may lie
    below that of the baseline.
    """

    max_score_change: Annotated[float, Field(ge=0)] | None = None
    max_ungraded: Annotated[int, Field(ge=0)] | None = None
    min_kappa: Kappa | None = None
    min_qwk: Kappa | None = None
    max_kappa_drop: Annotated[float, Field(ge=0)] | None = None
    max_qwk_drop: Annotated[float, Field(ge=0)] | None = None
    max_bias: Annotated[float, Field(ge=0)] | None = None
    max_bias_change: Annotated[float, Field(ge=0)] | None = None


class InjectedFile(_File):
    """One entry of `injected`: an answer with a text aimed at the judge, and the same answer without it."""

    answer: Name
    clean: Name


class InvariantsFile(_File):
    """`invariants`: styles of answers that must score above others of the same question, and injected answers."""

    stronger: tuple[Text, ...] = Field(default=(), strict=False)
    weaker: tuple[Text, ...] = Field(default=(), strict=False)
    injected: tuple[InjectedFile, ...] = Field(default=(), strict=False)


class _AnySuiteFile(_File):
    judge: Text
    base_url: Text | None = None
    prompt: Text
    settings: AskedFile
    bank: Text | None = None
    repeats: Annotated[int, Field(ge=1, le=100)] = 1

    def llm_settings(self) -> LLMSettings:
        """One request at a time, so that a recording has one order."""
        asked = self.settings.model_dump()
        return LLMSettings(spec=self.judge, base_url=self.base_url, prompt=self.prompt, parallel_calls=1, **asked)


class SuiteFile(_AnySuiteFile):
    """suite.yaml. Paths are relative to its folder; `per_criterion` are judged once more, one call per criterion."""

    kind: Literal["grade"] = "grade"
    prompt: Text = "grade/v1"
    settings: JudgeSettingsFile = JudgeSettingsFile()
    answers: tuple[Text, ...] = Field(strict=False, min_length=1)
    labels: tuple[Text, ...] = Field(default=(), strict=False)
    cases: tuple[Name, ...] = Field(strict=False, min_length=1)
    per_criterion: tuple[Name, ...] = Field(default=(), strict=False)
    thresholds: ThresholdsFile = ThresholdsFile()
    invariants: InvariantsFile = InvariantsFile()


class DeriveSuiteFile(_AnySuiteFile):
    """suite.yaml of a suite that derives rubrics, from the questions of an article or of a bank."""

    kind: Literal["derive"]
    prompt: Text = "derive/v1"
    settings: AskedFile = AskedFile()
    article: Text | None = None
    questions: tuple[Name, ...] = Field(strict=False, min_length=1)
    thresholds: FlipsFile = FlipsFile()
