"""The judge that needs no key and no network."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import Any

from evaluator.domain import Assessment, Rubric
from evaluator.honesty import no_answer
from evaluator.judges.embedded.admission import admit
from evaluator.judges.embedded.calibration import Calibration, load, published
from evaluator.judges.embedded.encoder import MODEL, Encoder
from evaluator.judges.embedded.features import measure, read
from evaluator.judges.embedded.findings import find
from evaluator.judges.embedded.flags import find_flag
from evaluator.judges.embedded.prepared import PreparedRubric, prepare
from evaluator.judges.protocol import Case, JudgeIdentity

_RUBRICS_KEPT = 64
_STRENGTHS = 3
# Raised whenever a change of the code can change a verdict, so that stored results are not taken for new ones.
_CODE_VERSION = 2
_PARTS = {"encoder": "onnx", "tokenizer": "json", "vectors": "npy", "style": "npy"}


class EmbeddedJudge:
    """Compares the sentences of an answer with the examples of each criterion.

    Deterministic: the same answer and rubric give the same assessment, alone or among others, on the same machine.
    A rubric is made ready at its first use and kept. Safe to use from several threads.

    Args:
        folder: The model; by default the one in the package.
        trusting: Read every sentence. By default, passages that are no answer are passed over: those that are
            addressed to the grader or hidden from people, and copies of the question or of the rubric.
    """

    def __init__(self, folder: Path = MODEL, *, trusting: bool = False) -> None:
        self._folder = folder
        self._trusting = trusting
        self._encoder = Encoder(folder)
        self._rubrics: OrderedDict[str, PreparedRubric] = OrderedDict()
        self._lock = Lock()

    @property
    def identity(self) -> JudgeIdentity:
        """Name and digests of encoder and calibration; there is no prompt."""
        card = self._encoder.card
        parts = {name: card["sha256"].get(f"{name}.{kind}") for name, kind in _PARTS.items()}
        parts |= {"calibration": self._calibration.digest, "code": _CODE_VERSION}
        if self._trusting:
            parts["trusting"] = True
        settings = ";".join(f"{name}={value}" for name, value in parts.items())
        return JudgeIdentity("embedded", card["name"], None, settings)

    def trust(self, rubric: Rubric) -> str:
        """The measured agreement for rubrics of this kind, and where it was measured."""
        known = all(self._knows(item.examples.accept + item.examples.reject) for item in rubric.criteria)
        figures = self._calibration.measured["shipped" if known else "foreign"]["as_shipped"]
        kind = "this question bank" if known else "question banks it was not made for"
        return (
            f"On {self._calibration.measured['answers']} labelled practice answers the embedded judge, for {kind}, "
            f"agreed with labels that language models gave at kappa {figures['kappa']:.2f} on what is met, and its "
            f"scores were off by {figures['mae']:.0f} points on average. Real answers are less clear-cut: read the "
            "quotes first."
        )

    async def assess(self, case: Case) -> Assessment:
        """Assess one answer, on another thread.

        Raises:
            JudgeError: the answer is "empty", "no_prose", "too_short", "not_english" or "nothing_of_its_own".
        """
        return await asyncio.to_thread(self._assess, case)

    async def aclose(self) -> None:
        """Nothing to let go of."""

    @property
    def _calibration(self) -> Calibration:
        return load(self._folder)

    def _assess(self, case: Case) -> Assessment:
        text = case.answer.text
        admit(text)
        rubric = self._prepared(case.rubric)
        reading = read(text, self._encoder, () if self._trusting else no_answer(text, case.question, case.rubric))
        measures = measure(rubric, reading)
        findings = tuple(
            find(text, reading, criterion, item, one, self._calibration)
            for criterion, item, one in zip(case.rubric.criteria, rubric.criteria, measures, strict=False)
        )
        flags = tuple(
            find_flag(text, reading, item, one, self._calibration.red_flags[item.regime])
            for item, one in zip(rubric.red_flags, measures[len(rubric.criteria) :], strict=True)
        )
        met = [c for c, f in zip(case.rubric.criteria, findings, strict=True) if f.verdict == "met"]
        heaviest = sorted(met, key=lambda criterion: -criterion.weight)[:_STRENGTHS]
        strengths = tuple(criterion.statement for criterion in heaviest)
        return Assessment(findings=findings, red_flags=flags, strengths=strengths)

    def _prepared(self, rubric: Rubric) -> PreparedRubric:
        key = rubric.model_dump_json()
        with self._lock:
            if key not in self._rubrics:
                self._rubrics[key] = prepare(rubric, self._encoder)
                if len(self._rubrics) > _RUBRICS_KEPT:
                    self._rubrics.popitem(last=False)
            self._rubrics.move_to_end(key)
            return self._rubrics[key]

    def _knows(self, texts: tuple[str, ...]) -> bool:
        return self._encoder.knows(texts)


def measured(folder: Path = MODEL) -> dict[str, Any]:
    """The published agreement figures, as in calibration.json: data set, then figures by regime."""
    return published(load(folder))
