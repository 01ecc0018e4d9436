"""Correct solutions in other styles: the checks must accept every one."""

from __future__ import annotations

import numpy as np
import pandas as pd


def with_loops(X, y, learning_rate, n_steps):
    rows, targets = np.asarray(X).tolist(), np.asarray(y).tolist()
    n, d = len(rows), len(rows[0])
    w, losses = [0.0] * d, []
    for step in range(n_steps + 1):
        errors = [
            sum(a * b for a, b in zip(r, w, strict=True)) - t
            for r, t in zip(rows, targets, strict=True)
        ]
        losses.append(sum(e * e for e in errors) / n)
        if step < n_steps:
            slopes = [
                2 / n * sum(e * r[j] for e, r in zip(errors, rows, strict=True)) for j in range(d)
            ]
            w = [a - learning_rate * b for a, b in zip(w, slopes, strict=True)]
    return w, losses


def with_gram_matrices(X, y, learning_rate, n_steps):
    """XᵀX and Xᵀy once, then steps that cost O(d²) whatever n is."""
    X, y = np.array(X, dtype=float), np.array(y, dtype=float)
    gram, moment, square = X.T @ X / len(y), X.T @ y / len(y), y @ y / len(y)
    w = np.zeros(X.shape[1])
    losses = np.zeros(n_steps + 1)
    losses[0] = square
    for t in range(n_steps):
        w -= 2 * learning_rate * (gram @ w - moment)
        losses[t + 1] = w @ gram @ w - 2 * w @ moment + square
    return [w, losses]


def with_column_vectors(X, y, learning_rate, n_steps):
    targets = np.reshape(y, (-1, 1)).astype(float)
    w, losses = np.zeros((np.shape(X)[1], 1)), []
    for _ in range(n_steps):
        error = targets - np.dot(X, w)
        losses.append(float((error**2).mean()))
        w = w + learning_rate * 2 * np.mean(X * error, axis=0)[:, None]
    return w.ravel(), [*losses, float(((targets - np.dot(X, w)) ** 2).mean())]


def with_pandas(X, y, learning_rate, n_steps):
    frame, targets = pd.DataFrame(X, dtype=float), pd.Series(y, dtype=float)
    w = pd.Series(0.0, index=frame.columns)
    losses = [targets.pow(2).mean()]
    for _ in range(n_steps):
        error = frame.dot(w) - targets
        w = w - learning_rate * frame.mul(2 * error, axis=0).mean()
        losses.append((frame.dot(w) - targets).pow(2).mean())
    return w, pd.Series(losses)
