"""Writes docs/embedded-judge.md from results.json, tried.json and the model card; no figure is typed by hand."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from evaluator.judges.embedded.features import FEATURES, MAX_SENTENCES

HERE = Path(__file__).resolve().parent
TARGET = HERE.parent / "docs" / "embedded-judge.md"
CALIBRATION = HERE.parent / "evaluator" / "judges" / "embedded" / "model" / "calibration.json"
REGIMES = {"shipped": "Questions of the shipped bank", "foreign": "A bank the encoder has not seen"}
ROWS = {
    "qwk": "QWK, three verdicts",
    "kappa": "kappa, met or not",
    "auc": "AUC, met or not",
    "accuracy": "accuracy, three verdicts",
    "majority": "accuracy of always saying the commonest verdict",
    "accuracy_met": "accuracy, met or not",
    "macro_f1": "macro-F1, three verdicts",
    "met_said": "share of met, judge",
    "met_truth": "share of met, labels",
    "pearson": "Pearson of scores with those of the labels",
    "pearson_given": "Pearson of scores with the labeller's own 0 to 100",
    "mae": "mean error of the score, points",
    "bias": "mean signed error of the score, points",
    "unassessed": "share of criteria left unassessed",
}
COLUMNS = {"forced": "every verdict forced", "as_shipped": "as shipped", "without_echoes": "forced, without echoes"}


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table, first column to the left, the others to the right."""
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def number(value: float | None, digits: int = 2) -> str:
    """A figure, or a dash where there is none."""
    return "-" if value is None else f"{value:.{digits}f}"


def figure(key: str, found: dict[str, Any]) -> str:
    """One figure with its interval, where it has one."""
    text = number(found[key], 1 if key in {"mae", "bias"} else 2)
    low_high = found["interval"].get(key)
    return f"{text} ({low_high[0]:.2f} to {low_high[1]:.2f})" if low_high else text


def agreement(regime: dict[str, Any]) -> str:
    """The table of one regime."""
    rows = [[title, *(figure(key, regime[column]) for column in COLUMNS)] for key, title in ROWS.items()]
    return table(["", *COLUMNS.values()], rows)


def styles(regime: dict[str, Any]) -> str:
    """The table by style of answer."""
    keys = {
        "answers": 0,
        "accuracy": 2,
        "auc": 2,
        "met_said": 2,
        "met_truth": 2,
        "score_said": 0,
        "score_truth": 0,
        "mae": 1,
    }
    head = [
        "style",
        "answers",
        "accuracy",
        "AUC",
        "met, judge",
        "met, labels",
        "score, judge",
        "score, labels",
        "error",
    ]
    rows = [
        [style, *(number(found[key], digits) for key, digits in keys.items())]
        for style, found in regime["by_style"].items()
    ]
    return table(head, rows)


def flags(regimes: dict[str, Any]) -> str:
    """The table of red flags."""
    keys = ("there", "raised_right", "raised_wrong", "raised_hinted")
    head = [
        "",
        "there",
        "raised rightly",
        "raised wrongly",
        "raised where hinted at",
        "precision",
        "recall",
        "undecided",
    ]
    rows = []
    for name, title in REGIMES.items():
        found = regimes[name]["red_flags"]
        rows.append(
            [
                title,
                *(str(int(found[key])) for key in keys),
                *(number(found[key]) for key in ("precision", "recall", "undecided")),
            ]
        )
    return table(head, rows)


def reliability(regimes: dict[str, Any]) -> str:
    """How often verdicts are right, by stated confidence."""
    rows = [
        [
            REGIMES[name],
            f"from {number(row['from'], 1)}",
            str(row["count"]),
            number(row["confidence"]),
            number(row["right"]),
        ]
        for name in REGIMES
        for row in regimes[name]["reliability"]
    ]
    return table(["", "confidence", "verdicts", "mean confidence", "share right"], rows)


def coefficients(calibration: dict[str, Any]) -> str:
    """The small model."""
    rows = [
        [
            f"`{name}`",
            text,
            *(weight(calibration, part, regime, name) for part in ("criteria", "red_flags") for regime in REGIMES),
        ]
        for name, text in FEATURES.items()
    ]
    return table(
        ["feature", "what it is", "criteria, shipped", "criteria, foreign", "flags, shipped", "flags, foreign"], rows
    )


def weight(calibration: dict[str, Any], part: str, regime: str, name: str) -> str:
    """One coefficient, or a dash."""
    found = calibration[part][regime]["features"].get(name)
    return number(found["coefficient"] if found else None)


def tried() -> str:
    """What was tried, one small table each."""
    parts = []
    for one in json.loads((HERE / "tried.json").read_text(encoding="utf-8")):
        digits = 4 if one["title"].startswith("Weights") else 3 if "log loss" in one["where"] else 2
        rows = [[row[0], *(number(value, digits) for value in row[1:])] for row in one["rows"]]
        parts.append(f"**{one['title']}** ({one['where']})\n\n{table(['', *one['columns']], rows)}\n\n{one['reading']}")
    return "\n\n".join(parts)


def render() -> str:
    """The whole page."""
    record = json.loads((HERE / "results.json").read_text(encoding="utf-8"))
    calibration = json.loads(CALIBRATION.read_text(encoding="utf-8"))
    regimes, card, measured = record["regimes"], record["card"], record["measured"]
    values = {
        "answers": measured["answers"],
        "questions": measured["questions"],
        "labels": f"{measured['labels']:,}",
        "rubrics": card["rubrics"]["files"],
        "texts": f"{card['rubrics']['texts']:,}",
        "model": card["name"],
        "digest": card["sha256"]["encoder.onnx"],
        "echoes": record["settings"]["echoes"],
        "sentences": MAX_SENTENCES,
        "sampled": f"{record['settings']['style_sentences']:,}",
        "shipped": agreement(regimes["shipped"]),
        "foreign": agreement(regimes["foreign"]),
        "styles": styles(regimes["shipped"]),
        "styles_foreign": styles(regimes["foreign"]),
        "flags": flags(regimes),
        "reliability": reliability(regimes),
        "coefficients": coefficients(calibration),
        "tried": tried(),
    }
    return (HERE / "page.md").read_text(encoding="utf-8").format(**values)


def main() -> None:
    """Write the page, or with --check fail where it is stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    text = render()
    if parser.parse_args().check:
        if not TARGET.is_file() or TARGET.read_text(encoding="utf-8") != text:
            sys.exit(f"{TARGET.name} is stale: run python training/report.py")
        return
    TARGET.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
