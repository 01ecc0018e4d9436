"""Regression by the mean of the nearest neighbours."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import MultiOutputMixin, RegressorMixin, _fit_context

from mlsd_kit._validation import validate_data
from mlsd_kit.neighbors._base import NeighborsBase


class KNeighborsRegressor(MultiOutputMixin, RegressorMixin, NeighborsBase):
    """Regressor that averages the targets of the ``n_neighbors`` nearest training rows.

    Parameters
    ----------
    n_neighbors : int
        Rows that are averaged.
    weights : "uniform", "distance", callable or None
        As in `KNeighborsClassifier`.

    Attributes
    ----------
    n_samples_fit_ : int

    Examples
    --------
    >>> model = KNeighborsRegressor(2).fit([[0.0], [1.0], [5.0]], [10.0, 20.0, 90.0])
    >>> model.predict([[0.4]])
    array([15.])
    """

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Store the rows ``X`` (n, d) and their targets ``y`` (n,) or (n, n_targets)."""
        rows, targets = validate_data(
            self,
            X,
            y,
            dtype=[np.float64, np.float32],
            order="C",
            multi_output=True,
            y_numeric=True,
        )
        self._targets = np.asarray(targets)
        self._store(rows)
        return self

    def predict(self, X: ArrayLike | None) -> NDArray[Any]:
        """Mean target of the neighbours of each row of ``X`` (n, d): (n,) or (n, n_targets).

        ``None`` for ``X``: of every training row, by the others.
        """
        weights, indices = self._neighbours(X)
        targets = self._targets[indices]  # (n, k) or (n, k, n_targets)
        if weights is None:
            return targets.mean(axis=1)
        weighted = np.einsum("nk,nk...->n...", weights, targets)
        total = weights.sum(axis=1)
        predicted: NDArray[Any] = weighted / total.reshape(-1, *[1] * (targets.ndim - 2))
        return predicted
