"""Precision, recall, average precision and reciprocal rank of the first k documents."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_array

from mlsd_kit.metrics import _checks


class _Ranked(NamedTuple):
    """Every list by descending score. Documents of equal score form a group.

    All arrays have shape (n_queries, n_documents): one column for each rank.
    """

    start: np.ndarray
    """Rank, from 0, at which the group of this rank begins."""
    size: np.ndarray
    relevant: np.ndarray
    """How many documents of the group are relevant."""
    before: np.ndarray
    """How many relevant documents stand in earlier groups."""
    listed: np.ndarray
    """False from the rank on at which the documents were not retrieved."""
    n_relevant: np.ndarray
    """Relevant documents of the query, shape (n_queries,)."""

    @property
    def chance(self) -> np.ndarray:
        """Probability that the document at this rank is relevant, all orders of ties alike."""
        return np.where(self.listed, self.relevant / self.size, 0.0)


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
    ranked = _rank(y_true, y_score)
    found = ranked.chance[:, : _depth(k)].sum(axis=1)
    return _mean(found / k, sample_weight)


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
    ranked = _rank(y_true, y_score)
    found = ranked.chance[:, : _depth(k)].sum(axis=1)
    return _mean(_share(found, ranked.n_relevant, zero_division), sample_weight)


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
    ranked = _rank(y_true, y_score)
    depth = _depth(k)
    rank = np.arange(ranked.start.shape[1])
    others = (ranked.relevant - 1) / np.maximum(ranked.size - 1, 1)
    hits = ranked.before + 1 + (rank - ranked.start) * others
    total = (ranked.chance * hits / (rank + 1))[:, :depth].sum(axis=1)
    possible = ranked.n_relevant if depth is None else np.minimum(ranked.n_relevant, depth)
    return _mean(_share(total, possible, zero_division), sample_weight)


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
    ranked = _rank(y_true, y_score)
    rank = np.arange(ranked.start.shape[1])
    left = ranked.size - (rank - ranked.start)
    none_here = np.where(ranked.listed, np.clip(1 - ranked.relevant / left, 0, 1), 1.0)
    none_by = np.cumprod(none_here, axis=1)
    none_before = np.concatenate([np.ones((len(none_by), 1)), none_by[:, :-1]], axis=1)
    total = ((none_before - none_by) / (rank + 1))[:, : _depth(k)].sum(axis=1)
    ones = (ranked.n_relevant > 0).astype(float)
    return _mean(_share(total, ones, zero_division), sample_weight)


def relevance_matrix(
    relevant: Sequence[Collection[Hashable]], ranked: Sequence[Sequence[Hashable]]
) -> tuple[np.ndarray, np.ndarray]:
    """Rankings given as lists of document ids, as the two matrices that these metrics take.

    A document ranked twice counts once, at its first place; the later ones close up. Relevant
    documents that were not retrieved are appended with the score -inf.

    Parameters
    ----------
    relevant : sequence of collections of ids, one for each query
    ranked : sequence of sequences of ids, best first, one for each query

    Returns
    -------
    y_true, y_score : ndarray of shape (n_queries, n_documents)

    Raises
    ------
    ValueError
        If there is no query, or not one ranking for each set of relevant documents.

    Examples
    --------
    >>> y_true, y_score = relevance_matrix([{"a", "c"}], [["a", "b", "a"]])
    >>> y_true.tolist(), y_score.tolist()
    ([[1, 0, 1]], [[0.0, -1.0, -inf]])
    >>> precision_at_k(y_true, y_score, k=2), recall_at_k(y_true, y_score, k=3)
    (0.5, 0.5)
    """
    if len(relevant) != len(ranked) or not len(ranked):
        raise ValueError(
            f"relevant holds {len(relevant)} queries and ranked {len(ranked)}: pass one of each"
            " for every query, and at least one query."
        )
    rows = []
    for wanted, documents in zip(relevant, ranked, strict=True):
        once, sought = list(dict.fromkeys(documents)), set(wanted)
        missed = len(sought - set(once))
        rows.append(([document in sought for document in once], missed))
    width = max(1, max(len(hits) + missed for hits, missed in rows))
    y_true = np.zeros((len(rows), width), dtype=np.int64)
    y_score = np.full((len(rows), width), -np.inf)
    for row, (hits, missed) in enumerate(rows):
        y_true[row, : len(hits)] = hits
        y_true[row, len(hits) : len(hits) + missed] = 1
        y_score[row, : len(hits)] = -np.arange(len(hits))
    return y_true, y_score


def _rank(y_true: ArrayLike, y_score: ArrayLike) -> _Ranked:
    truth = check_array(y_true, input_name="y_true")
    score = check_array(y_score, dtype=np.float64, ensure_all_finite=False, input_name="y_score")
    if truth.shape != score.shape:
        raise ValueError(
            f"y_true has shape {truth.shape} and y_score {score.shape}: pass one of each for"
            " every document."
        )
    if not np.isin(truth, (0, 1)).all():
        raise ValueError("y_true must hold 0 or 1 for each document: threshold graded relevance.")
    if np.isnan(score).any() or (score == np.inf).any():
        raise ValueError("y_score contains NaN or infinity: only -inf (not retrieved) may appear.")
    order = np.argsort(-score, axis=1, kind="stable")
    truth = np.take_along_axis(truth, order, axis=1).astype(np.int64)
    score = np.take_along_axis(score, order, axis=1)
    return _grouped(truth, score)


def _grouped(truth: np.ndarray, score: np.ndarray) -> _Ranked:
    """Where each rank's group of equal scores begins and ends, and what it holds."""
    n = score.shape[1]
    new = np.ones(score.shape, dtype=bool)
    new[:, 1:] = score[:, 1:] != score[:, :-1]
    rank = np.arange(n)
    start = np.maximum.accumulate(np.where(new, rank, 0), axis=1)
    ends = np.where(np.roll(new, -1, axis=1), rank + 1, n)  # the last column always ends a group
    end = np.minimum.accumulate(ends[:, ::-1], axis=1)[:, ::-1]
    so_far = np.concatenate([np.zeros((len(truth), 1), np.int64), truth.cumsum(axis=1)], axis=1)
    before = np.take_along_axis(so_far, start, axis=1)
    relevant = np.take_along_axis(so_far, end, axis=1) - before
    return _Ranked(start, end - start, relevant, before, score > -np.inf, so_far[:, -1])


def _depth(k: int | None) -> int | None:
    if k is not None and (isinstance(k, bool) or not isinstance(k, (int, np.integer)) or k < 1):
        raise ValueError(f"k={k!r}: it must be an integer of at least 1.")
    return k


def _share(part: np.ndarray, whole: np.ndarray, zero_division: float) -> np.ndarray:
    return np.divide(part, whole, out=np.full(len(part), float(zero_division)), where=whole != 0)


def _mean(scores: np.ndarray, sample_weight: ArrayLike | None) -> float:
    """Weighted mean over the queries whose score is not NaN."""
    weight = _checks.weights(sample_weight, len(scores))
    kept = ~np.isnan(scores)
    if not kept.any():
        return float("nan")
    return float(np.average(scores[kept], weights=None if weight is None else weight[kept]))
