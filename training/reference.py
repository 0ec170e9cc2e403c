"""Writes tests/embedded/reference_embeddings.json: vectors of twenty sentences by the tuned model in full precision."""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import torch
from bank import ROOT, load_groups
from tune_encoder import Encoder

EXPORTED = ROOT / "evaluator" / "judges" / "embedded" / "model" / "encoder.onnx"
TARGET = ROOT / "tests" / "embedded" / "reference_embeddings.json"
COUNT = 20


def main() -> None:
    """Take examples spread evenly over the bank, one of each voice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tuned", type=Path, help="the folder that tune_encoder.py wrote")
    options = parser.parse_args()
    model = Encoder(options.tuned / "all").eval()
    groups = load_groups()
    texts = [groups[index * len(groups) // COUNT].accept[index % 8] for index in range(COUNT)]
    vectors = []
    with torch.no_grad():
        for text in texts:
            tokens = model.tokenizer([text], return_tensors="pt")
            mean = model.body(**tokens).last_hidden_state.mean(1)[0]
            vectors.append([round(value, 5) for value in (mean / mean.norm()).tolist()])
    record = {"encoder": hashlib.sha256(EXPORTED.read_bytes()).hexdigest(), "texts": texts, "vectors": vectors}
    TARGET.write_text(json.dumps(record, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
