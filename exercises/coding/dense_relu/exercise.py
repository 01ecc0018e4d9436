"""A dense layer with ReLU: what it computes, and how the gradient flows back."""

from __future__ import annotations

import numpy as np


def dense_relu(
    X: np.ndarray, W: np.ndarray, b: np.ndarray, grad_out: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Forward and backward pass of the layer max(X W + b, 0).

    Returns (out (n, d_out), grad_X (n, d_in), grad_W (d_in, d_out), grad_b (d_out,)).
    """
    raise NotImplementedError("write dense_relu")
