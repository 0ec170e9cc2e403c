"""What is measured about an answer and a criterion. The names are those of calibration.json."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluator.errors import JudgeError
from evaluator.honesty import blotted
from evaluator.judges.embedded.admission import is_keyword_list
from evaluator.judges.embedded.classifier import sigmoid
from evaluator.judges.embedded.encoder import Encoder, Vectors
from evaluator.judges.embedded.lexical import Stems, stems
from evaluator.judges.embedded.prepared import Item, PreparedRubric
from evaluator.judges.embedded.segments import is_data, is_word_list, sentences
from evaluator.judges.embedded.spelling import one_spelling

# What comes after the first sentences of a very long answer is not read.
MAX_SENTENCES = 120
_NEAREST = 3
# Among many sentences one looks like what is sought by chance, so in answers of more sentences than this the odds of
# each are divided by this power of how many times more they are. With it, scores of good answers stay the same on
# average when four others on other questions are put around them, and padding does not pay (docs/embedded-judge.md).
_USUAL_SENTENCES = 20
_LENGTH_POWER = 0.4
# The mean over the other criteria is one of shares: past this steepness, one that is clearly met counts no more.
_STEEP = 2.0

FEATURES = {
    "classifier": "log odds of the criterion's own classifier at the best sentence, taken down in a long answer",
    "nearest_three": "mean similarity with the three nearest accept examples, at the best sentence for it",
    "nearest_reject": "similarity with the nearest reject example",
    "vocabulary": "share of the best sentence's words, rare ones counting more, that the accept examples use",
    "others": "mean over the rubric's other criteria of the logistic function of twice `classifier`",
}

Bounds = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Reading:
    """The sentences of an answer that are read: start and end of each, its vector and its words."""

    bounds: tuple[Bounds, ...]
    vectors: Vectors
    stems: tuple[Stems, ...]
    truncated: bool


@dataclass(frozen=True, slots=True)
class Measure:
    """One item of the rubric against one answer: features by name, log odds of every sentence, similarity by point."""

    values: dict[str, float]
    log_odds: NDArray[np.float64]
    points: NDArray[np.float32]


def read(text: str, encoder: Encoder, passed_over: Sequence[Bounds] = ()) -> Reading:
    """Cut and embed an answer.

    Lists of words and lines of data are not read, and a text that holds nothing else is refused: keywords are no
    substance.

    Args:
        text: The answer.
        encoder: For the vectors.
        passed_over: Spans of the text that are not read.

    Raises:
        JudgeError: nothing is left to read; the reason is "no_prose" or "nothing_of_its_own".
    """
    text = text.encode("utf-8", "replace").decode("utf-8")  # lone surrogates become question marks, one for one
    text = blotted(text, passed_over, "\n")
    bounds = sentences(text, MAX_SENTENCES + 1)
    telling = [(start, end) for start, end in bounds[:MAX_SENTENCES] if _tells(text[start:end])]
    if not telling and passed_over:
        raise JudgeError(
            "nothing_of_its_own",
            "Nothing is left of the answer besides what is copied from the question or the rubric, hidden, or "
            "addressed to whoever grades it.",
            "Answer in your own words.",
        )
    if not telling or is_keyword_list(text):
        raise JudgeError("no_prose", "The answer holds no sentences, only lists of words.", "Answer in sentences.")
    pieces = [one_spelling(text[start:end]) for start, end in telling]
    vectors = encoder.without_style(encoder.embed(pieces))
    return Reading(tuple(telling), vectors, tuple(stems(piece) for piece in pieces), len(bounds) > MAX_SENTENCES)


def _tells(piece: str) -> bool:
    return not is_word_list(piece) and not is_data(piece)


def measure(rubric: PreparedRubric, reading: Reading) -> list[Measure]:
    """The features of every criterion and red flag, in the order of `rubric.items`."""
    chances = _LENGTH_POWER * max(0.0, float(np.log(len(reading.bounds) / _USUAL_SENTENCES)))
    odds = [item.classifier.log_odds(reading.vectors) - chances for item in rubric.items]
    best = np.array([item.max() for item in odds[: len(rubric.criteria)]])
    share = sigmoid(_STEEP * best)
    result = []
    for position, (item, log_odds) in enumerate(zip(rubric.items, odds, strict=True)):
        rest = np.delete(share, position) if position < len(share) else share
        values = _of_item(item, log_odds, rubric, reading)
        values["others"] = float(rest.mean()) if len(rest) else float(share.mean())
        result.append(Measure(values, log_odds, reading.vectors @ item.points.T))
    return result


def _of_item(item: Item, log_odds: NDArray[np.float64], rubric: PreparedRubric, reading: Reading) -> dict[str, float]:
    top = int(np.argmax(log_odds))
    accept = np.sort(reading.vectors @ item.accept.T, axis=1)[:, ::-1]
    return {
        "classifier": float(log_odds[top]),
        "nearest_three": float(accept[:, :_NEAREST].mean(axis=1).max()),
        "nearest_reject": float((reading.vectors @ item.reject.T).max()) if len(item.reject) else 0.0,
        "vocabulary": rubric.rarity.shared(reading.stems[top], item.vocabulary),
    }
