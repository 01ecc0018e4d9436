"""Discounted cumulative gain of a ranking, with ties averaged."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_array

from mlsd_kit.metrics import _checks

CELLS = 1 << 17
"""Scores handled at a time: one block of queries stays in the processor's cache."""


def dcg_score(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    k: int | None = None,
    log_base: float = 2,
    sample_weight: ArrayLike | None = None,
    ignore_ties: bool = False,
) -> float:
    """Mean over the queries of the gains found, discounted by the logarithm of the rank.

    With gains g ranked by descending score: sum over ranks i = 1 .. k of g_i / log(1 + i)
    (Jarvelin and Kekalainen, 2002). Documents of equal score get the mean of their gains, which
    is the expected value over all orders of the tie (McSherry and Najork, 2008).

    Parameters
    ----------
    y_true : array-like of shape (n_queries, n_documents)
        Gain of each document.
    y_score : array-like of shape (n_queries, n_documents)
        The higher, the earlier in the ranking.
    k : int, default=None
        Only the first k ranks count; all by default, and if k exceeds the number of documents.
    log_base : float, default=2
        Base of the logarithm.
    sample_weight : array-like of shape (n_queries,), default=None
        How much each query counts.
    ignore_ties : bool, default=False
        Faster, if the scores hold no ties; with ties the order among them is arbitrary.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        On NaN or infinite input, other than two dimensions, or different shapes.

    Examples
    --------
    >>> round(dcg_score([[10, 0, 0, 1, 5]], [[0.1, 0.2, 0.3, 4, 70]]), 2)
    9.5
    >>> dcg_score([[1, 0]], [[1, 1]], k=1)  # one of two tied documents: half the gain
    0.5
    """
    if not log_base > 0:
        raise ValueError(f"log_base={log_base!r}: it must be positive.")
    lists = _lists(y_true, y_score)
    discount = np.log(log_base) / np.log(np.arange(_depth(k, lists.gain.shape[1])) + 2)
    scores = np.empty(len(lists.gain))
    for block in _query_blocks(lists):
        scores[block] = _dcg(lists.gain[block], lists.score[block], discount, ignore_ties)
    return _mean(scores, sample_weight)


def ndcg_score(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    k: int | None = None,
    sample_weight: ArrayLike | None = None,
    ignore_ties: bool = False,
) -> float:
    """Mean over the queries of `dcg_score` divided by its best possible value.

    The textbook form sorts every list twice, by score and by gain. Only k documents of each
    matter: a partial sort finds them, and one pass over the ties at rank k keeps it exact.

    Parameters
    ----------
    y_true : array-like of shape (n_queries, n_documents)
        Gain of each document; not negative.
    y_score : array-like of shape (n_queries, n_documents)
        The higher, the earlier in the ranking.
    k : int, default=None
        Only the first k ranks count; all by default, and if k exceeds the number of documents.
    sample_weight : array-like of shape (n_queries,), default=None
        How much each query counts.
    ignore_ties : bool, default=False
        Faster, if the scores hold no ties; with ties the order among them is arbitrary.

    Returns
    -------
    float
        In [0, 1]. A query without any gain scores 0 and is not left out of the mean.

    Raises
    ------
    ValueError
        On negative gains, a single document, NaN or infinite input, or different shapes.

    Examples
    --------
    >>> round(ndcg_score([[10, 0, 0, 1, 5]], [[0.1, 0.2, 0.3, 4, 70]]), 4)
    0.6957
    >>> ndcg_score([[1, 0], [0, 0]], [[0.9, 0.1], [0.9, 0.1]])
    0.5
    """
    lists = _lists(y_true, y_score)
    if lists.gain.min() < 0:
        raise ValueError("ndcg_score should not be used on negative y_true values: shift them.")
    if lists.gain.shape[1] < 2:
        raise ValueError(
            "Computing NDCG is only meaningful when there is more than 1 document. Got"
            f" {lists.gain.shape[1]} instead: pass y_true with one row per query."
        )
    discount = np.log(2) / np.log(np.arange(_depth(k, lists.gain.shape[1])) + 2)
    scores = np.empty(len(lists.gain))
    for block in _query_blocks(lists):
        got = _dcg(lists.gain[block], lists.score[block], discount, ignore_ties)
        best = _top_values(lists.gain[block], len(discount)) @ discount
        scores[block] = np.divide(got, best, out=np.zeros(len(got)), where=best != 0)
    return _mean(scores, sample_weight)


class _Lists(NamedTuple):
    gain: np.ndarray
    score: np.ndarray


def _lists(y_true: ArrayLike, y_score: ArrayLike) -> _Lists:
    """Both inputs as finite matrices of one shape, a row for each query."""
    gain = check_array(y_true, input_name="y_true")
    score = check_array(y_score, input_name="y_score")
    if gain.shape != score.shape:
        raise ValueError(
            f"y_true has shape {gain.shape} and y_score {score.shape}: inconsistent numbers of"
            " queries or documents; pass one gain and one score for each document."
        )
    return _Lists(gain, score)


def _query_blocks(lists: _Lists) -> list[slice]:
    return _checks.blocks(len(lists.gain), max(1, CELLS // lists.gain.shape[1]))


def _depth(k: int | None, n_documents: int) -> int:
    if k is None:
        return n_documents
    if isinstance(k, bool) or not isinstance(k, (int, np.integer)) or k < 1:
        raise ValueError(f"k={k!r}: it must be an integer of at least 1, or None for all ranks.")
    return min(int(k), n_documents)


def _mean(scores: np.ndarray, sample_weight: ArrayLike | None) -> float:
    return float(np.average(scores, weights=_checks.weights(sample_weight, len(scores))))


def _top_values(values: np.ndarray, k: int) -> np.ndarray:
    """The k largest values of each row, descending."""
    n = values.shape[1]
    top = np.partition(values, n - k, axis=1)[:, n - k :] if k < n else values
    return np.sort(top, axis=1)[:, ::-1]


def _dcg(
    gain: np.ndarray, score: np.ndarray, discount: np.ndarray, ignore_ties: bool
) -> np.ndarray:
    """DCG of each row over the first ``len(discount)`` ranks."""
    n, k = score.shape[1], len(discount)
    if k < n:
        chosen = np.argpartition(score, n - k, axis=1)[:, n - k :]
        top = np.take_along_axis(score, chosen, axis=1)
        order = np.argsort(top, axis=1)[:, ::-1]
        chosen = np.take_along_axis(chosen, order, axis=1)
        top = np.take_along_axis(top, order, axis=1)
    else:
        chosen = np.argsort(score, axis=1)[:, ::-1]
        top = np.take_along_axis(score, chosen, axis=1)
    found = np.take_along_axis(gain, chosen, axis=1)
    if ignore_ties:
        return found @ discount
    found = found.astype(float)
    _average_ties(found, top)
    if k < n:
        _average_cut_ties(found, top, gain, score)
    return found @ discount


def _average_ties(found: np.ndarray, top: np.ndarray) -> None:
    """Replace gains by the mean over each run of equal scores; rows without a tie stay."""
    tied = np.flatnonzero((top[:, 1:] == top[:, :-1]).any(axis=1))
    if not len(tied):
        return
    new = np.ones((len(tied), top.shape[1]), dtype=bool)
    new[:, 1:] = top[tied, 1:] != top[tied, :-1]
    start = np.flatnonzero(new)
    size = np.diff(start, append=new.size)
    mean = np.add.reduceat(found[tied].ravel(), start) / size
    found[tied] = np.repeat(mean, size).reshape(new.shape)


def _average_cut_ties(
    found: np.ndarray, top: np.ndarray, gain: np.ndarray, score: np.ndarray
) -> None:
    """Where rank k cuts through a tie, average over all its documents, not only those chosen."""
    edge = top[:, -1:]
    inside = (top == edge).sum(axis=1)
    cut = np.flatnonzero((score == edge).sum(axis=1) > inside)
    if not len(cut):
        return
    tied = score[cut] == edge[cut]
    mean = (gain[cut] * tied).sum(axis=1) / tied.sum(axis=1)
    found[cut] = np.where(top[cut] == edge[cut], mean[:, np.newaxis], found[cut])
