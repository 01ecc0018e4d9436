"""Judged lists of many queries in one table: where each list lies, and a score for each of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlsd_kit.metrics import ndcg_score


def list_rows(groups: ArrayLike) -> list[NDArray[np.intp]]:
    """Rows of each query, queries in the order of their first row.

    Parameters
    ----------
    groups : array-like of shape (n,)
        Query of each row, in any order.

    Returns
    -------
    list of ndarray of int
        They are disjoint and hold every row once.

    Raises
    ------
    ValueError
        If ``groups`` is empty or not one-dimensional.

    Examples
    --------
    >>> [rows.tolist() for rows in list_rows(["b", "a", "b"])]
    [[0, 2], [1]]
    """
    names: NDArray[Any] = np.asarray(groups)
    if names.ndim != 1 or not len(names):
        raise ValueError(
            f"groups must name the query of each row: shape (n,), n >= 1; got {names.shape}."
        )
    _, first, code = np.unique(names, return_index=True, return_inverse=True)
    by_query = np.split(np.argsort(code, kind="stable"), np.cumsum(np.bincount(code))[:-1])
    return [by_query[each] for each in np.argsort(first)]


def ndcg_by_query(
    grades: ArrayLike, scores: ArrayLike, groups: ArrayLike, *, k: int | None = 10
) -> NDArray[np.float64]:
    """NDCG@k of each query, with the gain ``2 ** grade - 1``: the sample that intervals resample.

    Queries are the independent units, not rows: a mean over 43 queries has the error of 43 draws.

    Parameters
    ----------
    grades : array-like of shape (n,)
        Judged relevance, 0 and up.
    scores : array-like of shape (n,)
        The higher, the earlier in the list; ties are averaged over their orders.
    groups : array-like of shape (n,)
        Query of each row.
    k : int or None, default=10
        Places that count; None takes all.

    Returns
    -------
    ndarray of shape (n_queries,)
        In the order of `list_rows`. NaN where no document is relevant: no order of theirs is
        better than another, and 0 or 1 would both move the mean.

    Raises
    ------
    ValueError
        If the lengths differ, or a grade is negative.

    Examples
    --------
    >>> ndcg_by_query([0, 1, 0, 2, 0, 0], [1, 2, 3, 1, 0, 0], [7, 7, 7, 8, 8, 9]).round(3)
    array([0.631, 1.   ,   nan])
    """
    grade, score = np.asarray(grades, dtype=np.float64), np.asarray(scores, dtype=np.float64)
    rows_of = list_rows(groups)
    if not grade.shape == score.shape == (sum(map(len, rows_of)),):
        raise ValueError(
            f"grades {grade.shape}, scores {score.shape} and groups differ: give one a row."
        )
    return np.array([_ndcg(grade[rows], score[rows], k) for rows in rows_of])


def _ndcg(grade: NDArray[np.float64], score: NDArray[np.float64], k: int | None) -> float:
    if grade.min() < 0:
        raise ValueError("grades must not be negative: 0 is irrelevant.")
    if grade.max() == 0:
        return float("nan")
    if len(grade) == 1:
        return 1.0
    return ndcg_score([2.0**grade - 1.0], [score], k=k)
