"""Discounted cumulative gain of a ranking, with ties averaged."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_array

from mlsd_kit._threads import in_order
from mlsd_kit.metrics import _checks

CELLS = 1 << 17
"""Scores handled at a time: one block of queries stays in the processor's cache."""
SHORT = 256
"""Up to this many documents sorting a whole list is as fast as looking for its best k."""


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

    def of_block(block: slice) -> np.ndarray:
        return _dcg(lists.gain[block], lists.score[block], discount, ignore_ties)

    return _mean(in_order(of_block, _query_blocks(lists)), sample_weight)


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
    matter: a partial sort finds them, and a tie across rank k is averaged over all its documents.

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

    def of_block(block: slice) -> np.ndarray:
        got = _dcg(lists.gain[block], lists.score[block], discount, ignore_ties)
        best = _top_values(lists.gain[block], len(discount)) @ discount
        return np.divide(got, best, out=np.zeros(len(got)), where=best != 0)

    return _checks.trimmed(_mean(in_order(of_block, _query_blocks(lists)), sample_weight))


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


def _mean(parts: list[np.ndarray], sample_weight: ArrayLike | None) -> float:
    scores = np.concatenate(parts)
    return float(np.average(scores, weights=_checks.weights(sample_weight, len(scores))))


def _top_values(values: np.ndarray, k: int) -> np.ndarray:
    """The k largest values of each row, descending."""
    n = values.shape[1]
    if SHORT < n > k:
        values = np.partition(values, n - k, axis=1)[:, n - k :]
    return np.sort(values, axis=1)[:, ::-1][:, :k]


def _top_documents(score: np.ndarray, k: int) -> np.ndarray:
    """Columns of the k largest scores of each row, best first."""
    n = score.shape[1]
    if SHORT < n > k:
        chosen = np.argpartition(score, n - k, axis=1)[:, n - k :]
        order = np.argsort(np.take_along_axis(score, chosen, axis=1), axis=1)[:, ::-1]
        return np.take_along_axis(chosen, order, axis=1)
    return np.argsort(score, axis=1)[:, ::-1][:, :k]


def _dcg(
    gain: np.ndarray, score: np.ndarray, discount: np.ndarray, ignore_ties: bool
) -> np.ndarray:
    """DCG of each row over the first ``len(discount)`` ranks."""
    n, k = score.shape[1], len(discount)
    if ignore_ties:
        return np.take_along_axis(gain, _top_documents(score, k), axis=1) @ discount
    ranking = _top_documents(score, min(k + 1, n))  # one more, to see a tie across rank k
    top = np.take_along_axis(score, ranking, axis=1)
    found = np.take_along_axis(gain, ranking, axis=1).astype(float, copy=False)
    _average_ties(found, top)
    if k < n:
        _average_cut_ties(found, top, gain, score)
    return found[:, :k] @ discount


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
    """Where a tie crosses the last rank that counts, all its documents share in its mean."""
    cut = np.flatnonzero(top[:, -1] == top[:, -2])
    if not len(cut):
        return
    edge = top[cut, -1:]
    tied = score[cut] == edge
    mean = (gain[cut] * tied).sum(axis=1) / tied.sum(axis=1)
    found[cut] = np.where(top[cut] == edge, mean[:, np.newaxis], found[cut])
