"""What the two estimators share: storing the rows, and finding neighbours among them."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from mlsd_kit._validation import validate_data
from mlsd_kit.neighbors.search import Array, check_k, search
from mlsd_kit.neighbors.weights import Weights, neighbour_weights


class NeighborsBase(BaseEstimator):
    """Brute-force nearest neighbours under scikit-learn's contract."""

    _parameter_constraints = {
        "n_neighbors": [Interval(Integral, 1, None, closed="left")],
        "weights": [StrOptions({"uniform", "distance"}), callable, None],
    }
    _fit_X: NDArray[Any]

    def __init__(self, n_neighbors: int = 5, *, weights: Weights | None = "uniform") -> None:
        self.n_neighbors = n_neighbors
        self.weights = weights

    def _store(self, X: NDArray[Any]) -> None:
        self._fit_X = X
        self.n_samples_fit_ = len(X)

    def kneighbors(
        self,
        X: ArrayLike | None = None,
        n_neighbors: int | None = None,
        return_distance: bool = True,
    ) -> Any:
        """Find the nearest training rows of each row of ``X``, nearest first.

        Parameters
        ----------
        X : array-like (n_queries, d), optional
            Without it, the neighbours of every training row, which is no neighbour of itself.
        n_neighbors : int, optional
            Instead of the estimator's own.
        return_distance : bool
            Whether to return the distances too.

        Returns
        -------
        distances : ndarray (n_queries, n_neighbors)
            Only if ``return_distance``.
        indices : ndarray of int (n_queries, n_neighbors)
            Equal distances: the lower row number first.

        Raises
        ------
        ValueError
            If there are fewer training rows than neighbours asked for.
        """
        check_is_fitted(self, "_fit_X")
        k = self.n_neighbors if n_neighbors is None else n_neighbors
        if X is None:
            k = check_k(k, self.n_samples_fit_ - 1)
            distances, indices = search(self._fit_X, self._fit_X, k, exclude_self=True)
        else:
            queries = validate_data(self, X, dtype=[np.float64, np.float32], order="C", reset=False)
            distances, indices = search(self._fit_X, queries, check_k(k, self.n_samples_fit_))
        return (distances, indices) if return_distance else indices

    def _neighbours(self, X: ArrayLike | None) -> tuple[Array | None, NDArray[np.intp]]:
        """Weight of each neighbour (None: all weigh the same), and its row number."""
        distances, indices = self.kneighbors(X)
        weights = neighbour_weights(distances, self.weights or "uniform")
        if weights is not None and (weights.sum(axis=1) == 0.0).any():
            raise ValueError("weights leaves a row without neighbours; return a positive weight.")
        return weights, indices
