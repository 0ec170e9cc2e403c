"""The embedded judge: grades offline with a small sentence encoder and the examples of the rubric."""

from evaluator.judges.embedded.classifier import fit
from evaluator.judges.embedded.encoder import Encoder
from evaluator.judges.embedded.judge import EmbeddedJudge, measured

__all__ = ["EmbeddedJudge", "Encoder", "fit", "measured"]
