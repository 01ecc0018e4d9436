"""Losses of linear models, with their gradients: squared, logistic, softmax cross-entropy.

All are means over the rows, so that a step means the same whatever n is, and none overflows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]


def sigmoid(z: ArrayLike) -> Array:
    """Probability of the positive class from its log-odds, ``1 / (1 + exp(-z))``, for any z.

    The textbook form overflows at z = -1000. Only exp(-|z|) is ever computed here, at most 1::

        z >= 0:  1 / (1 + exp(-z))          z < 0:  exp(z) / (1 + exp(z))

    Examples
    --------
    >>> sigmoid([-1000.0, 0.0, 1000.0])
    array([0. , 0.5, 1. ])
    """
    z = _floating(z)
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, small) / (1.0 + small)


def softmax(z: ArrayLike) -> Array:
    """Probabilities of the classes from scores (n, n_classes): ``exp(z) / Σ exp(z)`` by row.

    The row's largest score is subtracted first, which changes no ratio and keeps exp below 1.

    Examples
    --------
    >>> softmax([[1000.0, 1000.0], [0.0, np.log(3.0)]])
    array([[0.5 , 0.5 ],
           [0.25, 0.75]])
    """
    z = _floating(z)
    p = np.exp(z - z.max(axis=-1, keepdims=True))
    p /= p.sum(axis=-1, keepdims=True)
    return p


def binary_cross_entropy(
    z: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
) -> tuple[float, Array]:
    """Mean of ``log(1 + exp(z)) - y z`` over the rows, and its gradient ``(sigmoid(z) - y) / n``.

    Parameters
    ----------
    z : array-like (n,)
        Log-odds of class 1.
    y : array-like (n,)
        0 or 1, or a probability.
    sample_weight : array-like (n,), optional
        The mean becomes a weighted mean.

    Returns
    -------
    loss : float
        In nats a row.
    grad : ndarray (n,)
        Derivative of the loss by each z.

    Examples
    --------
    >>> loss, grad = binary_cross_entropy([0.0, 0.0], [0, 1])
    >>> round(loss, 4), grad
    (0.6931, array([ 0.25, -0.25]))
    """
    z, y = _floating(z), np.asarray(y)
    small = np.exp(-np.abs(z))
    losses = np.log1p(small)
    losses += np.maximum(z, 0.0)
    losses -= y * z
    grad = np.where(z >= 0, 1.0, small)
    small += 1.0
    grad /= small
    grad -= y
    return _weighted_mean(losses, sample_weight), _share(grad, sample_weight)


def softmax_cross_entropy(
    z: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
) -> tuple[float, Array]:
    """Mean over the rows of ``-log softmax(z)[y]``, and its gradient ``(softmax(z) - onehot) / n``.

    Parameters
    ----------
    z : array-like (n, n_classes)
        Scores.
    y : array-like of int (n,)
        Number of the true class of each row, from 0.
    sample_weight : array-like (n,), optional
        The mean becomes a weighted mean.

    Returns
    -------
    loss : float
        In nats a row.
    grad : ndarray (n, n_classes)
        Derivative of the loss by each score. It is averaged here, and nowhere else.

    Raises
    ------
    ValueError
        If ``y`` is not one class number a row.

    Examples
    --------
    >>> loss, grad = softmax_cross_entropy([[0.0, 0.0]], [1])
    >>> round(loss, 4), grad
    (0.6931, array([[ 0.5, -0.5]]))
    """
    z, y = _floating(z), np.asarray(y)
    if z.ndim != 2 or y.shape != z.shape[:1] or not len(y):
        raise ValueError("softmax_cross_entropy needs z (n, n_classes) and y (n,), n at least 1.")
    if not np.issubdtype(y.dtype, np.integer) or y.min() < 0 or y.max() >= z.shape[1]:
        raise ValueError("y must hold class numbers from 0 to n_classes - 1; encode the labels.")
    rows = np.arange(len(y))
    shifted = z - z.max(axis=1, keepdims=True)
    true_score = shifted[rows, y]
    np.exp(shifted, out=shifted)
    total = shifted.sum(axis=1)
    shifted /= total[:, None]
    shifted[rows, y] -= 1.0
    loss = _weighted_mean(np.log(total) - true_score, sample_weight)
    return loss, _share(shifted, sample_weight)


def squared_loss_and_grad(
    w: ArrayLike, X: ArrayLike, y: ArrayLike, *, l2: float = 0.0
) -> tuple[float, Array]:
    """``|X w - y|² / 2n + l2 |w|² / 2`` and its gradient by w; no intercept.

    Examples
    --------
    >>> squared_loss_and_grad([0.0], [[1.0], [2.0]], [2.0, 4.0])
    (5.0, array([-5.]))
    """
    w, X, residual = np.asarray(w), np.asarray(X), -np.asarray(y, dtype=np.float64)
    residual = residual + X @ w
    loss = 0.5 * float(np.vdot(residual, residual)) / len(X) + 0.5 * l2 * float(np.vdot(w, w))
    return loss, X.T @ residual / len(X) + l2 * w


def logistic_loss_and_grad(
    w: ArrayLike, X: ArrayLike, y: ArrayLike, *, l2: float = 0.0
) -> tuple[float, Array]:
    """Mean log loss of ``sigmoid(X w)`` plus ``l2 |w|² / 2``, and its gradient; no intercept.

    Its Lipschitz constant is at most ``λmax(XᵀX) / 4n + l2``: the sigmoid is never steeper than ¼.

    Examples
    --------
    >>> loss, grad = logistic_loss_and_grad([0.0], [[1.0], [3.0]], [0, 1])
    >>> round(loss, 4), grad
    (0.6931, array([-0.5]))
    """
    w, X = np.asarray(w, dtype=np.float64), np.asarray(X)
    loss, slope = binary_cross_entropy(X @ w, y)
    return loss + 0.5 * l2 * float(w @ w), X.T @ slope + l2 * w


def _floating(z: ArrayLike) -> Array:
    z = np.asarray(z)
    return z if np.issubdtype(z.dtype, np.floating) else z.astype(np.float64)


def _weighted_mean(losses: Array, sample_weight: ArrayLike | None) -> float:
    weights = None if sample_weight is None else np.asarray(sample_weight)
    return float(np.average(losses, weights=weights))


def _share(grad: Array, sample_weight: ArrayLike | None) -> Array:
    """Each row's share of the mean's gradient, in place."""
    if sample_weight is None:
        grad /= len(grad)
    else:
        share = np.asarray(sample_weight) / np.sum(sample_weight)
        grad *= share if grad.ndim == 1 else share[:, None]
    return grad
