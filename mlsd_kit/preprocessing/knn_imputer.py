"""The mean of the most similar rows for what is missing: `KNNImputer`."""

from __future__ import annotations

from numbers import Integral
from typing import Any, Self

import numpy as np
from sklearn.base import _fit_context
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from mlsd_kit.preprocessing._imputer_base import BaseImputer, missing_cells

_CELLS = 1 << 21
"""Distances held at a time (16 MiB)."""


class KNNImputer(BaseImputer):
    """Fill a missing value with the mean of that column over the k nearest rows that have it.

    Two rows are compared on the columns that both have, scaled up to all columns:
    ``d^2 = n_features / n_common * sum over common columns of (x_j - z_j)^2``. The sum is taken
    over differences, not through ``x^2 - 2 x z + z^2``, which loses all digits far from the origin.
    Among equally distant rows the first of the training data are taken.

    Parameters
    ----------
    n_neighbors : int, default=5
        k; fewer are used where fewer rows have the column.
    weights : {"uniform", "distance"}, default="uniform"
        Plain mean, or weights 1 / distance (rows at distance 0 then count alone).
    add_indicator : bool, default=False
        Append a 0/1 column for each column that had a missing value in ``fit``.
    keep_empty_features : bool, default=False
        Fill a column without any value with 0 instead of dropping it.

    Attributes
    ----------
    indicator_features_ : ndarray of int
        Columns that have an indicator.

    Notes
    -----
    A row that shares no column with any row that could give the value gets the column's mean. Scale
    the columns first: the distance is in their units.

    Examples
    --------
    >>> X = [[1.0, 10.0], [2.0, np.nan], [3.0, 30.0], [9.0, 90.0]]
    >>> KNNImputer(n_neighbors=2).fit_transform(X)[1]
    array([ 2., 20.])
    """

    _parameter_constraints: dict = {
        **BaseImputer._parameter_constraints,
        "n_neighbors": [Interval(Integral, 1, None, closed="left")],
        "weights": [StrOptions({"uniform", "distance"})],
    }

    def __init__(
        self,
        *,
        n_neighbors: int = 5,
        weights: str = "uniform",
        add_indicator: bool = False,
        keep_empty_features: bool = False,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.weights = weights
        self.add_indicator = add_indicator
        self.keep_empty_features = keep_empty_features

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> Self:
        """Keep the rows that values will be taken from.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : ignored

        Returns
        -------
        self
        """
        X = self._read_numbers(X, reset=True)
        self._rows = X.astype(np.float64)
        self._fit_mask(missing_cells(X))
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Fill each missing value from the nearest rows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_features_out)
            Without the columns that were empty in ``fit``, indicator columns last.
        """
        check_is_fitted(self)
        X = self._read_numbers(X, reset=False)
        missing = missing_cells(X)
        wanted = missing & ~self._empty
        receivers = np.flatnonzero(wanted.any(axis=1))
        block = max(1, _CELLS // len(self._rows))
        for start in range(0, len(receivers), block):
            rows = receivers[start : start + block]
            distances = nan_distances(X[rows].astype(np.float64), self._rows)
            for j in np.flatnonzero(wanted[rows].any(axis=0)):
                chosen = wanted[rows, j]
                X[rows[chosen], j] = self._fill(distances[chosen], j)
        if self.keep_empty_features:
            X[:, self._empty] = 0
        return self._assemble(X, missing)

    def _fill(self, distances: np.ndarray, j: int | np.integer) -> np.ndarray:
        donors = ~np.isnan(self._rows[:, j])
        values = self._rows[donors, j]
        weights = neighbor_weights(distances[:, donors], self.n_neighbors, self.weights)
        total = weights.sum(axis=1)
        means = weights @ values / np.where(total > 0, total, 1)
        return np.where(total > 0, means, values.mean())


def nan_distances(X: np.ndarray, Z: np.ndarray) -> np.ndarray:
    """Distances over the columns that two rows share, scaled up to all columns; inf if none.

    Parameters
    ----------
    X, Z : ndarrays of shape (n, d) and (m, d), NaN where missing

    Returns
    -------
    ndarray of shape (n, m)

    Examples
    --------
    >>> nan_distances(np.array([[0.0, np.nan]]), np.array([[3.0, 1.0], [np.nan, 1.0]]))
    array([[4.24264069,        inf]])
    """
    total, shared = np.zeros((len(X), len(Z))), np.zeros((len(X), len(Z)))
    for x, z in zip(X.T, Z.T, strict=True):
        square = np.subtract.outer(x, z) ** 2
        common = ~np.isnan(square)
        total += np.where(common, square, 0.0)
        shared += common
    total *= X.shape[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(shared > 0, np.sqrt(total / shared), np.inf)


def neighbor_weights(distances: np.ndarray, k: int, weights: str) -> np.ndarray:
    """Weight of each candidate: 0 beyond the k nearest, 1 or 1 / distance within.

    Examples
    --------
    >>> neighbor_weights(np.array([[2.0, 1.0, 2.0, np.inf]]), 2, "uniform")
    array([[1., 1., 0., 0.]])
    """
    k = min(k, distances.shape[1])
    limit = np.partition(distances, k - 1, axis=1)[:, k - 1 : k]
    nearest = distances < limit
    tied = (distances == limit) & np.isfinite(limit)
    room = k - nearest.sum(axis=1, keepdims=True)
    nearest |= tied & (np.cumsum(tied, axis=1) <= room)  # ties: the lowest index first
    if weights == "uniform":
        return nearest.astype(np.float64)
    same = nearest & (distances == 0)
    with np.errstate(divide="ignore"):
        inverse = np.where(nearest, 1 / distances, 0.0)
    return np.where(same.any(axis=1, keepdims=True), same, inverse)
