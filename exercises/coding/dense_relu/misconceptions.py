"""Wrong solutions that people really write; each name and first line go to the learner."""

from __future__ import annotations

import numpy as np

Result = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _backward(X: np.ndarray, W: np.ndarray, grad: np.ndarray) -> tuple[np.ndarray, ...]:
    return grad @ W.T, X.T @ grad, grad.sum(axis=0)


def gradient_of_one_at_zero(
    X: np.ndarray, W: np.ndarray, b: np.ndarray, grad_out: np.ndarray
) -> Result:
    """The gradient passes where X W + b is exactly 0: it must stop there (> 0, not >= 0)."""
    before = X @ W + b
    return np.maximum(before, 0.0), *_backward(X, W, grad_out * (before >= 0))


def gradient_ignores_the_relu(
    X: np.ndarray, W: np.ndarray, b: np.ndarray, grad_out: np.ndarray
) -> Result:
    """The gradient went back as if there were no ReLU: it is 0 where X W + b is not positive."""
    return np.maximum(X @ W + b, 0.0), *_backward(X, W, grad_out)


def relu_of_the_gradient(
    X: np.ndarray, W: np.ndarray, b: np.ndarray, grad_out: np.ndarray
) -> Result:
    """ReLU was applied to the gradient: a gradient may be negative, the mask comes from X W + b."""
    return np.maximum(X @ W + b, 0.0), *_backward(X, W, np.maximum(grad_out, 0.0))


def gradient_times_the_output(
    X: np.ndarray, W: np.ndarray, b: np.ndarray, grad_out: np.ndarray
) -> Result:
    """The gradient was multiplied by the output: multiply by ReLU's derivative, which is 0 or 1."""
    out = np.maximum(X @ W + b, 0.0)
    return out, *_backward(X, W, grad_out * out)


def mask_without_the_bias(
    X: np.ndarray, W: np.ndarray, b: np.ndarray, grad_out: np.ndarray
) -> Result:
    """The mask was taken from X W without the bias: ReLU sees X W + b."""
    product = X @ W
    return np.maximum(product + b, 0.0), *_backward(X, W, grad_out * (product > 0))


def bias_left_out(X: np.ndarray, W: np.ndarray, b: np.ndarray, grad_out: np.ndarray) -> Result:
    """The bias was not added before the ReLU."""
    product = X @ W
    return np.maximum(product, 0.0), *_backward(X, W, grad_out * (product > 0))


def averaged_twice(X: np.ndarray, W: np.ndarray, b: np.ndarray, grad_out: np.ndarray) -> Result:
    """The gradients were divided by n, but grad_out carries 1/n already: sum over the rows."""
    before = X @ W + b
    grad_X, grad_W, grad_b = _backward(X, W, grad_out * (before > 0))
    return np.maximum(before, 0.0), grad_X, grad_W / len(X), grad_b / len(X)


def bias_gradient_averaged(
    X: np.ndarray, W: np.ndarray, b: np.ndarray, grad_out: np.ndarray
) -> Result:
    """grad_b is the mean over the rows: it is their sum, as in grad_W."""
    before = X @ W + b
    grad_X, grad_W, grad_b = _backward(X, W, grad_out * (before > 0))
    return np.maximum(before, 0.0), grad_X, grad_W, grad_b / len(X)


def bias_gradient_not_summed(
    X: np.ndarray, W: np.ndarray, b: np.ndarray, grad_out: np.ndarray
) -> Result:
    """grad_b has one row per sample: b is shared by the batch, so sum over the rows."""
    before = X @ W + b
    grad = grad_out * (before > 0)
    return np.maximum(before, 0.0), grad @ W.T, X.T @ grad, grad
