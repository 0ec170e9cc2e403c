"""What is measured about an answer and a criterion. The names are those of calibration.json."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluator.errors import JudgeError
from evaluator.judges.embedded.encoder import Encoder, Vectors
from evaluator.judges.embedded.lexical import Stems, stems
from evaluator.judges.embedded.prepared import Item, PreparedRubric
from evaluator.judges.embedded.segments import Span, is_word_list, sentences, windows

# Windows are single sentences and pairs of neighbours; what comes after the first sentences of a very long answer is
# not read.
MAX_SENTENCES = 120
_WIDTH = 2
_NEAREST = 3

FEATURES = {
    "classifier": "log odds of the criterion's own classifier at the best window",
    "classifier_single": "the same, single sentences only",
    "nearest_three": "mean similarity with the three nearest accept examples, at the best window for it",
    "nearest_reject": "similarity with the nearest reject example",
    "vocabulary": "share of the best window's words, rare ones counting more, that the accept examples use",
    "others": "mean of `classifier` over the other criteria of the rubric",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """An answer cut into windows and embedded."""

    spans: tuple[Span, ...]
    vectors: Vectors
    stems: tuple[Stems, ...]
    truncated: bool


@dataclass(frozen=True, slots=True)
class Measure:
    """One item of the rubric against one answer: features by name, log odds of every window, similarity by point."""

    values: dict[str, float]
    log_odds: NDArray[np.float64]
    points: NDArray[np.float32]


def read(text: str, encoder: Encoder) -> Reading:
    """Cut and embed an answer. Sentences that only list words are passed over: keywords are no substance.

    Raises:
        JudgeError: nothing else is in it.
    """
    text = text.encode("utf-8", "replace").decode("utf-8")  # lone surrogates become question marks, one for one
    bounds = sentences(text, MAX_SENTENCES + 1)
    telling = [(start, end) for start, end in bounds[:MAX_SENTENCES] if not is_word_list(text[start:end])]
    if not telling:
        raise JudgeError("no_prose", "The answer holds no sentences, only lists of words.", "Answer in sentences.")
    spans = windows(telling, _WIDTH)
    pieces = [text[span.start : span.end] for span in spans]
    return Reading(
        tuple(spans), encoder.embed(pieces), tuple(stems(piece) for piece in pieces), len(bounds) > MAX_SENTENCES
    )


def measure(rubric: PreparedRubric, reading: Reading) -> list[Measure]:
    """The features of every criterion and red flag, in the order of `rubric.items`."""
    single = np.array([span.first == span.last for span in reading.spans])
    odds = [item.classifier.log_odds(reading.vectors) for item in rubric.items]
    best = [float(item.max()) for item in odds[: len(rubric.criteria)]]
    result = []
    for position, (item, log_odds) in enumerate(zip(rubric.items, odds, strict=True)):
        rest = best[:position] + best[position + 1 :]
        values = _of_item(item, log_odds, single, rubric, reading)
        values["others"] = sum(rest) / len(rest) if rest else values["classifier"]
        result.append(Measure(values, log_odds, reading.vectors @ item.points.T))
    return result


def _of_item(
    item: Item, log_odds: NDArray[np.float64], single: NDArray[np.bool_], rubric: PreparedRubric, reading: Reading
) -> dict[str, float]:
    top = int(np.argmax(log_odds))
    accept = np.sort(reading.vectors @ item.accept.T, axis=1)[:, ::-1]
    return {
        "classifier": float(log_odds[top]),
        "classifier_single": float(log_odds[single].max()),
        "nearest_three": float(accept[:, :_NEAREST].mean(axis=1).max()),
        "nearest_reject": float((reading.vectors @ item.reject.T).max()) if len(item.reject) else 0.0,
        "vocabulary": rubric.rarity.shared(reading.stems[top], item.vocabulary),
    }
