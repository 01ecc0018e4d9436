"""Matrix factorisation with biases, trained by gradient descent on the cells that were seen."""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from mlsd_kit.linear_model import gradient_descent
from mlsd_kit.recommendation.interactions import Array


class BiasedMF(BaseEstimator):
    """Predicts a rating as mean + bias of the user + bias of the item + product of their factors.

    Minimises ½ Σ w (r - r̂)² over the seen cells plus, for each of them, ½ λ times the squared
    factors and biases that it touches (Koren, Bell and Volinsky, 2009). The textbook form takes
    one cell at a time::

        e = r - (mean + b_u + b_i + p_u · q_i)
        b_u += step (e - λ b_u);  p_u += step (e q_i - λ p_u);  and the same for the item

    Here a step takes all cells, as two sparse products. A user with 500 ratings has a gradient 100
    times that of one with 5, and no step fits both: dividing each row's coordinates by the root of
    its weight makes the bowl round, and accelerated descent needs some dozens of steps.

    Parameters
    ----------
    n_factors : int, default=20
        0 leaves the biases alone.
    regularization : float, default=0.1
        λ of the factors, for each cell.
    bias_regularization : float, default=0.05
        λ of the biases, for each cell.
    step : float, default=0.2
        Length of a step in the scaled coordinates, where 1 / L is of this size.
    max_iter : int, default=80
    random_state : int, RandomState or None
        Of the first factors.

    Attributes
    ----------
    mean_ : float
    user_biases_, item_biases_ : ndarray (n_users,), (n_items,)
    user_factors_, item_factors_ : ndarray (n_users, n_factors), (n_items, n_factors)
    losses_ : ndarray (n_iter,)

    Examples
    --------
    >>> users, items = np.divmod(np.arange(12), 3)
    >>> model = BiasedMF(0, bias_regularization=1e-9).fit(users, items, users + items % 2)
    >>> model.predict([0, 3], [1, 1]).round(2)
    array([1., 4.])
    """

    mean_: float
    user_biases_: Array
    item_biases_: Array
    user_factors_: Array
    item_factors_: Array
    losses_: Array

    def __init__(
        self,
        n_factors: int = 20,
        *,
        regularization: float = 0.1,
        bias_regularization: float = 0.05,
        step: float = 0.2,
        max_iter: int = 80,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.n_factors = n_factors
        self.regularization = regularization
        self.bias_regularization = bias_regularization
        self.step = step
        self.max_iter = max_iter
        self.random_state = random_state

    def fit(
        self,
        users: ArrayLike,
        items: ArrayLike,
        ratings: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        shape: tuple[int, int] | None = None,
    ) -> Self:
        """Descend on ratings[j] of items[j] by users[j], each pair at most once.

        Parameters
        ----------
        users, items : array-like of int (n,)
            Numbers from 0.
        ratings : array-like (n,)
        sample_weight : array-like (n,), optional
        shape : (n_users, n_items), optional
            Whoever is in it without a rating gets bias 0 and factors near 0; default the largest
            numbers met.

        Raises
        ------
        ValueError
            If lengths differ, nothing is given, a number is not finite, or a weight not positive.
        FloatingPointError
            If ``step`` is too long.
        """
        cells = _Cells(users, items, ratings, sample_weight, shape)
        self.mean_ = float(np.average(cells.ratings, weights=cells.weights))
        scale = cells.row_weights() ** -0.5
        random = check_random_state(self.random_state)
        start = np.zeros((len(scale), self.n_factors + 1))  # the last column holds the biases
        start[:, :-1] = random.normal(0.0, 0.1, (len(scale), self.n_factors))
        penalty = np.append(np.full(self.n_factors, self.regularization), self.bias_regularization)

        def loss_and_grad(v: Array) -> tuple[float, Array]:
            loss, grad = cells.loss_and_grad(v * scale, self.mean_)
            return loss + 0.5 * float((penalty * v * v).sum()), grad * scale + penalty * v

        descent = gradient_descent(
            loss_and_grad,
            start / scale,
            step=self.step,
            max_iter=self.max_iter,
            nesterov=True,
            keep_path=False,
        )
        w, n = descent.w * scale, cells.shape[0]
        self.user_factors_, self.item_factors_ = w[:n, :-1], w[n:, :-1]
        self.user_biases_, self.item_biases_ = w[:n, -1], w[n:, -1]
        self.losses_ = descent.losses
        return self

    def predict(self, users: ArrayLike, items: ArrayLike) -> Array:
        """Ratings (n,) of the pairs users[j], items[j]; not clipped to a scale."""
        check_is_fitted(self)
        u, i = np.asarray(users), np.asarray(items)
        product = np.einsum("ij,ij->i", self.user_factors_[u], self.item_factors_[i])
        return self.mean_ + self.user_biases_[u] + self.item_biases_[i] + product

    def scores(self, users: ArrayLike) -> Array:
        """Predictions (len(users), n_items) of every item."""
        check_is_fitted(self)
        u = np.asarray(users)
        product = self.user_factors_[u] @ self.item_factors_.T
        scores: Array = self.mean_ + self.user_biases_[u, None] + self.item_biases_ + product
        return scores


class _Cells:
    """The ratings in the order of their users, ready for sparse products."""

    def __init__(
        self,
        users: ArrayLike,
        items: ArrayLike,
        ratings: ArrayLike,
        weights: ArrayLike | None,
        shape: tuple[int, int] | None,
    ) -> None:
        u, i = np.asarray(users), np.asarray(items)
        r = np.asarray(ratings, dtype=np.float64)
        w = np.ones(len(r)) if weights is None else np.asarray(weights, dtype=np.float64)
        if not u.shape == i.shape == r.shape == w.shape or r.ndim != 1 or not len(r):
            raise ValueError("users, items, ratings and weights: one of each for every rating.")
        if not (np.isfinite(r).all() and np.isfinite(w).all() and (w > 0).all()):
            raise ValueError("ratings and weights must be finite, and weights positive.")
        self.shape = (int(u.max()) + 1, int(i.max()) + 1) if shape is None else shape
        order = np.lexsort((i, u))
        self.users, self.items = u[order].astype(np.intp), i[order].astype(np.intp)
        self.ratings, self.weights = r[order], w[order]
        starts = np.searchsorted(self.users, np.arange(self.shape[0] + 1))
        self._errors = sparse.csr_array((self.ratings.copy(), self.items, starts), self.shape)

    def row_weights(self) -> NDArray[np.float64]:
        """(n_users + n_items, 1) sum of the weights of each, at least 1."""
        n, m = self.shape
        of_users = np.bincount(self.users, self.weights, minlength=n)
        of_items = np.bincount(self.items, self.weights, minlength=m)
        return np.maximum(np.concatenate([of_users, of_items]), 1.0)[:, None]

    def loss_and_grad(self, w: Array, mean: float) -> tuple[float, Array]:
        """½ Σ weight · error², and its gradient in all rows (users, then items) of ``w``."""
        n, m = self.shape
        P, Q = w[:n, :-1], w[n:, :-1]
        error = self.ratings - mean - w[self.users, -1] - w[n + self.items, -1]
        error -= np.einsum("ij,ij->i", P[self.users], Q[self.items])
        pull = self.weights * error
        self._errors.data = pull
        grad = np.empty_like(w)
        grad[:n, :-1], grad[n:, :-1] = -(self._errors @ Q), -(self._errors.T @ P)
        grad[:n, -1] = -np.bincount(self.users, pull, minlength=n)
        grad[n:, -1] = -np.bincount(self.items, pull, minlength=m)
        return 0.5 * float(pull @ error), grad
