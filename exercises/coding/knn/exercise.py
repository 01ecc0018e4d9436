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
    raise NotImplementedError("write knn_predict")
