"""Wrong solutions that people really write; each name and first line go to the learner."""

from __future__ import annotations

import numpy as np


def _gradient(X, y, w):
    return 2 * X.T @ (X @ w - y) / len(y)


def _loss(X, y, w):
    return float(np.mean((X @ w - y) ** 2))


def _walk(X, y, learning_rate, n_steps, *, gradient=_gradient, loss=_loss, start=0.0):
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    w = np.full(X.shape[1], start)
    losses = [loss(X, y, w)]
    with np.errstate(all="ignore"):
        for _ in range(n_steps):
            w = w - learning_rate * gradient(X, y, w)
            losses.append(loss(X, y, w))
    return w, losses


def gradient_not_divided_by_n(X, y, learning_rate, n_steps):
    """The gradient is a sum over the rows: divide by n, or more data means longer steps."""
    return _walk(X, y, learning_rate, n_steps, gradient=lambda X, y, w: 2 * X.T @ (X @ w - y))


def gradient_without_the_two(X, y, learning_rate, n_steps):
    """The gradient lacks the factor 2: it belongs to half the loss that is reported."""
    return _walk(X, y, learning_rate, n_steps, gradient=lambda X, y, w: _gradient(X, y, w) / 2)


def gradient_divided_by_columns(X, y, learning_rate, n_steps):
    """The gradient is divided by the number of columns: the mean runs over the n rows."""

    def gradient(X, y, w):
        return 2 * X.T @ (X @ w - y) / X.shape[1]

    return _walk(X, y, learning_rate, n_steps, gradient=gradient)


def uphill(X, y, learning_rate, n_steps):
    """The steps go uphill: subtract the gradient (residual = prediction - target)."""
    return _walk(X, y, learning_rate, n_steps, gradient=lambda X, y, w: -_gradient(X, y, w))


def half_the_loss(X, y, learning_rate, n_steps):
    """The loss has a factor 1/2: report the mean squared error itself."""
    return _walk(X, y, learning_rate, n_steps, loss=lambda X, y, w: _loss(X, y, w) / 2)


def sum_of_squares_for_the_loss(X, y, learning_rate, n_steps):
    """The loss is the sum of the squares: take their mean."""
    return _walk(X, y, learning_rate, n_steps, loss=lambda X, y, w: _loss(X, y, w) * len(y))


def root_of_the_loss(X, y, learning_rate, n_steps):
    """The loss is the root of the mean squared error: report the mean of the squares."""
    return _walk(X, y, learning_rate, n_steps, loss=lambda X, y, w: _loss(X, y, w) ** 0.5)


def absolute_loss(X, y, learning_rate, n_steps):
    """The loss is the mean absolute error: square the residuals."""

    def loss(X, y, w):
        return float(np.mean(np.abs(X @ w - y)))

    return _walk(X, y, learning_rate, n_steps, loss=loss)


def history_without_the_start(X, y, learning_rate, n_steps):
    """The loss before the first step is missing: the history has n_steps + 1 entries."""
    w, losses = _walk(X, y, learning_rate, n_steps)
    return w, losses[1:]


def history_without_the_end(X, y, learning_rate, n_steps):
    """The loss after the last step is missing: the history has n_steps + 1 entries."""
    w, losses = _walk(X, y, learning_rate, n_steps)
    return w, losses[:-1]


def one_step_too_many(X, y, learning_rate, n_steps):
    """The weights have taken a step more than n_steps."""
    w, losses = _walk(X, y, learning_rate, n_steps + 1)
    return w, losses[:-1]


def weights_before_the_last_step(X, y, learning_rate, n_steps):
    """The weights of one step earlier are returned: return those after the last step."""
    w, _ = _walk(X, y, learning_rate, max(n_steps - 1, 0))
    return w, _walk(X, y, learning_rate, n_steps)[1]


def weights_updated_one_by_one(X, y, learning_rate, n_steps):
    """Each weight already sees the new value of the ones before it: take the whole
    gradient first.
    """
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    w = np.zeros(X.shape[1])
    losses = [_loss(X, y, w)]
    for _ in range(n_steps):
        for j in range(len(w)):
            w[j] -= learning_rate * _gradient(X, y, w)[j]
        losses.append(_loss(X, y, w))
    return w, losses


def row_by_row(X, y, learning_rate, n_steps):
    """The weights move after every single row, as in stochastic descent: use all rows for
    a step.
    """
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    w = np.zeros(X.shape[1])
    losses = [_loss(X, y, w)]
    for _ in range(n_steps):
        for i in range(len(y)):
            w = w - learning_rate * _gradient(X[i : i + 1], y[i : i + 1], w)
        losses.append(_loss(X, y, w))
    return w, losses


def starts_at_one(X, y, learning_rate, n_steps):
    """The walk starts at weights of 1: start at 0."""
    return _walk(X, y, learning_rate, n_steps, start=1.0)


def residual_of_every_pair(X, y, learning_rate, n_steps):
    """A prediction (n, 1) minus y (n,) broadcast to (n, n), so each target is the mean of y: keep
    (n,).
    """

    def gradient(X, y, w):
        return 2 * X.T @ ((X @ w)[:, None] - y[None, :]).mean(axis=1) / len(y)

    def loss(X, y, w):
        return float(np.mean(((X @ w)[:, None] - y[None, :]) ** 2))

    return _walk(X, y, learning_rate, n_steps, gradient=gradient, loss=loss)


def stops_early(X, y, learning_rate, n_steps):
    """The walk stops as soon as the loss grows: take exactly n_steps steps."""
    w, losses = _walk(X, y, learning_rate, n_steps)
    for t in range(1, len(losses)):
        if losses[t] > losses[t - 1]:
            return _walk(X, y, learning_rate, t - 1)[0], losses[:t]
    return w, losses
