"""Recommend what similar users took, or what resembles what the user took."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from mlsd_kit.recommendation.interactions import Array, best_columns, check_interactions


def cosine_neighbours(X: Any, k: int) -> sparse.csr_array:
    """Cosine similarity of each row to its ``k`` most similar other rows, the others left at 0.

    For rows of length 1, |a - b|² = 2 - 2 cos(a, b): these are the nearest neighbours by Euclidean
    distance. Interactions are sparse, so one sparse product finds all cosines that are not 0.

    Parameters
    ----------
    X : sparse or array-like of shape (n, d), not negative
    k : int
        At most so many neighbours a row; rows that share no column are none. Ties go to the
        earlier row.

    Returns
    -------
    csr_array of shape (n, n)

    Raises
    ------
    ValueError
        If k is below 1, or X is not finite or negative.

    Examples
    --------
    >>> cosine_neighbours([[1, 0], [1, 1], [0, 3]], k=1).toarray().round(2)
    array([[0.  , 0.71, 0.  ],
           [0.71, 0.  , 0.  ],
           [0.  , 0.71, 0.  ]])
    """
    if k < 1:
        raise ValueError(f"k={k!r}: ask for at least one neighbour.")
    X = check_interactions(X)
    lengths = np.sqrt(np.asarray((X * X).sum(axis=1)).ravel())
    unit = sparse.diags_array(1 / np.maximum(lengths, np.finfo(float).tiny)) @ X
    cosine = (unit @ unit.T).toarray()
    np.fill_diagonal(cosine, 0.0)
    best = best_columns(cosine, k)
    rows = np.repeat(np.arange(len(cosine)), best.shape[1])
    found = sparse.csr_array((cosine[rows, best.ravel()], (rows, best.ravel())), shape=cosine.shape)
    found.eliminate_zeros()
    return found


class _Neighbours(BaseEstimator):
    R_: sparse.csr_array
    similarity_: sparse.csr_array

    def __init__(self, n_neighbors: int = 50) -> None:
        self.n_neighbors = n_neighbors


class UserNeighbours(_Neighbours):
    """Scores an item by the similarity of the neighbours who took it, times how much they took.

    Parameters
    ----------
    n_neighbors : int, default=50
        Most similar users that vote.

    Attributes
    ----------
    similarity_ : csr_array (n_users, n_users)

    Examples
    --------
    >>> R = [[1, 1, 0], [1, 1, 1], [0, 0, 1]]
    >>> UserNeighbours(n_neighbors=1).fit(R).scores([0]).round(2)
    array([[0.82, 0.82, 0.82]])
    """

    def fit(self, R: Any, y: None = None) -> Self:
        """Find each user's neighbours in ``R``, sparse or dense, (n_users, n_items)."""
        self.R_ = check_interactions(R)
        self.similarity_ = cosine_neighbours(self.R_, self.n_neighbors)
        return self

    def scores(self, users: ArrayLike) -> Array:
        """Scores (len(users), n_items), not negative."""
        check_is_fitted(self)
        scores: Array = (self.similarity_[np.asarray(users)] @ self.R_).toarray()
        return scores


class ItemNeighbours(_Neighbours):
    """Scores an item by its similarity to what the user took, times how much of it.

    Items change less from day to day than users do: the similarities can be computed at night, and
    a click of this minute is served by adding one row of them (`scores_of`).

    Parameters
    ----------
    n_neighbors : int, default=50
        Most similar items that each item may recommend.

    Attributes
    ----------
    similarity_ : csr_array (n_items, n_items)

    Examples
    --------
    >>> R = [[1, 1, 0], [1, 1, 1], [0, 0, 1]]
    >>> ItemNeighbours(n_neighbors=2).fit(R).scores([0]).round(2)
    array([[1., 1., 1.]])
    """

    def fit(self, R: Any, y: None = None) -> Self:
        """Find each item's neighbours in ``R``, sparse or dense, (n_users, n_items)."""
        self.R_ = check_interactions(R)
        self.similarity_ = cosine_neighbours(self.R_.T, self.n_neighbors)
        return self

    def scores(self, users: ArrayLike) -> Array:
        """Scores (len(users), n_items), not negative."""
        check_is_fitted(self)
        return self.scores_of(self.R_[np.asarray(users)])

    def scores_of(self, histories: Any) -> Array:
        """Scores of users who were not there at the fit, from their rows (n, n_items)."""
        check_is_fitted(self)
        scores: Array = (check_interactions(histories) @ self.similarity_).toarray()
        return scores
