"""The sentence encoder: text in, unit vectors of 384 numbers out.

Every text is run on its own, so its vector does not depend on the texts beside it, on padding or on the number of
threads. That is what makes an assessment the same on every run, alone or in a batch.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from evaluator.errors import ConfigurationError

Vectors = NDArray[np.float32]

MODEL = Path(__file__).resolve().parent / "model"
DIMENSIONS = 384
_MAX_TOKENS = 128
_THREADS = 2
_KEPT = 4096


def text_key(text: str) -> bytes:
    """Eight bytes that stand for a text in the store of vectors made in advance."""
    return hashlib.sha256(text.encode("utf-8")).digest()[:8]


class Encoder:
    """Loads the model when the first text arrives.

    Args:
        folder: Holds `encoder.onnx`, `tokenizer.json`, `style.npy`, `model.json` and, if there are any, the vectors
            of the shipped examples (`vectors.npy` with `vectors.keys`).

    Raises:
        ConfigurationError: at first use, where a file is missing or is not the one that `model.json` describes.
    """

    def __init__(self, folder: Path = MODEL) -> None:
        self._folder = folder
        self._lock = Lock()
        self._loaded: tuple[Any, Any] | None = None
        self._recent: OrderedDict[str, Vectors] = OrderedDict()

    @cached_property
    def card(self) -> dict[str, Any]:
        """What `model.json` says: digests, versions, seeds."""
        try:
            text = (self._folder / "model.json").read_text(encoding="utf-8")
        except OSError as error:
            raise ConfigurationError(
                f"The embedded judge has no model: {self._folder / 'model.json'} cannot be read.",
                "Install the package again; in a checkout see training/README.md.",
            ) from error
        return cast("dict[str, Any]", json.loads(text))

    @cached_property
    def _store(self) -> tuple[dict[bytes, int], NDArray[np.float16]]:
        keys, vectors = self._folder / "vectors.keys", self._folder / "vectors.npy"
        if not (keys.is_file() and vectors.is_file()):
            return {}, np.zeros((0, DIMENSIONS), np.float16)
        packed = keys.read_bytes()
        index = {packed[start : start + 8]: start // 8 for start in range(0, len(packed), 8)}
        return index, np.load(vectors, mmap_mode="r", allow_pickle=False)

    @cached_property
    def _style(self) -> Vectors:
        data = self._verified("style.npy")
        return cast("Vectors", np.load(BytesIO(data), allow_pickle=False).astype(np.float32))

    def without_style(self, vectors: Vectors) -> Vectors:
        """Unit vectors in which how a thing is said counts less, so that what is said counts more.

        The matrix in `style.npy` shrinks the directions in which sentences move when they are padded, said casually or
        said by a learner of English (training/style.py).
        """
        return _unit(vectors @ self._style)

    def knows(self, texts: Sequence[str]) -> bool:
        """Whether all of these texts were among the examples that the encoder was tuned on."""
        index, _ = self._store
        return bool(texts) and all(text_key(text) in index for text in texts)

    def examples(self, texts: Sequence[str]) -> Vectors:
        """Vectors of rubric texts: stored ones where there are some, the others computed."""
        index, stored = self._store
        vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
        missing = []
        for row, text in enumerate(texts):
            place = index.get(text_key(text))
            if place is None:
                missing.append(row)
            else:
                vectors[row] = _unit(stored[place].astype(np.float32))
        if missing:
            vectors[missing] = self.embed([texts[row] for row in missing])
        return vectors

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), 384); a text is cut after 128 tokens.

        The vectors of the last few thousand texts are kept: one answer is often read under several rubrics.
        """
        if not texts:
            return np.zeros((0, DIMENSIONS), np.float32)
        with self._lock:
            known = {text: self._recent[text] for text in texts if text in self._recent}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            known |= zip(missing, self._run(missing), strict=True)
        with self._lock:
            for text in missing:
                self._recent[text] = known[text]
            while len(self._recent) > _KEPT:
                self._recent.popitem(last=False)
        return np.stack([known[text] for text in texts])

    def _run(self, texts: Sequence[str]) -> Vectors:
        session, tokenizer = self._load()
        encodings = tokenizer.encode_batch(list(texts))
        vectors = np.empty((len(texts), DIMENSIONS), np.float32)

        def run(rows: Sequence[int]) -> None:
            for row in rows:
                ids = np.array([encodings[row].ids], np.int64)
                feed = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
                vectors[row] = session.run(None, feed)[0][0]

        longest_first = sorted(range(len(texts)), key=lambda row: -len(encodings[row].ids))
        shares = [longest_first[part::_THREADS] for part in range(_THREADS)]
        if len(texts) < _THREADS:
            run(longest_first)
        else:
            with ThreadPoolExecutor(_THREADS) as pool:
                list(pool.map(run, shares))
        return vectors

    def _load(self) -> tuple[Any, Any]:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._open()
            return self._loaded

    def _open(self) -> tuple[Any, Any]:
        data, vocabulary = self._verified("encoder.onnx"), self._verified("tokenizer.json")
        import onnxruntime  # noqa: PLC0415  (slow to import, and not needed before the first answer)
        import tokenizers  # noqa: PLC0415

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        tokenizer = tokenizers.Tokenizer.from_buffer(vocabulary)
        tokenizer.no_padding()
        tokenizer.enable_truncation(_MAX_TOKENS)
        return session, tokenizer

    def _verified(self, name: str) -> bytes:
        """The content of a model file, which must be the one that `model.json` names."""
        digest = self.card["sha256"].get(name)
        try:
            data = (self._folder / name).read_bytes()
        except OSError as error:
            raise ConfigurationError(
                f"The embedded judge's {name} cannot be read: {error}.", "Install the package again."
            ) from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise ConfigurationError(
                f"The embedded judge's {name} is not the file that model.json describes.",
                "Install the package again, or repeat all steps of training/README.md.",
            )
        return data


def _unit(vectors: Vectors) -> Vectors:
    return cast("Vectors", vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))
