"""Classification by a vote of the nearest neighbours."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassifierMixin, _fit_context

from mlsd_kit._validation import class_labels, validate_data
from mlsd_kit.neighbors._base import NeighborsBase
from mlsd_kit.neighbors.search import Array


class KNeighborsClassifier(ClassifierMixin, NeighborsBase):
    """Classifier that lets the ``n_neighbors`` nearest training rows vote.

    Exact Euclidean neighbours by brute force (see `nearest`). Ties: of equally distant rows the
    lower row number is the nearer, of classes with equal votes the lower one (in the order of
    ``classes_``) wins.

    Parameters
    ----------
    n_neighbors : int
        Rows that vote.
    weights : "uniform", "distance", callable or None
        One vote each (None too); 1 / distance (rows at distance 0 then decide alone); or a function
        from the distances (n, n_neighbors) to weights of the same shape, some of each row positive.

    Attributes
    ----------
    classes_ : ndarray (n_classes,)
    n_samples_fit_ : int

    Examples
    --------
    >>> model = KNeighborsClassifier(3).fit([[0.0], [1.0], [2.0], [9.0]], ["a", "a", "b", "b"])
    >>> model.predict([[1.6]]).item()
    'a'
    >>> model.predict_proba([[1.6]]).round(3)
    array([[0.667, 0.333]])
    """

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Store the rows ``X`` (n, d) and their labels ``y`` (n,)."""
        rows, labels = validate_data(self, X, y, dtype=[np.float64, np.float32], order="C")
        self.classes_, self._codes = np.unique(class_labels(labels), return_inverse=True)
        self._store(rows)
        return self

    def predict_proba(self, X: ArrayLike | None) -> Array:
        """Share of the vote of every class, in the order of ``classes_``: (n, n_classes).

        ``None`` for ``X``: of every training row, by the others.
        """
        votes = self._votes(X)
        votes /= votes.sum(axis=1, keepdims=True)
        return votes

    def predict(self, X: ArrayLike | None) -> NDArray[Any]:
        """Class with the most votes for each row of ``X`` (n, d)."""
        winners = self._votes(X).argmax(axis=1)
        return self.classes_[winners]

    def _votes(self, X: ArrayLike | None) -> Array:
        weights, indices = self._neighbours(X)
        n, n_classes = len(indices), len(self.classes_)
        ballots = self._codes[indices] + n_classes * np.arange(n)[:, None]
        votes = np.bincount(
            ballots.ravel(),
            weights=None if weights is None else weights.ravel(),
            minlength=n * n_classes,
        )
        return votes.reshape(n, n_classes).astype(np.float64)
