"""MiniLM's forward pass, written out in 64 bits: a sentence encoder without a runtime.

ONNX Runtime computes in 32 bits, with the vector instructions that the processor has: its vectors
differ in the seventh digit from one processor to the next. That is little, and enough to swap two
neighbours in one list out of thousands, and with it what is printed. In 64 bits they differ in the
fifteenth digit, which no rounding to six ever shows.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

Array = NDArray[np.float64]
LAYERS, HEADS, SIZE = 6, 12, 384
EPSILON = 1e-12  # of the layer norms, as the model was trained


class MiniLM:
    """all-MiniLM-L6-v2 as its ONNX file stores it: 8-bit weights, a scale for each output.

    Parameters
    ----------
    model : Path
        The ONNX file: its weights are read, its graph is not run.
    """

    def __init__(self, model: Path) -> None:
        import onnx
        from onnx.numpy_helper import to_array

        stored = {one.name: to_array(one) for one in onnx.load(str(model)).graph.initializer}
        matrices = {
            name.removesuffix("_q"): whole
            * stored[name.removesuffix("_q") + "_scale"].astype(float)
            for name, whole in stored.items()
            if name.endswith("_q")
        }  # the two tables of embeddings by name, then six of each layer in the graph's order
        vectors = {
            name.removeprefix("inner."): value.astype(float)
            for name, value in stored.items()
            if name.startswith("inner.") and value.dtype == np.float32
        }
        self._words = matrices.pop("inner.embeddings.word_embeddings.weight")
        self._places = matrices.pop("inner.embeddings.position_embeddings.weight")
        self._places = self._places + vectors["embeddings.token_type_embeddings.weight"][0]
        self._norm = _norm_of(vectors, "embeddings.LayerNorm")
        ordered = list(matrices.values())
        self._layers = [
            _Layer(ordered[6 * k : 6 * k + 6], vectors, f"encoder.layer.{k}.")
            for k in range(LAYERS)
        ]

    def encode(self, tokens: NDArray[np.int64]) -> Array:
        """One vector of length 1 for each row of tokens: the mean over its places.

        Parameters
        ----------
        tokens : ndarray of shape (n_texts, n_tokens)
            Texts of the same length: nothing is padded, so nothing is masked.

        Returns
        -------
        ndarray of shape (n_texts, 384)
        """
        x = _normed(self._words[tokens] + self._places[: tokens.shape[1]], *self._norm)
        for layer in self._layers:
            x = layer(x)
        mean = x.mean(axis=1)
        return mean / np.linalg.norm(mean, axis=1, keepdims=True)


class _Layer:
    """Attention and a small network, each added to what came in and normed."""

    def __init__(self, matrices: list[Array], vectors: dict[str, Array], name: str) -> None:
        query, key, value, self.out, self.up, self.down = matrices
        self.qkv = np.hstack([query, key, value])  # one product in place of three
        biases = [
            vectors[f"{name}attention.self.{part}.bias"] for part in ("query", "key", "value")
        ]
        self.qkv_bias = np.concatenate(biases)
        self.out_bias = vectors[f"{name}attention.output.dense.bias"]
        self.up_bias = vectors[f"{name}intermediate.dense.bias"]
        self.down_bias = vectors[f"{name}output.dense.bias"]
        self.norms = [
            _norm_of(vectors, f"{name}attention.output.LayerNorm"),
            _norm_of(vectors, f"{name}output.LayerNorm"),
        ]

    def __call__(self, x: Array) -> Array:
        n, length, size = x.shape
        x = x.reshape(n * length, size)
        heads = (x @ self.qkv + self.qkv_bias).reshape(n, length, 3, HEADS, size // HEADS)
        query, key, value = heads.transpose(2, 0, 3, 1, 4)  # (n, heads, length, size / heads)
        weights = query @ key.swapaxes(-1, -2) / np.sqrt(size // HEADS)
        weights = np.exp(weights - weights.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        mixed = (weights @ value).transpose(0, 2, 1, 3).reshape(n * length, size)
        x = _normed(x + mixed @ self.out + self.out_bias, *self.norms[0])
        inner = x @ self.up + self.up_bias
        inner *= 0.5 * (1 + erf(inner * np.sqrt(0.5)))  # GELU
        x = _normed(x + inner @ self.down + self.down_bias, *self.norms[1])
        return x.reshape(n, length, size)


def _norm_of(vectors: dict[str, Array], name: str) -> tuple[Array, Array]:
    return vectors[f"{name}.weight"], vectors[f"{name}.bias"]


def _normed(x: Array, weight: Array, bias: Array) -> Array:
    """Mean 0 and variance 1 over the last axis, then scaled and shifted."""
    x = x - x.mean(axis=-1, keepdims=True)
    x /= np.sqrt((x * x).mean(axis=-1, keepdims=True) + EPSILON)
    return x * weight + bias
