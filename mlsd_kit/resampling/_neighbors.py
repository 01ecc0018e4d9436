"""Neighbours of a table's own rows, on all threads that BLAS may use."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from sklearn.utils.parallel import _threadpool_controller_decorator

from mlsd_kit.neighbors.search import nearest

_SHORT = 2048
"""Rows that are not worth a thread."""


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
        Nearest first; the result does not depend on the number of threads.

    Examples
    --------
    >>> neighbors_of(np.array([[0.0], [0.0], [5.0]]), np.array([1]), 1)
    array([[0]])
    """
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    n_threads = int(wanted) if wanted.isdecimal() else os.cpu_count() or 1
    n_threads = min(n_threads, len(rows) // _SHORT)
    if n_threads < 2:
        return _search(X, rows, k)
    return _search_in_threads(X, np.array_split(rows, n_threads), k)


@_threadpool_controller_decorator(limits=1, user_api="blas")
def _search_in_threads(X: np.ndarray, parts: list[np.ndarray], k: int) -> np.ndarray:
    """One thread a part, so that also what is not a matrix product runs side by side."""
    with ThreadPoolExecutor(len(parts)) as pool:
        return np.concatenate(list(pool.map(lambda part: _search(X, part, k), parts)))


def _search(X: np.ndarray, rows: np.ndarray, k: int) -> np.ndarray:
    found = nearest(X, X[rows], k + 1)[1]
    own = found == rows[:, None]
    own[~own.any(axis=1), -1] = True  # k + 1 duplicates came before it: drop the last of them
    return found[~own].reshape(len(rows), k)
