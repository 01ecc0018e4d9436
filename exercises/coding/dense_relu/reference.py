"""A dense layer with ReLU: what it computes, and how the gradient flows back."""

from __future__ import annotations

import numpy as np


def dense_relu(
    X: np.ndarray, W: np.ndarray, b: np.ndarray, grad_out: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Forward and backward pass of the layer max(X W + b, 0).

    Returns (out (n, d_out), grad_X (n, d_in), grad_W (d_in, d_out), grad_b (d_out,)).
    """
    # >>> your code
    X, W, b, grad_out = (np.asarray(given, dtype=float) for given in (X, W, b, grad_out))
    before = X @ W + b  # (n, d_out)
    out = np.maximum(before, 0.0)
    grad = grad_out * (before > 0)  # by `before`: (n, d_out)
    return out, grad @ W.T, X.T @ grad, grad.sum(axis=0)
    # <<< your code
