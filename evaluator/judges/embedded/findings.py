"""From probabilities to a finding: points, confidence, quotes, and words for the writer."""

from __future__ import annotations

from evaluator.domain import Criterion, Finding
from evaluator.judges.embedded.calibration import Calibration
from evaluator.judges.embedded.evidence import deciding
from evaluator.judges.embedded.features import Measure, Reading
from evaluator.judges.embedded.points import confidence_in, points_met
from evaluator.judges.embedded.prepared import Item

_DIGITS = 4
_SUBJECT = "The answer "
# In so few sentences hardly another criterion can be met, and a verdict leans on the others.
_FEW_SENTENCES = 2
# Without examples only the statement and its points can be compared, which tells little (docs/embedded-judge.md).
_WITHOUT_EXAMPLES = 0.6


def find(
    text: str, reading: Reading, criterion: Criterion, item: Item, measure: Measure, calibration: Calibration
) -> Finding:
    """The finding for one criterion; unassessed where the doubt is too high."""
    model = calibration.criteria[item.regime]
    chance = model.chance(measure.values)
    points = points_met(model.level(chance), chance, likeness(measure))
    confidence = confidence_in(points, chance)
    flags: tuple[str, ...] = ()
    if not item.has_examples:
        confidence, flags = confidence * _WITHOUT_EXAMPLES, ("no_examples",)
    if reading.truncated:
        flags += ("answer_truncated",)
    if len(reading.bounds) <= _FEW_SENTENCES:
        flags += ("few_sentences",)
    if chance.doubt > calibration.abstain_above:
        return Finding(
            criterion_id=criterion.id,
            points=None,
            confidence=round(confidence, _DIGITS),
            gap="The embedded judge could not tell whether this is in the answer.",
            suggestion=criterion.advice,
            flags=(*flags, "low_confidence"),
        )
    return Finding(
        criterion_id=criterion.id,
        points=points,
        confidence=round(confidence, _DIGITS),
        evidence=deciding(text, reading, measure) if any(points) else (),
        gap=gap(criterion, points),
        suggestion="" if all(points) else criterion.advice,
        flags=flags,
    )


def likeness(measure: Measure) -> list[float]:
    """How much the answer resembles each point: its best similarity over all sentences."""
    return [float(value) for value in measure.points.max(axis=0)]


def gap(criterion: Criterion, points: tuple[bool, ...]) -> str:
    """What was not found, in one sentence; "" where all points are met.

    It says what the judge did not find, and not what the writer did not say: the judge may be wrong.
    """
    missing = [point for point, met in zip(criterion.points, points, strict=True) if not met]
    if not missing:
        return ""
    if not all(point.startswith(_SUBJECT) for point in missing):
        return "No sign was found of this: " + " ".join(missing)
    # Every point goes on with a verb: "The answer names a cut."
    claims = [point.removeprefix(_SUBJECT).rstrip(".") for point in missing]
    return f"No sign was found that the answer {', or '.join(claims)}."
