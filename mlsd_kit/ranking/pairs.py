"""What the pairs of a judged list say about its scores: RankNet's loss, LambdaRank's weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

Array = NDArray[np.float64]


def pairwise_loss(scores: ArrayLike, grades: ArrayLike) -> tuple[float, Array]:
    """Mean over pairs of ``log(1 + exp(s_worse - s_better))``, and its gradient by the scores.

    The probability that i beats j is modelled as sigmoid(s_i - s_j); this is the cross-entropy of
    what the judges said (Burges et al., 2005). Pairs of equal grades say nothing and are left out.

    The textbook form runs the network twice for every pair. But a pair moves s_i by -λ and s_j by
    +λ with λ = sigmoid(s_j - s_i), so that all pairs of a document can be added up first: one
    forward and one backward pass for each *document* (Burges, 2010).

    Parameters
    ----------
    scores, grades : array-like of shape (n,)
        Of the documents of one query.

    Returns
    -------
    loss : float
        0 if all grades are equal.
    gradient : ndarray of shape (n,)
        It sums to 0: adding a constant to all scores changes no order.

    Examples
    --------
    >>> loss, gradient = pairwise_loss([0.0, 0.0, 5.0], [1, 0, 0])
    >>> round(loss, 3), gradient.round(3)
    (2.85, array([-0.747,  0.25 ,  0.497]))
    """
    return weighted_loss(
        np.asarray(scores, dtype=np.float64), np.asarray(grades, dtype=np.float64), "equal"
    )


def ndcg_changes(scores: ArrayLike, grades: ArrayLike) -> Array:
    """How much NDCG would change if two documents swapped places, for every two of a query.

    ``|gain_i - gain_j| |discount_i - discount_j| / best DCG``: LambdaRank multiplies RankNet's
    λ by it, so that an error at the top counts more than one at rank 100; LambdaMART does the
    same with trees in place of the network.

    Parameters
    ----------
    scores, grades : array-like of shape (n,)

    Returns
    -------
    ndarray of shape (n, n), symmetric
        All 0 if no document is relevant.

    Examples
    --------
    >>> ndcg_changes([3.0, 2.0, 1.0], [0, 0, 1]).round(3)
    array([[0.   , 0.   , 0.5  ],
           [0.   , 0.   , 0.131],
           [0.5  , 0.131, 0.   ]])
    """
    score, grade = np.asarray(scores, dtype=np.float64), np.asarray(grades, dtype=np.float64)
    gain = 2.0**grade - 1.0
    discount = 1.0 / np.log2(np.arange(len(gain)) + 2.0)
    best = np.sort(gain)[::-1] @ discount
    if best == 0:
        return np.zeros((len(gain), len(gain)))
    place = np.empty(len(gain), dtype=np.intp)
    place[np.argsort(-score, kind="stable")] = np.arange(len(gain))
    here = discount[place]
    return np.abs(np.subtract.outer(gain, gain) * np.subtract.outer(here, here)) / best


def weighted_loss(score: Array, grade: Array, pair_weight: str) -> tuple[float, Array]:
    """`pairwise_loss` as a weighted mean: all pairs "equal", or by what they mean to "ndcg"."""
    better, worse = np.nonzero(grade[:, None] > grade[None, :])
    if not len(better):
        return 0.0, np.zeros_like(score)
    weight = np.ones(len(better))
    if pair_weight == "ndcg":
        weight = ndcg_changes(score, grade)[better, worse]
    weight /= weight.sum()
    wrong_by = score[worse] - score[better]
    push = weight * expit(wrong_by)  # λ of each pair
    gradient: Array = np.zeros_like(score)
    np.add.at(gradient, worse, push)
    np.subtract.at(gradient, better, push)
    return float(weight @ np.logaddexp(0.0, wrong_by)), gradient
