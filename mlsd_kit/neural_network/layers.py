"""The dense layer and the ReLU, forward and backward, and the check that they are right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]


class DenseGradients(NamedTuple):
    """Gradients of the loss by everything a dense layer was given."""

    X: Array
    """(n, d_in)"""
    W: Array
    """(d_in, d_out)"""
    b: Array
    """(d_out,)"""


def he_init(sizes: Sequence[int], random: np.random.RandomState) -> tuple[list[Array], list[Array]]:
    """Weights (d_in, d_out) and zero biases (d_out,) between layers of the given ``sizes``.

    Their variance is 2 / d_in, so that signals keep their size through ReLUs (He et al., 2015).

    Examples
    --------
    >>> weights, biases = he_init([3, 5, 2], np.random.RandomState(0))
    >>> [each.shape for each in weights], [each.shape for each in biases]
    ([(3, 5), (5, 2)], [(5,), (2,)])
    """
    weights = [
        random.normal(scale=np.sqrt(2.0 / d_in), size=(d_in, d_out))
        for d_in, d_out in pairwise(sizes)
    ]
    return weights, [np.zeros(d_out) for d_out in sizes[1:]]


def dense_forward(X: ArrayLike, W: ArrayLike, b: ArrayLike) -> Array:
    """Outputs ``X W + b`` of a dense layer: (n, d_in) -> (n, d_out).

    Parameters
    ----------
    X : array-like (n, d_in)
    W : array-like (d_in, d_out)
    b : array-like (d_out,)

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    Examples
    --------
    >>> dense_forward([[1.0, 2.0]], [[1.0, 0.0, 2.0], [0.0, 1.0, 3.0]], [0.5, 0.5, 0.5])
    array([[1.5, 2.5, 8.5]])
    """
    X, W, b = np.asarray(X), np.asarray(W), np.asarray(b)
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != W.shape[1:]:
        raise ValueError(
            "dense_forward needs X (n, d_in), W (d_in, d_out) and b (d_out,);"
            f" got {X.shape}, {W.shape} and {b.shape}."
        )
    return np.asarray(X @ W + b)


def dense_backward(grad: ArrayLike, X: ArrayLike, W: ArrayLike) -> DenseGradients:
    """Chain rule through ``X W + b``: by X it is ``grad Wᵀ``, by W ``Xᵀ grad``, by b ``Σ grad``.

    The sums run over the rows and are *not* divided by n: the loss is a mean, so its gradient by
    the outputs carries 1/n already, and dividing again would average twice.

    Parameters
    ----------
    grad : array-like (n, d_out)
        Gradient of the loss by the layer's outputs.
    X, W
        What the layer was given.

    Returns
    -------
    DenseGradients
        ``(X, W, b)``, each in the shape of its original.

    Examples
    --------
    >>> grads = dense_backward([[1.0, -1.0]], [[2.0, 3.0]], [[1.0, 2.0], [3.0, 4.0]])
    >>> grads.X, grads.b
    (array([[-1., -1.]]), array([ 1., -1.]))
    >>> grads.W
    array([[ 2., -2.],
           [ 3., -3.]])
    """
    grad, X, W = np.asarray(grad), np.asarray(X), np.asarray(W)
    if grad.shape != (X.shape[0], W.shape[1]):
        raise ValueError(f"grad must be (n, d_out) = {(X.shape[0], W.shape[1])}, got {grad.shape}.")
    return DenseGradients(grad @ W.T, X.T @ grad, grad.sum(axis=0))


def relu(z: ArrayLike) -> Array:
    """``max(z, 0)``, elementwise.

    Examples
    --------
    >>> relu([-2.0, 0.0, 3.0])
    array([0., 0., 3.])
    """
    return np.maximum(z, 0)


def relu_grad(z: ArrayLike) -> Array:
    """Derivative of `relu` at z: 1 above 0, else 0. At exactly 0, where it has none, 0 is chosen.

    Examples
    --------
    >>> relu_grad([-2.0, 0.0, 3.0])
    array([0., 0., 1.])
    """
    z = np.asarray(z)
    return (z > 0).astype(z.dtype if np.issubdtype(z.dtype, np.floating) else np.float64)


def gradient_check(
    loss_and_grad: Callable[[Array], tuple[float, Array]], w: ArrayLike, *, step: float = 1e-5
) -> float:
    """Largest relative error of a gradient against central finite differences.

    ``(loss(w + step e) - loss(w - step e)) / (2 step)`` for every component e of ``w``. Below 1e-6
    the gradient is right, above 1e-3 it is wrong; between, look for a kink such as ReLU's.

    Parameters
    ----------
    loss_and_grad : callable
        ``loss_and_grad(w) -> (loss, gradient)``.
    w : array-like of any shape
        The point; not written to. Two losses are computed for each of its components.
    step : float

    Returns
    -------
    float
        ``max |gradient - differences| / max(1, |gradient|, |differences|)``.

    Raises
    ------
    ValueError
        If the gradient has another shape than ``w``.

    Examples
    --------
    >>> gradient_check(lambda w: (float(w @ w), 2 * w), [1.0, -3.0]) < 1e-8
    True
    >>> round(gradient_check(lambda w: (float(w @ w), w), [1.0, -3.0]), 3)  # forgot the 2
    0.5
    """
    point = np.array(w, dtype=np.float64)
    grad = np.asarray(loss_and_grad(point.copy())[1], dtype=np.float64)
    if grad.shape != point.shape:
        raise ValueError(f"loss_and_grad gave a gradient {grad.shape} for weights {point.shape}.")
    differences = np.empty_like(point)
    for place in np.ndindex(point.shape):
        losses = []
        for sign in (1.0, -1.0):
            moved = point.copy()
            moved[place] += sign * step
            losses.append(loss_and_grad(moved)[0])
        differences[place] = (losses[0] - losses[1]) / (2.0 * step)
    scale = np.maximum(1.0, np.maximum(np.abs(grad), np.abs(differences)))
    return float(np.max(np.abs(grad - differences) / scale, initial=0.0))
