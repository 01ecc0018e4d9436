"""Wrong solutions that no message names: every run of the checks must reject each of them."""

from __future__ import annotations

import numpy as np


def _descend(X, y, rate, steps, stop=lambda losses: False, slow=False, dtype=float):
    X, y = np.asarray(X, dtype=dtype), np.asarray(y, dtype=dtype)
    weights = np.zeros(X.shape[1], dtype=dtype)
    losses = [float(np.mean((X @ weights - y) ** 2))]
    for _ in range(steps):
        if stop(losses):
            break
        weights = weights - dtype(rate) * (2 / len(y) * X.T @ (X @ weights - y)).astype(dtype)
        losses.append(float(np.mean((X @ weights - y) ** 2)))
        if slow and losses[-1] > losses[-2]:
            rate /= 2
    return weights, losses


def products_in_the_type_of_the_features(X, y, learning_rate, n_steps):
    """X'X is computed once, in the type of X: whole numbers of 8 bits wrap."""
    X, y = np.asarray(X), np.asarray(y)
    gram, right = X.T @ X, X.T.astype(float) @ y
    weights = np.zeros(X.shape[1])
    losses = [float(np.mean((X @ weights - y) ** 2))]
    for _ in range(n_steps):
        weights = weights - learning_rate * 2 / len(y) * (gram @ weights - right)
        losses.append(float(np.mean((X @ weights - y) ** 2)))
    return weights, losses


def stops_at_the_solution(X, y, learning_rate, n_steps):
    """No further step once the loss is as good as 0."""
    return _descend(X, y, learning_rate, n_steps, stop=lambda losses: losses[-1] < 1e-20)


def shorter_steps_where_the_loss_grows(X, y, learning_rate, n_steps):
    """The learning rate is halved whenever the loss has grown."""
    return _descend(X, y, learning_rate, n_steps, slow=True)


def in_single_precision(X, y, learning_rate, n_steps):
    """Everything is computed in 32 bits."""
    return _descend(X, y, learning_rate, n_steps, dtype=np.float32)
