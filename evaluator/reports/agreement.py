"""Agreement as a table of 80 columns and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluator.reports.view import visible
from evaluator.scoring.agreement import Block, Comparison, Figure
from evaluator.wording import many

_NAMES = {
    "accuracy": "accuracy",
    "kappa": "kappa (met or not)",
    "qwk": "QWK (three levels)",
    "macro_f1": "macro-F1",
    "f1_missed": "F1 of missed",
    "f1_partial": "F1 of partial",
    "f1_met": "F1 of met",
    "met_judge": "share met, judge",
    "met_truth": "share met, labels",
    "score_mae": "score: mean error",
    "score_bias": "score: judge - labels",
    "score_pearson": "score: Pearson",
    "f1_present": "F1 of present",
    "present_judge": "share present, judge",
    "present_truth": "share present, labels",
}
_NAME_WIDTH = 26
_SCORES = ("score_mae", "score_bias")


@dataclass(frozen=True, slots=True)
class Agreement:
    """What is shown.

    `judge` names the rater under test; `alpha` is Krippendorff's alpha of all raters, `alpha_labels` of the labels
    alone (None with fewer than three raters); `missing` counts, for each truth, labelled answers that the run does not
    have; `ungraded` counts answers of the run that could not be judged; `notes` are remarks for the reader.
    """

    judge: str
    comparisons: Sequence[Comparison]
    missing: Sequence[int]
    ungraded: int
    alpha: Figure
    alpha_labels: Figure | None
    resamples: int
    seed: int
    group: str
    notes: tuple[str, ...] = ()


def render_agreement_json(agreement: Agreement) -> str:
    """Everything, as JSON; an undefined figure is `{"value": null, "reason": ...}`."""
    value = {
        "schema": 1,
        "judge": agreement.judge,
        "ungraded_answers": agreement.ungraded,
        "bootstrap": {"resamples": agreement.resamples, "seed": agreement.seed, "interval": 0.95},
        "krippendorff_alpha": _figure_json(agreement.alpha),
        "krippendorff_alpha_labels": None if agreement.alpha_labels is None else _figure_json(agreement.alpha_labels),
        "against": [
            {
                "truth": one.truth,
                "labelled_answers_missing": missing,
                "overall": _block_json(one.overall),
                "red_flags": _block_json(one.red_flags),
                "by_question": {name: _block_json(block) for name, block in one.by_question.items()},
                "by_criterion": {name: _block_json(block) for name, block in one.by_criterion.items()},
                f"by_{agreement.group}": {name: _block_json(block) for name, block in one.by_group.items()},
            }
            for one, missing in zip(agreement.comparisons, agreement.missing, strict=True)
        ],
        "notes": list(agreement.notes),
    }
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def render_agreement_text(agreement: Agreement) -> str:
    """A table for each truth, at most 80 columns."""
    lines: list[str] = []
    for one, missing in zip(agreement.comparisons, agreement.missing, strict=True):
        lines += [*_comparison(agreement, one, missing), ""]
    alone = agreement.alpha_labels
    raters = "" if alone is None else ", judge and labels"
    lines.append(f"Krippendorff's alpha (ordinal){raters}: {_value(agreement.alpha)}")
    if alone is not None:
        lines.append(f"Krippendorff's alpha (ordinal), labels alone: {_value(alone)}")
    lines += ["", *_foot(agreement)]
    return "\n".join(visible(line.rstrip()) for line in lines) + "\n"


def _comparison(agreement: Agreement, one: Comparison, missing: int) -> list[str]:
    lines = [f"{agreement.judge} against {one.truth}", "", *_coverage(one.overall, missing, agreement.ungraded)]
    lines += ["", _head("criteria"), *_figures(one.overall)]
    if one.red_flags.pairs:
        lines += ["", _head(f"red flags ({one.red_flags.pairs})"), *_figures(one.red_flags)]
    lines += _table("by question", one.by_question)
    lines += _table(f"by {agreement.group}", one.by_group)
    return lines + _table("by criterion", one.by_criterion)


def _head(title: str) -> str:
    return f"{title:<24}{'judge':>8}  {'95 % interval':<18}{'majority':>8}"


def _coverage(block: Block, missing: int, ungraded: int) -> list[str]:
    lines = [f"{many(block.answers, 'answer')}, {many(block.pairs, 'label')} compared"]
    if block.unjudged:
        lines.append(f"{many(block.unjudged, 'label')} without a verdict of the judge, in no figure")
    if missing:
        lines.append(f"{many(missing, 'labelled answer')} not in the run")
    if ungraded:
        lines.append(f"{many(ungraded, 'answer')} of the run ungraded")
    return lines


def _figures(block: Block) -> list[str]:
    lines = []
    for name, figure in block.figures.items():
        interval = "" if figure.low is None or figure.high is None else _interval(name, figure.low, figure.high)
        usual = block.majority.get(name)
        lines.append(
            f"{_NAMES[name]:<24}{_number(name, figure):>8}  {interval:<18}{_number(name, usual) if usual else '':>8}"
        )
    return lines


def _table(title: str, blocks: Mapping[str, Block]) -> list[str]:
    if not blocks:
        return []
    heads = f"{'labels':>7}{'accur.':>8}{'major.':>8}{'kappa':>7}{'QWK':>7}{'mac-F1':>8}{'met j/l':>9}"
    lines = ["", f"{title:<{_NAME_WIDTH}}{heads}"]
    for name, block in blocks.items():
        cells = [_number(n, block.figures[n]) for n in ("accuracy", "kappa", "qwk", "macro_f1")]
        usual = _number("accuracy", block.majority["accuracy"])
        met = "/".join(_percent(block.figures[n]) for n in ("met_judge", "met_truth"))
        row = f"{block.pairs:>7}{cells[0]:>8}{usual:>8}{cells[1]:>7}{cells[2]:>7}{cells[3]:>8}{met:>9}"
        # A name too long for its column gets a line of its own rather than being cut.
        fits = len(name) <= _NAME_WIDTH
        lines += [f"{name:<{_NAME_WIDTH}}{row}"] if fits else [name, " " * _NAME_WIDTH + row]
    return lines


def _foot(agreement: Agreement) -> list[str]:
    lines = [
        '"majority" gives each criterion its commonest label and never reads the answer;',
        '"met j/l" is the share met in per cent, by the judge and in the labels.',
    ]
    undefined = sorted(
        {
            f"{_NAMES[name]}: {figure.reason}"
            for one in agreement.comparisons
            for block in (one.overall, one.red_flags)
            if block.pairs
            for name, figure in block.figures.items()
            if figure.value is None
        }
    )
    lines += [f"n/a {line}." for line in undefined]
    if any(_undefined(block) for one in agreement.comparisons for block in _parts(one)):
        lines.append("n/a: not defined there; --format json gives the reason.")
    if agreement.resamples:
        lines.append(f"Intervals: {agreement.resamples} resamples of whole answers, seed {agreement.seed}.")
    return [*lines, *agreement.notes]


def _parts(one: Comparison) -> list[Block]:
    return [*one.by_question.values(), *one.by_group.values(), *one.by_criterion.values()]


def _undefined(block: Block) -> bool:
    return any(block.figures[n].value is None for n in ("accuracy", "kappa", "qwk", "macro_f1"))


def _value(figure: Figure) -> str:
    return f"n/a ({figure.reason})" if figure.value is None else f"{figure.value:.3f}"


def _number(name: str, figure: Figure) -> str:
    if figure.value is None:
        return "n/a"
    return f"{figure.value:.1f}" if name in _SCORES else f"{figure.value:.3f}"


def _interval(name: str, low: float, high: float) -> str:
    digits = 1 if name in _SCORES else 3
    return f"{low:.{digits}f} to {high:.{digits}f}"


def _percent(figure: Figure) -> str:
    return "n/a" if figure.value is None else f"{100 * figure.value:.0f}"


def _figure_json(figure: Figure) -> dict[str, Any]:
    if figure.value is None:
        return {"value": None, "reason": figure.reason}
    interval = None if figure.low is None or figure.high is None else [round(figure.low, 4), round(figure.high, 4)]
    return {"value": round(figure.value, 4), "interval": interval}


def _block_json(block: Block) -> dict[str, Any]:
    return {
        "answers": block.answers,
        "labels": block.pairs,
        "unjudged_labels": block.unjudged,
        "figures": {name: _figure_json(figure) for name, figure in block.figures.items()},
        "majority": {name: _figure_json(figure) for name, figure in block.majority.items()},
    }
