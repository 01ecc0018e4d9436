"""Correct solutions in other styles: the checks must accept every one."""

from __future__ import annotations

import numpy as np
import pandas as pd

Result = tuple[np.ndarray, np.ndarray, np.ndarray]


def with_the_covariance_matrix(X: np.ndarray, k: int) -> Result:
    """Eigenvectors of the (d, d) covariance."""
    X = np.asarray(X, dtype=float)
    values, vectors = np.linalg.eigh(np.atleast_2d(np.cov(X, rowvar=False)))
    largest = np.argsort(-values)[:k]
    components = vectors[:, largest].T
    return (X - X.mean(axis=0)) @ components.T, components, values[largest]


def with_loops(X: np.ndarray, k: int) -> Result:
    """Covariances entry by entry; each component turned to the sign of its largest entry."""
    rows = [[float(value) for value in row] for row in X]
    n, d = len(rows), len(rows[0])
    means = [sum(row[j] for row in rows) / n for j in range(d)]
    centred = [[row[j] - means[j] for j in range(d)] for row in rows]
    covariance = [
        [sum(row[i] * row[j] for row in centred) / (n - 1) for j in range(d)] for i in range(d)
    ]
    values, vectors = np.linalg.eigh(covariance)
    components, scores = [], []
    for j in range(d - 1, d - 1 - k, -1):
        direction = vectors[:, j]
        components.append(direction * np.sign(direction[np.argmax(np.abs(direction))]))
    for row in centred:
        scores.append([sum(a * b for a, b in zip(row, c, strict=True)) for c in components])
    return np.array(scores), np.array(components), values[::-1][:k]


def with_pandas(X: np.ndarray, k: int) -> Result:
    """A frame's own mean and covariance; results as frames and a Series."""
    frame = pd.DataFrame(X).astype(float)
    values, vectors = np.linalg.eigh(frame.cov())
    components = pd.DataFrame(vectors[:, ::-1][:, :k]).T
    scores = (frame - frame.mean()).to_numpy() @ components.to_numpy().T
    return pd.DataFrame(scores), components, pd.Series(values[::-1][:k])


def with_scores_from_the_left_vectors(X: np.ndarray, k: int) -> Result:
    """The scores are U S: no second product."""
    X = np.asarray(X, dtype=float)
    U, singular, Vt = np.linalg.svd(X - X.mean(axis=0), full_matrices=True)
    return U[:, :k] * singular[:k], Vt[:k], singular[:k] ** 2 / (X.shape[0] - 1)
