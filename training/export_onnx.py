"""Writes a tuned encoder as one ONNX file: token ids in, unit vectors out, weights in 8 bits.

The graph is built node by node instead of traced: it is small, it needs no graph optimiser when it is loaded, and it
quantises what matters in a way that keeps every sentence independent of its neighbours in a batch. The weights of
the matrix products are stored in blocks of `BLOCK` values with a scale each; activations are quantised per row at
run time (the usual dynamic quantisation takes one range over the whole batch, so that a sentence's vector would
depend on the company it is in). Word embeddings are stored in 8 bits with one scale a word.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

HEADS = 12
LAYERS = 6
BLOCK = 64
EPSILON = 1e-12
Array = NDArray[np.float32]


class Graph:
    """Collects nodes and weights; every method returns the name of its output."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.count = 0

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        """A stored tensor."""
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, kind: str, inputs: list[str], outputs: int = 1, domain: str = "", **attributes: object) -> list[str]:
        """A node with the attributes given; returns the names of its outputs."""
        self.count += 1
        names = [f"v{self.count}_{index}" for index in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, domain=domain, **attributes))
        return names

    def one(self, kind: str, inputs: list[str], domain: str = "", **attributes: object) -> str:
        """A node with a single output."""
        return self.node(kind, inputs, 1, domain, **attributes)[0]

    def linear(self, name: str, source: str, weight: Array) -> str:
        """`source @ weight.T`, the weight of shape (out, in)."""
        if self.kind == "float32":
            return self.one("MatMul", [source, self.constant(name, weight.T)])
        rows, columns = weight.shape
        blocks = weight.reshape(rows, columns // BLOCK, BLOCK)
        scale = np.abs(blocks).max(axis=2, keepdims=True) / 127
        scale[scale == 0] = 1
        packed = (np.rint(blocks / scale) + 128).astype(np.uint8)
        inputs = [
            source,
            self.constant(name, packed),
            self.constant(name + ".scale", scale.reshape(rows, -1).astype(np.float32)),
        ]
        return self.one(
            "MatMulNBits", inputs, "com.microsoft", K=columns, N=rows, bits=8, block_size=BLOCK, accuracy_level=4
        )

    def norm(self, name: str, inputs: list[str], weights: dict[str, Array], key: str) -> str:
        """Layer normalisation of the sum of two inputs and a bias."""
        gamma = self.constant(name + ".gamma", weights[f"{key}.LayerNorm.weight"])
        beta = self.constant(name + ".beta", weights[f"{key}.LayerNorm.bias"])
        bias = self.constant(name + ".bias", weights[f"{key}.dense.bias"])
        return self.node("SkipLayerNormalization", [*inputs, gamma, beta, bias], 1, "com.microsoft", epsilon=EPSILON)[0]

    def embeddings(self, weights: dict[str, Array]) -> str:
        """Word, position and segment embeddings, normalised."""
        table = weights["embeddings.word_embeddings.weight"]
        if self.kind == "float32":
            word = self.one("Gather", [self.constant("words", table), "input_ids"])
        else:
            scale = np.abs(table).max(axis=1, keepdims=True) / 127
            scale[scale == 0] = 1
            packed = self.constant("words", np.rint(table / scale).astype(np.int8))
            rows = self.one("Cast", [self.one("Gather", [packed, "input_ids"])], to=TensorProto.FLOAT)
            scales = self.one("Gather", [self.constant("words.scale", scale.astype(np.float32)), "input_ids"])
            word = self.one("Mul", [rows, scales])
        places = (
            weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
        )
        shape = self.one("Shape", ["input_ids"], start=1, end=2)
        zero, axis = self.constant("zero", np.array([0])), self.constant("axis0", np.array([0]))
        place = self.one("Slice", [self.constant("places", places[:MAX_POSITIONS]), zero, shape, axis])
        total = self.one("Add", [word, place])
        gamma = self.constant("embeddings.gamma", weights["embeddings.LayerNorm.weight"])
        beta = self.constant("embeddings.beta", weights["embeddings.LayerNorm.bias"])
        return self.one("LayerNormalization", [total, gamma, beta], axis=-1, epsilon=EPSILON)

    def layer(self, index: int, source: str, weights: dict[str, Array]) -> str:
        """One transformer layer."""
        key = f"encoder.layer.{index}"
        parts = ("query", "key", "value")
        joined = np.concatenate([weights[f"{key}.attention.self.{part}.weight"] for part in parts])
        bias = np.concatenate([weights[f"{key}.attention.self.{part}.bias"] for part in parts])
        product = self.one(
            "Add", [self.linear(f"l{index}.qkv", source, joined), self.constant(f"l{index}.qkv.bias", bias)]
        )
        query, keys, values = self.node("Split", [product], 3, axis=-1, num_outputs=3)
        mixed = self.one("MultiHeadAttention", [query, keys, values, "", "mask32"], "com.microsoft", num_heads=HEADS)
        mixed = self.linear(f"l{index}.out", mixed, weights[f"{key}.attention.output.dense.weight"])
        middle = self.norm(f"l{index}.norm1", [mixed, source], weights, f"{key}.attention.output")
        wide = self.linear(f"l{index}.up", middle, weights[f"{key}.intermediate.dense.weight"])
        up_bias = self.constant(f"l{index}.up.bias", weights[f"{key}.intermediate.dense.bias"])
        wide = self.one("BiasGelu", [wide, up_bias], "com.microsoft")
        narrow = self.linear(f"l{index}.down", wide, weights[f"{key}.output.dense.weight"])
        return self.norm(f"l{index}.norm2", [narrow, middle], weights, f"{key}.output")


MAX_POSITIONS = 128


def build(weights: dict[str, Array], kind: str) -> onnx.ModelProto:
    """The model: `input_ids` and `attention_mask` of shape (texts, tokens) to `vectors` of shape (texts, 384)."""
    graph = Graph(kind)
    graph.nodes.append(helper.make_node("Cast", ["attention_mask"], ["mask32"], to=TensorProto.INT32))
    hidden = graph.embeddings(weights)
    for index in range(LAYERS):
        hidden = graph.layer(index, hidden, weights)
    last = graph.constant("axis2", np.array([2]))
    one = graph.constant("axis1", np.array([1]))
    mask = graph.one("Unsqueeze", [graph.one("Cast", ["attention_mask"], to=TensorProto.FLOAT), last])
    total = graph.one("ReduceSum", [graph.one("Mul", [hidden, mask]), one], keepdims=0)
    length = graph.one("ReduceL2", [total, one], keepdims=1)
    graph.nodes.append(helper.make_node("Div", [total, length], ["vectors"]))
    ids = [
        helper.make_tensor_value_info(n, TensorProto.INT64, ["texts", "tokens"])
        for n in ("input_ids", "attention_mask")
    ]
    out = helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["texts", 384])
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)]
    proto = helper.make_graph(graph.nodes, "encoder", ids, [out], graph.weights)
    return helper.make_model(proto, opset_imports=opsets, ir_version=9, producer_name="answer-evaluator")


def export(source: Path, target: Path, kind: str = "int8") -> None:
    """Write the encoder in folder `source` to `target`; `kind` is "int8" or "float32"."""
    weights = {name: value.astype(np.float32) for name, value in load_file(source / "model.safetensors").items()}
    weights = {name.removeprefix("bert."): value for name, value in weights.items()}
    onnx.save(build(weights, kind), target)


def export_folder(source: Path, target: Path, kind: str = "int8") -> dict[str, str]:
    """Write encoder, tokenizer and their digests, so that the judge can load the folder; returns the digests."""
    target.mkdir(parents=True, exist_ok=True)
    export(source, target / "encoder.onnx", kind)
    (target / "tokenizer.json").write_bytes((source / "tokenizer.json").read_bytes())
    digests = {
        name: hashlib.sha256((target / name).read_bytes()).hexdigest() for name in ("encoder.onnx", "tokenizer.json")
    }
    (target / "model.json").write_text(json.dumps({"sha256": digests}, indent=1) + "\n", encoding="utf-8")
    return digests


def main() -> None:
    """Export every encoder of a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path, help="a folder of tuned encoders, one subfolder each")
    parser.add_argument("target", type=Path)
    parser.add_argument("--kind", choices=["int8", "float32"], default="int8")
    options = parser.parse_args()
    for folder in sorted(path for path in options.source.iterdir() if (path / "model.safetensors").is_file()):
        digests = export_folder(folder, options.target / folder.name, options.kind)
        print(folder.name, digests["encoder.onnx"][:16])


if __name__ == "__main__":
    main()
