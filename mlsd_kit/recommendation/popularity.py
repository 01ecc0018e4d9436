"""The two baselines that every recommender must beat: what is popular, and chance."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from mlsd_kit.recommendation.interactions import Array, check_interactions


class Popularity(BaseEstimator):
    """Scores an item by its number of users, the same for everybody.

    Attributes
    ----------
    item_scores_ : ndarray (n_items,)
        Users with any interaction.

    Examples
    --------
    >>> Popularity().fit([[1, 0, 5], [1, 1, 0]]).scores([0, 1])
    array([[2., 1., 1.],
           [2., 1., 1.]])
    """

    item_scores_: Array

    def fit(self, R: Any, y: None = None) -> Self:
        """Count the users of each item in ``R``, sparse or dense, (n_users, n_items)."""
        R = check_interactions(R)
        self.item_scores_ = np.bincount(R.indices, minlength=R.shape[1]).astype(np.float64)
        return self

    def scores(self, users: ArrayLike) -> Array:
        """Scores (len(users), n_items), every row the same."""
        check_is_fitted(self)
        return np.tile(self.item_scores_, (len(np.asarray(users)), 1))


class RandomOrder(BaseEstimator):
    """Scores drawn at random, an order of its own for each user: what chance achieves.

    Examples
    --------
    >>> model = RandomOrder(random_state=0).fit([[1, 0, 5], [1, 1, 0]])
    >>> bool((model.scores([1]) == model.scores([0, 1])[1]).all())
    True
    """

    scores_: NDArray[np.float64]

    def __init__(self, random_state: int | np.random.RandomState | None = None) -> None:
        self.random_state = random_state

    def fit(self, R: Any, y: None = None) -> Self:
        """Draw an order for each row of ``R``."""
        self.scores_ = check_random_state(self.random_state).random_sample(np.shape(R))
        return self

    def scores(self, users: ArrayLike) -> Array:
        """Scores (len(users), n_items)."""
        check_is_fitted(self)
        return self.scores_[np.asarray(users)]
