"""Ratings predicted from similar users' deviations from what was to be expected of them."""

from __future__ import annotations

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from mlsd_kit.recommendation.interactions import Array


class Baseline(NamedTuple):
    """Mean, and how far each user and item lie above it."""

    mean: float
    users: Array
    items: Array

    def predict(self, users: ArrayLike, items: ArrayLike) -> Array:
        """Mean + bias of the user + bias of the item, (n,)."""
        both: Array = self.mean + self.users[np.asarray(users)] + self.items[np.asarray(items)]
        return both


def fit_baseline(
    users: ArrayLike,
    items: ArrayLike,
    ratings: ArrayLike,
    *,
    shape: tuple[int, int],
    user_shrinkage: float = 15.0,
    item_shrinkage: float = 10.0,
    n_iter: int = 10,
) -> Baseline:
    """Biases by alternating least squares: each is a mean of residuals, drawn towards 0.

    b_i = Σ (r - mean - b_u) / (shrinkage + number), and the same for users, in turn (Koren, 2010).

    Parameters
    ----------
    users, items : array-like of int (n,)
    ratings : array-like (n,)
    shape : (n_users, n_items)
    user_shrinkage, item_shrinkage : float
        Ratings' worth of the mean that is mixed in.
    n_iter : int

    Examples
    --------
    >>> fitted = fit_baseline([0, 0, 1], [0, 1, 0], [5, 3, 3], shape=(2, 2), n_iter=1,
    ...                       user_shrinkage=0, item_shrinkage=0)
    >>> fitted.items.round(2)
    array([ 0.33, -0.67])
    """
    u, i, r = np.asarray(users), np.asarray(items), np.asarray(ratings, dtype=np.float64)
    mean, of_users, of_items = float(r.mean()), np.zeros(shape[0]), np.zeros(shape[1])
    n_users, n_items = np.bincount(u, minlength=shape[0]), np.bincount(i, minlength=shape[1])
    for _ in range(n_iter):
        rest = np.bincount(i, r - mean - of_users[u], minlength=shape[1])
        of_items = rest / np.maximum(item_shrinkage + n_items, 1)
        rest = np.bincount(u, r - mean - of_items[i], minlength=shape[0])
        of_users = rest / np.maximum(user_shrinkage + n_users, 1)
    return Baseline(mean, of_users, of_items)


class BaselineNeighbours(BaseEstimator):
    """Baseline of the pair, plus the mean deviation of the k most similar users who rated the item.

    Two users are as similar as 1 / (1 + mean squared difference of their common ratings); the mean
    over neighbours is weighted by it (Koren, 2010). Users without a common item are no neighbours.

    Parameters
    ----------
    n_neighbors : int, default=40

    Attributes
    ----------
    baseline_ : Baseline
    similarity_ : ndarray (n_users, n_users)

    Examples
    --------
    >>> users, items = [0, 0, 1, 1, 1, 2, 2], [0, 1, 0, 1, 2, 0, 2]
    >>> model = BaselineNeighbours().fit(users, items, [5, 1, 5, 1, 5, 1, 1], shape=(3, 3))
    >>> bool(model.predict([0], [2])[0] > model.predict([2], [1])[0])
    True
    """

    baseline_: Baseline
    similarity_: Array

    def __init__(self, n_neighbors: int = 40) -> None:
        self.n_neighbors = n_neighbors

    def fit(
        self, users: ArrayLike, items: ArrayLike, ratings: ArrayLike, *, shape: tuple[int, int]
    ) -> Self:
        """Take ratings[j] of items[j] by users[j], each pair at most once; shape as `BiasedMF`."""
        if self.n_neighbors < 1:
            raise ValueError(f"n_neighbors={self.n_neighbors!r}: ask for at least one.")
        r = np.asarray(ratings, dtype=np.float64)
        self.baseline_ = fit_baseline(users, items, r, shape=shape)
        where = (np.asarray(users), np.asarray(items))
        self._ratings = sparse.coo_array((r, where), shape=shape).toarray()
        self._rated = sparse.coo_array((np.ones(len(r)), where), shape=shape).toarray()
        self.similarity_ = _similarity(self._ratings, self._rated)
        return self

    def predict(self, users: ArrayLike, items: ArrayLike) -> Array:
        """Ratings (n,) of the pairs users[j], items[j]; not clipped to a scale."""
        check_is_fitted(self)
        u, i = np.asarray(users, dtype=np.intp), np.asarray(items, dtype=np.intp)
        predicted = self.baseline_.predict(u, i)
        for item in np.unique(i):
            voters = np.flatnonzero(self._rated[:, item])
            at = np.flatnonzero(i == item)
            if len(voters):
                predicted[at] += self._deviation(u[at], voters, int(item))
        return predicted

    def _deviation(self, users: NDArray[np.intp], voters: NDArray[np.intp], item: int) -> Array:
        """Mean deviation of each user's most similar ``voters`` on one item."""
        above = self._ratings[voters, item] - self.baseline_.predict(voters, item)
        similarity = self.similarity_[np.ix_(users, voters)]
        if len(voters) > self.n_neighbors:
            cut = np.partition(similarity, -self.n_neighbors, axis=1)[:, [-self.n_neighbors]]
            similarity = np.where(similarity >= cut, similarity, 0.0)
        total = similarity.sum(axis=1)
        return np.divide(similarity @ above, total, out=np.zeros(len(users)), where=total > 0)


def _similarity(ratings: Array, rated: Array) -> Array:
    """1 / (1 + mean squared difference) over common items; 0 without one, and with oneself."""
    common = rated @ rated.T
    squares = (ratings**2) @ rated.T
    difference = np.maximum(squares + squares.T - 2 * ratings @ ratings.T, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        similarity = np.where(common > 0, 1 / (1 + difference / common), 0.0)
    np.fill_diagonal(similarity, 0.0)
    return similarity
