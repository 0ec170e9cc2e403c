"""Which sentences of the answer decided, as quotes with offsets."""

from __future__ import annotations

import numpy as np

from evaluator.domain import Evidence
from evaluator.judges.embedded.features import Measure, Reading
from evaluator.judges.embedded.segments import Span

# A pair of sentences is quoted only where it is clearly better than the better one of the two alone.
_PAIR_GAIN = 0.5


def deciding(text: str, reading: Reading, measure: Measure, *, second: bool = True) -> tuple[Evidence, ...]:
    """The window with the highest log odds, and a second one apart from it that speaks for the criterion too."""
    first = _tightened(reading, measure, int(np.argmax(measure.log_odds)))
    chosen = [first]
    apart = [
        index
        for index, span in enumerate(reading.spans)
        if span.first == span.last and (span.first > first.last or span.last < first.first)
    ]
    if second and apart:
        best = max(apart, key=lambda index: (measure.log_odds[index], -index))
        if measure.log_odds[best] > 0:
            chosen.append(reading.spans[best])
    chosen.sort(key=lambda span: span.start)
    return tuple(Evidence(quote=text[span.start : span.end], start=span.start, end=span.end) for span in chosen)


def _tightened(reading: Reading, measure: Measure, top: int) -> Span:
    """The window, or the one sentence in it that does nearly as well."""
    window = reading.spans[top]
    inside = [
        index
        for index, span in enumerate(reading.spans)
        if span.first == span.last and window.first <= span.first <= window.last
    ]
    best = max(inside, key=lambda index: (measure.log_odds[index], -index))
    return reading.spans[best] if measure.log_odds[best] >= measure.log_odds[top] - _PAIR_GAIN else window
