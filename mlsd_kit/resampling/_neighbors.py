"""Neighbours of some of a table's own rows."""

from __future__ import annotations

import numpy as np
from sklearn.utils.validation import check_array

from mlsd_kit.neighbors.search import check_k, search

_QUERIES = 2048
"""Searched at a time: what the search needs is little beside the rows that are made."""


def neighbors_of(X: np.ndarray, rows: np.ndarray, k: int) -> np.ndarray:
    """Row numbers of the k nearest rows of X to some of its own rows, each row itself left out.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    rows : ndarray of int, shape (m,)
        Numbers of the rows to search for.
    k : int, at most n - 1

    Returns
    -------
    ndarray of int, shape (m, k)
        Nearest first, the lower row number first where distances are equal.

    Examples
    --------
    >>> neighbors_of(np.array([[0.0], [0.0], [5.0]]), np.array([1]), 1)
    array([[0]])
    """
    X = check_array(X, dtype=[np.float64, np.float32], order="C", input_name="X")
    return search(X, X[rows], check_k(k, len(X) - 1), own=rows, at_once=_QUERIES)[1]
