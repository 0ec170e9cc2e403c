"""Red flags: raised only where the answer clearly commits one; a false accusation is worse than a missed one."""

from __future__ import annotations

import re

from evaluator.domain import RedFlagFinding
from evaluator.judges.embedded.calibration import FlagModel
from evaluator.judges.embedded.evidence import deciding
from evaluator.judges.embedded.features import Measure, Reading
from evaluator.judges.embedded.prepared import Item

_DIGITS = 4
# Words by which a writer says that the practice was refused, or is over. They occur in 5 % of the sentences that
# commit a red flag in the shipped bank; there the judge then says that it cannot tell.
_REFUSAL = re.compile(
    r"\b(?:refus\w+|declin\w+|stopped|abolish\w+|scrapped|banned|regret\w*|mistake|used to|no longer|said no|"
    r"got rid of|put an end|never|"
    r"turned (?:it|that|this|them|him|her) down|(?:i|we) (?:would not|wouldn['\u2019]t|will not|"
    r"won['\u2019]t|do not|don['\u2019]t|did not|didn['\u2019]t))\b",
    re.IGNORECASE,
)


def find_flag(text: str, reading: Reading, item: Item, measure: Measure, model: FlagModel) -> RedFlagFinding:
    """Whether the answer commits one red flag: True, False, or None where it cannot be told."""
    chance = model.chance(measure.values)
    if chance < model.absent:
        return RedFlagFinding(red_flag_id=item.id, present=False, confidence=round(1 - chance, _DIGITS))
    evidence = deciding(text, reading, measure, second=False)
    if chance < model.present:
        return _undecided(item, chance, "uncertain")
    if refused(evidence[0].quote):
        return _undecided(item, chance, "possibly_refused")
    if not item.has_examples:
        return _undecided(item, chance, "no_examples")
    return RedFlagFinding(red_flag_id=item.id, present=True, confidence=round(chance, _DIGITS), evidence=evidence)


def refused(quote: str) -> bool:
    """Whether a quote has words of refusal, or of a practice that is over."""
    return _REFUSAL.search(quote) is not None


def _undecided(item: Item, chance: float, flag: str) -> RedFlagFinding:
    return RedFlagFinding(
        red_flag_id=item.id, present=None, confidence=round(max(chance, 1 - chance), _DIGITS), flags=(flag,)
    )
