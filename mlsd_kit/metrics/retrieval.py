"""Precision, recall, average precision and reciprocal rank of the first k documents."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from mlsd_kit.metrics._ranked import depth, mean, rank, share


def precision_at_k(
    y_true: ArrayLike, y_score: ArrayLike, *, k: int, sample_weight: ArrayLike | None = None
) -> float:
    """Mean over the queries of the share of relevant documents among the first k.

    The four metrics of this file give the expected value over all orders of tied documents
    (McSherry and Najork, 2008), so that a constant score earns no more than chance.

    Parameters
    ----------
    y_true : array-like of shape (n_queries, n_documents)
        1 for a relevant document, else 0.
    y_score : array-like of shape (n_queries, n_documents)
        The higher, the earlier in the ranking; -inf marks a document that was not retrieved
        (it never counts as found, and fills up shorter lists).
    k : int
        Number of ranks. The division is by k even if the list is shorter.
    sample_weight : array-like of shape (n_queries,), default=None
        How much each query counts.

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    ValueError
        On values other than 0 and 1 in ``y_true``, NaN, different shapes, or k below 1.

    Examples
    --------
    >>> precision_at_k([[1, 0, 1, 0]], [[0.9, 0.8, 0.7, 0.1]], k=2)
    0.5
    """
    ranked = rank(y_true, y_score)
    found = ranked.chance[:, : depth(k)].sum(axis=1)
    return mean(found / k, sample_weight)


def recall_at_k(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    k: int,
    sample_weight: ArrayLike | None = None,
    zero_division: float = 0.0,
) -> float:
    """Mean over the queries of the share of the relevant documents that are among the first k.

    Ties: expected value over their orders, as in `precision_at_k`.

    Parameters
    ----------
    y_true : array-like of shape (n_queries, n_documents)
        1 for a relevant document, else 0.
    y_score : array-like of shape (n_queries, n_documents)
        The higher, the earlier in the ranking; -inf marks a document that was not retrieved.
    k : int
        Number of ranks.
    sample_weight : array-like of shape (n_queries,), default=None
        How much each query counts.
    zero_division : float, default=0.0
        The value of a query without relevant documents; NaN leaves it out of the mean.

    Returns
    -------
    float
        In [0, 1]; NaN if every query is left out.

    Raises
    ------
    ValueError
        As `precision_at_k`.

    Examples
    --------
    >>> recall_at_k([[1, 0, 1, 0]], [[0.9, 0.8, 0.7, 0.1]], k=1)
    0.5
    """
    ranked = rank(y_true, y_score)
    found = ranked.chance[:, : depth(k)].sum(axis=1)
    return mean(share(found, ranked.n_relevant, zero_division), sample_weight)


def mean_average_precision(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    k: int | None = None,
    sample_weight: ArrayLike | None = None,
    zero_division: float = 0.0,
) -> float:
    """Mean over the queries of the average precision at the ranks of the relevant documents.

    With rel_i = 1 if rank i is relevant, and R relevant documents::

        AP@k = sum over i <= k of rel_i (relevant among the first i) / i, over min(R, k)

    Ties: expected value over their orders, as in `precision_at_k`. If one of the n documents of a
    tie, r of them relevant, stands at its j-th place (j = 0, 1 ..) and is relevant, then
    j (r - 1) / (n - 1) relevant ones of the tie are expected before it.

    Parameters
    ----------
    y_true : array-like of shape (n_queries, n_documents)
        1 for a relevant document, else 0.
    y_score : array-like of shape (n_queries, n_documents)
        The higher, the earlier in the ranking; -inf marks a document that was not retrieved.
    k : int, default=None
        Number of ranks; all by default.
    sample_weight : array-like of shape (n_queries,), default=None
        How much each query counts.
    zero_division : float, default=0.0
        The value of a query without relevant documents; NaN leaves it out of the mean.

    Returns
    -------
    float
        In [0, 1]; NaN if every query is left out.

    Raises
    ------
    ValueError
        As `precision_at_k`.

    Examples
    --------
    >>> round(mean_average_precision([[1, 0, 1, 0]], [[0.9, 0.8, 0.7, 0.1]]), 4)
    0.8333
    """
    ranked = rank(y_true, y_score)
    last = depth(k)
    place = np.arange(ranked.start.shape[1])
    others = (ranked.relevant - 1) / np.maximum(ranked.size - 1, 1)
    hits = ranked.before + 1 + (place - ranked.start) * others
    total = (ranked.chance * hits / (place + 1))[:, :last].sum(axis=1)
    possible = ranked.n_relevant if last is None else np.minimum(ranked.n_relevant, last)
    return mean(share(total, possible, zero_division), sample_weight)


def mean_reciprocal_rank(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    k: int | None = None,
    sample_weight: ArrayLike | None = None,
    zero_division: float = 0.0,
) -> float:
    """Mean over the queries of 1 / rank of the first relevant document, 0 if there is none by k.

    Ties: expected value over their orders, as in `precision_at_k`. At the j-th place (j = 0, 1 ..)
    of a tie of n documents, r of them relevant, none so far means that r of the n - j left are.

    Parameters
    ----------
    y_true : array-like of shape (n_queries, n_documents)
        1 for a relevant document, else 0.
    y_score : array-like of shape (n_queries, n_documents)
        The higher, the earlier in the ranking; -inf marks a document that was not retrieved.
    k : int, default=None
        Number of ranks; all by default.
    sample_weight : array-like of shape (n_queries,), default=None
        How much each query counts.
    zero_division : float, default=0.0
        The value of a query without relevant documents; NaN leaves it out of the mean.

    Returns
    -------
    float
        In [0, 1]; NaN if every query is left out.

    Raises
    ------
    ValueError
        As `precision_at_k`.

    Examples
    --------
    >>> mean_reciprocal_rank([[0, 1, 1], [1, 0, 0]], [[3, 2, 1], [3, 2, 1]])
    0.75
    """
    ranked = rank(y_true, y_score)
    place = np.arange(ranked.start.shape[1])
    left = ranked.size - (place - ranked.start)
    none_here = np.where(ranked.listed, np.clip(1 - ranked.relevant / left, 0, 1), 1.0)
    none_by = np.cumprod(none_here, axis=1)
    none_before = np.concatenate([np.ones((len(none_by), 1)), none_by[:, :-1]], axis=1)
    total = ((none_before - none_by) / (place + 1))[:, : depth(k)].sum(axis=1)
    ones = (ranked.n_relevant > 0).astype(float)
    return mean(share(total, ones, zero_division), sample_weight)
