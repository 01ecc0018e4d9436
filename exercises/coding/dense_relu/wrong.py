"""Wrong solutions that no message names: every run of the checks must reject each of them."""

from __future__ import annotations

import numpy as np


def _layer(X, W, b, grad_out, positive):
    X, W, b, grad_out = map(np.asarray, (X, W, b, grad_out))
    before = X @ W + b
    kept = grad_out * positive(before)
    return np.maximum(before, 0), kept @ W.T, X.T @ kept, kept.sum(axis=0)


def in_single_precision(X, W, b, grad_out):
    """Everything is computed in 32 bits."""
    arrays = (np.asarray(each, dtype=np.float32) for each in (X, W, b, grad_out))
    return _layer(*arrays, positive=lambda before: before > 0)


def nearly_zero_counts_as_zero(X, W, b, grad_out):
    """Outputs below a millionth pass no gradient, as if they were exactly 0."""
    return _layer(X, W, b, grad_out, positive=lambda before: before > 1e-6)


def gradients_in_the_type_of_the_weights(X, W, b, grad_out):
    """The gradients are kept in the type of their originals: whole weights cut theirs."""
    out, *gradients = _layer(X, W, b, grad_out, positive=lambda before: before > 0)
    originals = (np.asarray(each) for each in (X, W, b))
    pairs = zip(gradients, originals, strict=True)
    return (out, *(grad.astype(original.dtype) for grad, original in pairs))
