"""Puts the model into the package: encoder, tokenizer, vectors of the bank, calibration and a card with all digests.

Also writes `results.json` beside this script, from which `report.py` makes docs/embedded-judge.md.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import shutil
from collections.abc import Mapping
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from agreement import Floats
from bank import GOLD, ROOT, Group, Labelled, digest, load_gold, load_groups, rubric_files
from calibrate import (
    ECHO_WEIGHT,
    FEATURES,
    FLAG_FEATURES,
    Scores,
    Verdict,
    figures,
    fit_both,
    left_out,
    scores_of,
)
from measure import ECHOES, Row, rows_of
from style import SENTENCES, STRENGTH, put_digest

from evaluator.judges.embedded.calibration import FlagModel, OrdinalModel
from evaluator.judges.embedded.encoder import MODEL, Encoder, text_key

RESULTS = Path(__file__).resolve().parent / "results.json"
REGIMES = ("shipped", "foreign")
# At most this share of the criteria stays unassessed on the labelled answers.
UNASSESSED = 0.04
ANY_DOUBT = 1.0
RESAMPLES = 500
SEED = 7
LICENSE_NOTE = """The encoder in this folder is derived from sentence-transformers/all-MiniLM-L6-v2, which its authors
published under the Apache License, Version 2.0. Changes: tuned on the example sentences of this project's rubrics,
weights stored in 8 bits, converted to ONNX. The vocabulary in tokenizer.json is that of the same model.

"""


def store_vectors(groups: list[Group], folder: Path) -> int:
    """Write the vectors of all rubric texts in half precision, and their keys; returns how many there are."""
    texts = sorted({t for g in groups for t in (*g.accept, *g.reject, *g.points, g.statement)})
    keys = [text_key(text) for text in texts]
    if len(set(keys)) != len(keys):
        raise SystemExit("two texts share a key: use longer keys")
    for name in ("vectors.npy", "vectors.keys"):
        (folder / name).unlink(missing_ok=True)
    np.save(folder / "vectors.npy", Encoder(folder).embed(texts).astype(np.float16))
    (folder / "vectors.keys").write_bytes(b"".join(keys))
    return len(texts)


def copy_encoder(source: Path, folder: Path) -> None:
    """Copy encoder and tokenizer with a first card, so that the encoder can be loaded."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("encoder.onnx", "tokenizer.json", "style.npy", "model.json"):
        shutil.copyfile(source / name, folder / name)
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    (folder / "LICENSE").write_text(LICENSE_NOTE + licence.lstrip("\n"), encoding="utf-8")


def write_card(folder: Path, tuned: Path, texts: int) -> dict[str, Any]:
    """model.json: name, digests, what it was made from and with."""
    names = ("encoder.onnx", "tokenizer.json", "style.npy", "vectors.npy", "vectors.keys")
    digests = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}
    training = json.loads((tuned / "all" / "training.json").read_text(encoding="utf-8"))
    card: dict[str, Any] = {
        "name": f"all-MiniLM-L6-v2-bank-{digests['encoder.onnx'][:8]}",
        "base": "sentence-transformers/all-MiniLM-L6-v2",
        "license": "Apache-2.0",
        "sha256": digests,
        "training": {key: value for key, value in training.items() if key not in {"out", "which", "held_out"}},
        "rubrics": {"files": len(rubric_files()), "texts": texts, "sha256": digest(rubric_files())},
        "python": platform.python_version(),
    }
    (folder / "model.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    return card


def ordinal_json(model: OrdinalModel) -> dict[str, object]:
    """The model of criteria as it stands in calibration.json."""
    return {
        "features": features_json(model.features),
        "intercepts": dict(zip(("touched", "met"), (round(value, 4) for value in model.intercepts), strict=True)),
        "thresholds": dict(zip(("touched", "met"), model.thresholds, strict=True)),
    }


def flag_json(model: FlagModel) -> dict[str, object]:
    """The model of red flags as it stands in calibration.json."""
    return {
        "features": features_json(model.features),
        "intercept": round(model.intercept, 4),
        "present": model.present,
        "absent": model.absent,
    }


def features_json(features: Mapping[str, tuple[float, float, float]]) -> dict[str, dict[str, float]]:
    """Mean, scale and coefficient by name."""
    return {
        name: {"mean": round(mean, 4), "scale": round(scale, 4), "coefficient": round(coefficient, 4)}
        for name, (mean, scale, coefficient) in features.items()
    }


def intervals(verdicts: list[Verdict], scores: Scores, most: float) -> dict[str, list[float]]:
    """95 % intervals: whole questions are drawn again and again, since answers to one question hang together."""
    rng = np.random.default_rng(SEED)
    answers = list(dict.fromkeys(verdict.row.answer for verdict in verdicts))
    by_question: dict[str, list[int]] = {}
    of_answer: dict[str, list[Verdict]] = {name: [] for name in answers}
    for verdict in verdicts:
        of_answer[verdict.row.answer].append(verdict)
    for index, name in enumerate(answers):
        by_question.setdefault(of_answer[name][0].row.question, []).append(index)
    questions = sorted(by_question)
    drawn: dict[str, list[float]] = {"qwk": [], "kappa": [], "pearson": [], "auc": []}
    for _ in range(RESAMPLES):
        picked = [i for q in rng.choice(questions, len(questions)) for i in by_question[q]]
        sample = [verdict for index in picked for verdict in of_answer[answers[index]]]
        found = figures(sample, Scores(*(part[picked] for part in (scores.said, scores.truth, scores.given))), most)
        for key, values in drawn.items():
            values.append(found[key])
    return {
        key: [round(float(value), 3) for value in np.percentile(values, [2.5, 97.5])] for key, values in drawn.items()
    }


def by_style(verdicts: list[Verdict], scores: Scores) -> dict[str, dict[str, float]]:
    """Agreement by style of answer, all verdicts forced."""
    order = list(dict.fromkeys(verdict.row.answer for verdict in verdicts))
    styles = {verdict.row.answer: verdict.row.style for verdict in verdicts}
    result = {}
    for style in sorted(set(styles.values())):
        mine = [verdict for verdict in verdicts if verdict.row.style == style]
        rows = np.array([index for index, answer in enumerate(order) if styles[answer] == style])
        part = Scores(scores.said[rows], scores.truth[rows], scores.given[rows])
        found = figures(mine, part)
        found |= {"answers": len(rows), "score_said": float(part.said.mean()), "score_truth": float(part.truth.mean())}
        result[style] = rounded(found)
    return result


def flag_figures(flags: list[tuple[Row, float, FlagModel]]) -> dict[str, float]:
    """Precision and recall of red flags; those hinted at count neither way."""
    raised = [(row.level, chance >= model.present and not row.refused) for row, chance, model in flags]
    open_ones = [chance >= model.absent and (chance < model.present or row.refused) for row, chance, model in flags]
    right, wrong = (
        sum(level == 2 and said for level, said in raised),
        sum(level == 0 and said for level, said in raised),
    )
    there = sum(level == 2 for level, _ in raised)
    return {
        "labelled": len(raised),
        "there": there,
        "raised_right": right,
        "raised_wrong": wrong,
        "raised_hinted": sum(level == 1 and said for level, said in raised),
        "precision": right / (right + wrong) if right + wrong else float("nan"),
        "recall": right / there,
        "undecided": float(np.mean(open_ones)),
    }


def reliability(verdicts: list[Verdict]) -> list[dict[str, float]]:
    """How often verdicts are right, by confidence."""
    stated = np.array([verdict.confidence for verdict in verdicts])
    right = np.array([verdict.said == verdict.row.level for verdict in verdicts])
    bounds = [0, 0.4, 0.6, 0.7, 0.8, 0.9, 1.001]
    table = []
    for low, high in pairwise(bounds):
        inside = (stated >= low) & (stated < high)
        if inside.any():
            share, true = float(stated[inside].mean()), float(right[inside].mean())
            table.append(
                {"from": low, "count": int(inside.sum()), "confidence": round(share, 3), "right": round(true, 3)}
            )
    return table


def rounded(found: dict[str, float]) -> dict[str, float]:
    """Three decimals, a missing figure as None."""
    return {key: None if value != value else round(value, 3) for key, value in found.items()}  # type: ignore[misc]  # noqa: PLR0124


def doubt_limit(verdicts: list[Verdict]) -> float:
    """The doubt that leaves at most `UNASSESSED` of the criteria open."""
    doubts: Floats = np.sort([verdict.chance.doubt for verdict in verdicts])
    return float(np.ceil(doubts[int((1 - UNASSESSED) * len(doubts))] * 10000) / 10000)


def evaluate(plain: list[Row], echo: list[Row], gold: dict[str, Labelled], most: float) -> dict[str, object]:
    """All figures of one regime."""
    result: dict[str, object] = {}
    for name, tested in (("forced", plain), ("as_shipped", plain), ("without_echoes", echo)):
        verdicts, flags = left_out(plain, echo, tested)
        limit = most if name == "as_shipped" else ANY_DOUBT
        scores = scores_of(verdicts, flags, gold, limit)
        result[name] = rounded(figures(verdicts, scores, limit)) | {"interval": intervals(verdicts, scores, limit)}
        if name == "forced":
            result |= {"by_style": by_style(verdicts, scores), "reliability": reliability(verdicts)}
            result["red_flags"] = rounded(flag_figures(flags))
    return result


def main() -> None:
    """Publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tuned", type=Path, help="the folder that tune_encoder.py wrote")
    parser.add_argument("exported", type=Path, help="the folder that export_onnx.py wrote")
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--keep-model", action="store_true", help="keep encoder and vectors")
    options = parser.parse_args()
    if options.keep_model:
        shutil.copyfile(options.exported / "all" / "style.npy", MODEL / "style.npy")
        card = put_digest(MODEL)
    else:
        copy_encoder(options.exported / "all", MODEL)
        texts = store_vectors(load_groups(), MODEL)
        card = write_card(MODEL, options.tuned, texts)
    gold = {answer.id: answer for answer in load_gold()}
    rows = {regime: rows_of(options.exported, regime, options.folds) for regime in REGIMES}
    most = doubt_limit([verdict for regime in REGIMES for verdict in left_out(*rows[regime], rows[regime][0])[0]])
    results = {regime: evaluate(*rows[regime], gold, most) for regime in REGIMES}
    fitted = {regime: fit_both(*rows[regime]) for regime in REGIMES}
    files = [GOLD / "answers.jsonl", GOLD / "labels.jsonl"]
    measured = {
        "answers": len(gold),
        "questions": len({answer.question for answer in gold.values()}),
        "labels": sum(1 for row in rows["shipped"][0] if not row.is_flag),
        "labels_sha256": digest(files),
        "method": "one question left out at a time; foreign: also tuned without its examples",
        **{r: {k: results[r][k] for k in ("forced", "as_shipped", "without_echoes", "red_flags")} for r in REGIMES},
    }
    calibration = {
        "encoder_sha256": card["sha256"]["encoder.onnx"],
        "criteria": {regime: ordinal_json(fitted[regime][0]) for regime in REGIMES},
        "red_flags": {regime: flag_json(fitted[regime][1]) for regime in REGIMES},
        "abstain_above": most,
        "measured": measured,
    }
    (MODEL / "calibration.json").write_text(json.dumps(calibration, indent=1) + "\n", encoding="utf-8")
    versions = {name: version(name) for name in ("numpy", "onnxruntime", "tokenizers")}
    settings: dict[str, Any] = {"style_strength": STRENGTH, "style_sentences": SENTENCES}
    settings |= {"features": FEATURES, "flag_features": FLAG_FEATURES, "echoes": ECHOES, "echo_weight": ECHO_WEIGHT}
    record = {"measured": measured, "regimes": results, "card": card, "versions": versions, "settings": settings}
    RESULTS.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    for regime in REGIMES:
        print(
            regime,
            json.dumps({key: results[regime][key] for key in ("forced", "as_shipped", "without_echoes", "red_flags")}),
        )


if __name__ == "__main__":
    main()
