"""How far to trust what a page says, in sentences that stand on it and on every sheet that is handed over."""

from __future__ import annotations

from evaluator.judges.catalog import EMBEDDED
from evaluator.reports.cohort.collect import Cohort
from evaluator.reports.view import one_line


def caveats(cohort: Cohort) -> list[str]:
    """What is known of the agreement of each judge of a cohort; of the embedded one it was measured."""
    said = []
    for judge in cohort.judges:
        if judge != EMBEDDED:
            said.append(f"How far {one_line(judge)} agrees with people on these questions is not known.")
            continue
        from evaluator.judges.embedded import EmbeddedJudge  # noqa: PLC0415 - loads onnxruntime

        reader = EmbeddedJudge()
        said += dict.fromkeys(reader.trust(cohort.rubrics[question]) for question in cohort.questions)
    return said


def overlooked(cohort: Cohort) -> str:
    """How many red flags the embedded judge finds of those that are there; "" where it judged nothing."""
    if EMBEDDED not in cohort.judges:
        return ""
    from evaluator.judges.embedded import measured  # noqa: PLC0415 - loads onnxruntime

    flags = measured()["shipped"]["red_flags"]
    return (
        f"The embedded judge overlooks many: on practice answers it found {flags['raised_right']} of {flags['there']}."
    )
