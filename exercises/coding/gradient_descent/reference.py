"""Batch gradient descent on the mean squared error of a linear model."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def gradient_descent(
    X: ArrayLike, y: ArrayLike, learning_rate: float, n_steps: int
) -> tuple[NDArray[np.float64], list[float]]:
    """Weights after ``n_steps`` full-batch steps from zero, and the loss along the way.

    Parameters
    ----------
    X : array-like of shape (n, d)
        Features; a column of ones, if there is to be an intercept.
    y : array-like of shape (n,)
        Targets.
    learning_rate : float
        Length of a step per unit of gradient.
    n_steps : int
        Steps to take.

    Returns
    -------
    weights : ndarray of shape (d,)
        After the last step.
    losses : list of float
        The mean squared error at the start and after each step, n_steps + 1 numbers.
    """
    # >>> your code
    features = np.asarray(X, dtype=float)
    targets = np.asarray(y, dtype=float)
    weights = np.zeros(features.shape[1])
    residual = features @ weights - targets  # (n,)
    losses = [float(np.mean(residual**2))]
    for _ in range(n_steps):
        gradient = 2 * features.T @ residual / len(targets)  # (d,)
        weights = weights - learning_rate * gradient
        residual = features @ weights - targets
        losses.append(float(np.mean(residual**2)))
    return weights, losses
    # <<< your code
