"""Users by items as one sparse matrix: who did how much with what."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

Array = NDArray[np.float64]


def interactions(
    users: ArrayLike,
    items: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    shape: tuple[int, int],
) -> sparse.csr_array:
    """One row a user, one column an item; events of one pair are added up.

    Parameters
    ----------
    users, items : array-like of int, shape (events,)
        Numbers from 0.
    weights : array-like of shape (events,), optional
        How much each event counts; 1 by default.
    shape : (n_users, n_items)

    Returns
    -------
    csr_array of float64, sorted, without stored zeros

    Raises
    ------
    ValueError
        If lengths differ, a number lies outside ``shape``, or a weight is negative or not finite.

    Examples
    --------
    >>> interactions([0, 0, 1], [2, 2, 0], shape=(2, 3)).toarray()
    array([[0., 0., 2.],
           [1., 0., 0.]])
    """
    rows, columns = np.asarray(users), np.asarray(items)
    values = np.ones(len(rows)) if weights is None else np.asarray(weights, dtype=np.float64)
    if not rows.shape == columns.shape == values.shape or rows.ndim != 1:
        raise ValueError("users, items and weights must be one-dimensional and of equal length.")
    for name, numbers, most in (("users", rows, shape[0]), ("items", columns, shape[1])):
        if len(numbers) and not (numbers.min() >= 0 and numbers.max() < most):
            raise ValueError(f"{name} must be numbers from 0 to {most - 1}, the shape given.")
    return check_interactions(sparse.coo_array((values, (rows, columns)), shape=shape))


def check_interactions(R: Any) -> sparse.csr_array:
    """``R`` as a sorted CSR matrix of finite weights, none negative, or a ValueError.

    >>> check_interactions([[0, 2.0]]).nnz
    1
    """
    matrix = sparse.csr_array(R, dtype=np.float64, copy=True)
    if matrix.ndim != 2 or not all(matrix.shape):
        raise ValueError(
            f"interactions must be users x items, not empty; they have shape {matrix.shape}."
        )
    if not np.isfinite(matrix.data).all() or (matrix.data < 0).any():
        raise ValueError("interactions must be finite and not negative; 0 means none was seen.")
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    matrix.sort_indices()
    return matrix


def best_columns(scores: Array, k: int) -> NDArray[np.intp]:
    """Columns of the ``k`` highest scores of each row, best first; ties go to the earlier column.

    The same as sorting each row, but only what is at least the k-th score is sorted.

    >>> best_columns(np.array([[1.0, 3.0, 3.0, 0.0]]), 3)
    array([[1, 2, 0]])
    """
    n = scores.shape[1]
    if k >= n:
        return np.argsort(-scores, axis=1, kind="stable")
    cut = np.partition(scores, n - k, axis=1)[:, [n - k]]
    above, tied = scores > cut, scores == cut
    room = k - above.sum(axis=1, keepdims=True)
    columns = np.nonzero(above | (tied & (tied.cumsum(axis=1) <= room)))[1].reshape(-1, k)
    order = np.argsort(-np.take_along_axis(scores, columns, axis=1), axis=1, kind="stable")
    return np.take_along_axis(columns, order, axis=1)
