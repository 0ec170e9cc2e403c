"""Learns the matrix that takes out of a sentence's vector how it is said, and writes `style.npy` beside each encoder.

Sentences of the bank are said in other ways (rewordings.py). The covariance of the differences between the two vectors
shows the directions that change although the content does not; the matrix shrinks each direction by how much it does:
(1 + STRENGTH * variance / mean variance) ** -0.5. An encoder of a fold sees no sentence of the questions held out.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
from agreement import Floats
from bank import fold_of, load_gold, load_groups
from rewordings import REWORDINGS

from evaluator.judges.embedded.encoder import DIMENSIONS, Encoder

STRENGTH = 0.3
SENTENCES = 1000
SEED = 11


def sentences(held_out: set[str]) -> list[str]:
    """Examples of the bank, drawn at random."""
    texts = {t for g in load_groups() if g.question not in held_out for t in (*g.accept, *g.reject)}
    return random.Random(SEED).sample(sorted(texts), SENTENCES)


def differences(encoder: Encoder, texts: list[str]) -> Floats:
    """Mean over the kinds of rewording of the covariance (about zero) of the differences, shape (384, 384)."""
    plain = encoder.embed(texts)
    total: Floats = np.zeros((DIMENSIONS, DIMENSIONS))
    for reword in REWORDINGS.values():
        rng = random.Random(SEED)
        moved = (encoder.embed([reword(text, rng) for text in texts]) - plain).astype(np.float64)
        total += moved.T @ moved / (moved**2).sum()
    return total / len(REWORDINGS)


def shrinking(covariance: Floats, strength: float) -> Floats:
    """The symmetric matrix described above."""
    values, directions = np.linalg.eigh(covariance / np.trace(covariance) * DIMENSIONS)
    return (directions * (1 + strength * np.maximum(values, 0)) ** -0.5) @ directions.T


def write(folder: Path, matrix: Floats) -> None:
    """Store the matrix in half precision, and its digest in model.json."""
    np.save(folder / "style.npy", matrix.astype(np.float16))
    put_digest(folder)


def put_digest(folder: Path) -> dict[str, Any]:
    """Write the digest of the `style.npy` that is there into model.json; returns the card."""
    card: dict[str, Any] = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    card["sha256"]["style.npy"] = hashlib.sha256((folder / "style.npy").read_bytes()).hexdigest()
    (folder / "model.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    return card


def main() -> None:
    """Write the matrix of every exported encoder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("exported", type=Path, help="the folder that export_onnx.py wrote")
    parser.add_argument("--folds", type=int, default=4)
    options = parser.parse_args()
    fold = fold_of(sorted({answer.question for answer in load_gold()}), options.folds)
    for folder in sorted(path.parent for path in options.exported.glob("*/encoder.onnx")):
        held_out = {question for question, number in fold.items() if str(number) == folder.name}
        write(folder, shrinking(differences(Encoder(folder), sentences(held_out)), STRENGTH))
        print(folder.name, len(held_out))


if __name__ == "__main__":
    main()
