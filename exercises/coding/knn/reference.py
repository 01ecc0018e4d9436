"""K nearest neighbours: the majority among the most similar rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

BLOCK = 256


def knn_predict(X_train: ArrayLike, y_train: ArrayLike, X: ArrayLike, k: int) -> NDArray:
    """The most frequent label among each query's k nearest training rows.

    Parameters
    ----------
    X_train : array-like of shape (n, d)
        Features of the known rows.
    y_train : array-like of shape (n,)
        Their labels.
    X : array-like of shape (q, d)
        The queries.
    k : int
        Voters; all rows if k exceeds n.

    Returns
    -------
    ndarray of shape (q,)
        A tie of distances goes to the first row, a tie of votes to the lowest label.
    """
    # >>> your code
    known = np.asarray(X_train, dtype=float).T.copy()  # (d, n): one contiguous row a feature
    queries = np.asarray(X, dtype=float)
    classes, codes = np.unique(y_train, return_inverse=True)
    winners = []
    for start in range(0, len(queries), BLOCK):
        block = queries[start : start + BLOCK]
        distance = np.zeros((len(block), known.shape[1]))
        for query, row in zip(
            block.T, known, strict=True
        ):  # a feature at a time: no (q, n, d) array
            distance += (query[:, None] - row) ** 2
        nearest = np.argsort(distance, axis=1, kind="stable")[:, :k]
        votes = (codes[nearest][:, :, None] == np.arange(len(classes))).sum(axis=1)
        winners.append(votes.argmax(axis=1))  # the first maximum: the lowest label
    return classes[np.concatenate(winners)] if winners else classes[:0]
    # <<< your code
