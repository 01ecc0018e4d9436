"""Lists judged user by user: found or not, how early, how varied, how new."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_random_state

from mlsd_kit.recommendation.interactions import best_columns, check_interactions


def top_k(scores: ArrayLike, seen: Any, k: int) -> NDArray[np.intp]:
    """The ``k`` items of highest score that a user has not seen, best first.

    Parameters
    ----------
    scores : array-like of shape (n_users, n_items)
    seen : sparse or array-like of the same shape, or None
        Not 0 where the user knows the item.
    k : int

    Returns
    -------
    ndarray (n_users, k)
        Item numbers; -1 where a user has fewer unseen items. Ties go to the earlier item.

    Raises
    ------
    ValueError
        If shapes differ, a score is NaN, or k is below 1.

    Examples
    --------
    >>> top_k([[0.9, 0.5, 0.7], [0.1, 0.2, 0.3]], [[1, 0, 0], [0, 1, 1]], k=2)
    array([[ 2,  1],
           [ 0, -1]])
    """
    s = np.array(scores, dtype=np.float64)
    if s.ndim != 2 or np.isnan(s).any() or k < 1:
        raise ValueError("scores must be (n_users, n_items) without NaN, and k at least 1.")
    if seen is not None:
        known = check_interactions(seen)
        if known.shape != s.shape:
            raise ValueError(f"scores have shape {s.shape} and seen {known.shape}.")
        s[known.nonzero()] = -np.inf
    best = best_columns(s, k)
    best[np.take_along_axis(s, best, axis=1) == -np.inf] = -1
    return np.pad(best, ((0, 0), (0, k - best.shape[1])), constant_values=-1)


def per_user(ranked: ArrayLike, relevant: Any) -> pd.DataFrame:
    """Precision, recall and NDCG of every user's list.

    The mean over users of what `mlsd_kit.metrics` gives for all; kept apart here, since intervals
    and comparisons are over users.

    Parameters
    ----------
    ranked : array-like of int (n_users, k)
        Item numbers, best first; -1 where there is none.
    relevant : sparse or array-like of shape (n_users, n_items)
        Not 0 where the item is relevant.

    Returns
    -------
    DataFrame of shape (n_users, 3)
        ``precision``, ``recall``, ``ndcg``; NaN for a user without anything relevant.

    Raises
    ------
    ValueError
        If there are different numbers of users, or an item number is not in ``relevant``.

    Examples
    --------
    >>> per_user([[2, 0], [1, 0]], [[1, 0, 1], [1, 0, 0]]).round(3)
       precision  recall   ndcg
    0        1.0     1.0  1.000
    1        0.5     1.0  0.631
    """
    lists = np.asarray(ranked)
    truth = check_interactions(relevant).toarray() > 0
    if lists.ndim != 2 or len(lists) != len(truth) or lists.max(initial=-1) >= truth.shape[1]:
        raise ValueError(
            "ranked must be (n_users, k) item numbers, with one row a row of relevant."
        )
    hits = np.take_along_axis(truth, np.maximum(lists, 0), axis=1) & (lists >= 0)
    number, k = truth.sum(axis=1), lists.shape[1]
    discount = 1 / np.log2(np.arange(k) + 2)
    best = np.concatenate([[0.0], discount.cumsum()])[np.minimum(number, k)]
    asked = number > 0
    table = {"precision": np.where(asked, hits.mean(axis=1), np.nan)}
    for name, got, whole in (("recall", hits.sum(axis=1), number), ("ndcg", hits @ discount, best)):
        table[name] = np.divide(got, whole, out=np.full(len(lists), np.nan), where=asked)
    return pd.DataFrame(table)


def coverage(ranked: ArrayLike, n_items: int) -> float:
    """Share of the catalogue that stands on anybody's list.

    >>> coverage([[0, 1], [1, -1]], n_items=4)
    0.5
    """
    lists = np.asarray(ranked)
    return len(np.unique(lists[lists >= 0])) / n_items


def novelty(ranked: ArrayLike, seen: Any) -> float:
    """Mean surprise of the listed items in bits: -log2 of the share of users who know them.

    An item that nobody knows counts as if one user did.

    >>> novelty([[0, 1]], [[1, 1], [1, 0], [1, 0], [1, 0]])
    1.0
    """
    known = check_interactions(seen)
    share = np.maximum(np.bincount(known.indices, minlength=known.shape[1]), 1) / known.shape[0]
    lists = np.asarray(ranked)
    return float(-np.log2(share[lists[lists >= 0]]).mean())


class Interval(NamedTuple):
    """An estimate and the ends of its 95 % interval."""

    estimate: float
    low: float
    high: float


def paired_ratio(
    ours: ArrayLike,
    theirs: ArrayLike,
    *,
    resamples: int = 1000,
    random_state: int | np.random.RandomState | None = None,
) -> Interval:
    """Ratio of two means over the same users, with a bootstrap interval over users.

    Both figures of a user are drawn together: what makes a user easy is easy for both.

    Parameters
    ----------
    ours, theirs : array-like of shape (n_users,)
        Users that are NaN in either are left out.
    resamples : int, default=1000
    random_state : int, RandomState or None

    Raises
    ------
    ValueError
        If lengths differ, fewer than two users are left, or ``theirs`` has mean 0.

    Examples
    --------
    >>> paired_ratio([0.2, 0.4, 0.6], [0.1, 0.2, 0.3], random_state=0).low
    2.0
    """
    a, b = np.asarray(ours, dtype=np.float64), np.asarray(theirs, dtype=np.float64)
    if a.shape != b.shape or a.ndim != 1:
        raise ValueError("ours and theirs must hold one figure for each of the same users.")
    both = np.stack([a, b])[:, ~(np.isnan(a) | np.isnan(b))]
    n = both.shape[1]
    if n < 2 or both[1].mean() == 0:
        raise ValueError("at least two users are needed, and a mean of theirs that is not 0.")
    random = check_random_state(random_state)
    draws = random.multinomial(n, np.full(n, 1 / n), size=resamples) @ both.T
    ratios = draws[:, 0] / np.where(draws[:, 1] == 0, np.nan, draws[:, 1])
    low, high = np.nanquantile(ratios, [0.025, 0.975])
    return Interval(float(both[0].mean() / both[1].mean()), float(low), float(high))
