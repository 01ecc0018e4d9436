"""Matrix factorisation for implicit feedback by alternating least squares."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from mlsd_kit.recommendation.interactions import Array, check_interactions

_BLOCK = 512  # rows solved at a time: block · factors² numbers


class ImplicitALS(BaseEstimator):
    """Factors of users and items whose products tell what was taken from what was not.

    Every cell counts: preference p = 1 where something was seen, else 0, with the confidence
    c = 1 + alpha · r. It minimises (Hu, Koren and Volinsky, 2008)

        Σ over all cells  c (p - x · y)²  +  regularization · (Σ |x|² + Σ |y|²),

    which is a ridge regression for each user when the items are fixed, and the other way round.
    The textbook form solves, for each user with confidences C (a diagonal matrix)::

        x = solve(Yᵀ C Y + λ I, Yᵀ C p)

    YᵀCY = YᵀY + Yᵀ(C - I)Y, and C - I is zero but for the few items that were seen. So YᵀY is
    computed once, and the rest for many users at a time as a sparse product with the y yᵀ.

    Parameters
    ----------
    n_factors : int, default=32
    regularization : float, default=1.0
        λ above.
    alpha : float, default=10.0
        How much surer an interaction of weight 1 makes us than none.
    n_iter : int, default=10
        Rounds; each solves for the users, then for the items.
    random_state : int, RandomState or None
        Of the items' first factors.

    Attributes
    ----------
    user_factors_ : ndarray (n_users, n_factors)
    item_factors_ : ndarray (n_items, n_factors)

    Examples
    --------
    >>> R = [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 1, 0, 0]]
    >>> model = ImplicitALS(n_factors=2, regularization=0.1, random_state=0).fit(R)
    >>> model.scores([3]).argsort()[0, ::-1][:2]  # who took the second also takes the first
    array([1, 0])
    """

    user_factors_: Array
    item_factors_: Array

    def __init__(
        self,
        n_factors: int = 32,
        *,
        regularization: float = 1.0,
        alpha: float = 10.0,
        n_iter: int = 10,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.n_factors = n_factors
        self.regularization = regularization
        self.alpha = alpha
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, R: Any, y: None = None) -> Self:
        """Alternate on ``R``, sparse or dense, (n_users, n_items).

        Raises
        ------
        ValueError
            If a parameter is not positive, or R holds negative or infinite numbers.
        """
        for name in ("n_factors", "regularization", "alpha", "n_iter"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name}={getattr(self, name)!r}: it must be positive.")
        R = check_interactions(R)
        across = R.T.tocsr()
        draw = check_random_state(self.random_state).normal
        self.item_factors_ = draw(0.0, 0.1, (R.shape[1], self.n_factors))
        for _ in range(self.n_iter):
            self.user_factors_ = self._solve(R, self.item_factors_)
            self.item_factors_ = self._solve(across, self.user_factors_)
        return self

    def scores(self, users: ArrayLike) -> Array:
        """Scores (len(users), n_items), about 0 to 1."""
        check_is_fitted(self)
        scores: Array = self.user_factors_[np.asarray(users)] @ self.item_factors_.T
        return scores

    def fold_in(self, histories: Any) -> Array:
        """Factors (n, n_factors) of users given by their rows: one solve each, no new fit.

        For a session that goes on: last night's items, this minute's clicks.
        """
        check_is_fitted(self)
        return self._solve(check_interactions(histories), self.item_factors_)

    def loss(self, R: Any) -> float:
        """What `fit` minimises, on all cells of ``R``: for looking at, never for large data."""
        check_is_fitted(self)
        r = check_interactions(R).toarray()
        error = (r > 0) - self.user_factors_ @ self.item_factors_.T
        size = (self.user_factors_**2).sum() + (self.item_factors_**2).sum()
        return float(((1 + self.alpha * r) * error**2).sum() + self.regularization * size)

    def _solve(self, R: sparse.csr_array, fixed: Array) -> Array:
        """For each row of ``R``: its ridge regression on the ``fixed`` factors."""
        f = fixed.shape[1]
        outer = (fixed[:, :, None] * fixed[:, None, :]).reshape(len(fixed), f * f)
        common = fixed.T @ fixed + self.regularization * np.eye(f)
        seen = R.copy()
        seen.data = 1 + self.alpha * R.data  # c p, which is 0 where nothing was seen
        right = seen @ fixed
        solved = np.empty((R.shape[0], f))
        for start in range(0, R.shape[0], _BLOCK):
            block = slice(start, start + _BLOCK)
            left = common + self.alpha * (R[block] @ outer).reshape(-1, f, f)
            solved[block] = np.linalg.solve(left, right[block, :, None])[:, :, 0]
        return solved
