"""Which sentences of the answer decided, as quotes with offsets."""

from __future__ import annotations

import numpy as np

from evaluator.domain import Evidence
from evaluator.judges.embedded.features import Measure, Reading


def deciding(text: str, reading: Reading, measure: Measure, *, second: bool = True) -> tuple[Evidence, ...]:
    """The sentence with the highest log odds, and the next one where it speaks for the criterion too."""
    order = np.argsort(-measure.log_odds, kind="stable")
    chosen = [int(order[0])]
    if second and len(order) > 1 and measure.log_odds[order[1]] > 0:
        chosen.append(int(order[1]))
    spans = [reading.bounds[index] for index in sorted(chosen)]
    return tuple(Evidence(quote=text[start:end], start=start, end=end) for start, end in spans)
