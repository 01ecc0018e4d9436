"""Merge rankings whose scores cannot be compared, by ranks alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray


def reciprocal_rank_fusion(
    rankings: Sequence[ArrayLike], *, k: float = 60.0, weights: Sequence[float] | None = None
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """One ranking from several: a document's score is the sum of 1 / (k + rank).

    BM25 scores have no upper end and cosines end at 1, so adding them needs a scale that differs
    from query to query; ranks need none. A document in two lists beats one at the same rank in one.

    Parameters
    ----------
    rankings : sequence of array-likes of int
        Document numbers, best first, no document twice in one list; lengths may differ.
    k : float, default=60
        Large: agreement counts; small: the first places count.
    weights : sequence of float, default=None
        One a ranking; None weighs all alike.

    Returns
    -------
    documents : ndarray of shape (n_distinct,)
        Best first; equal scores by document number.
    scores : ndarray of shape (n_distinct,)

    Raises
    ------
    ValueError
        If a list names a document twice, or there are not as many weights as rankings.

    References
    ----------
    Cormack, G., Clarke, C. and Buettcher, S. (2009). Reciprocal Rank Fusion outperforms Condorcet
    and individual Rank Learning Methods. SIGIR.

    Examples
    --------
    >>> documents, scores = reciprocal_rank_fusion([[7, 8, 9], [8, 5]])
    >>> documents.tolist()
    [8, 7, 5, 9]
    """
    lists = [np.asarray(ranking, dtype=np.intp).ravel() for ranking in rankings]
    factors = [1.0] * len(lists) if weights is None else list(weights)
    if len(factors) != len(lists):
        raise ValueError(f"there are {len(lists)} rankings and {len(factors)} weights.")
    if any(len(np.unique(ranking)) < len(ranking) for ranking in lists):
        raise ValueError("a ranking names a document twice: every document has one rank in it.")
    if not lists:
        return np.empty(0, dtype=np.intp), np.empty(0)
    documents, at = np.unique(np.concatenate(lists), return_inverse=True)
    gains = [w / (k + 1 + np.arange(len(r))) for w, r in zip(factors, lists, strict=True)]
    scores = np.zeros(len(documents))
    np.add.at(scores, at, np.concatenate(gains))
    order = np.argsort(-scores, kind="stable")
    return documents[order], scores[order]
