"""K-fold cross-validation of a linear regression: the test error of every fold."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def kfold_mse(X: ArrayLike, y: ArrayLike, k: int) -> NDArray[np.float64]:
    """Mean squared error on each of k contiguous folds, of a model fitted to the others.

    Parameters
    ----------
    X : array-like of shape (n, d)
        Features.
    y : array-like of shape (n,)
        Targets.
    k : int
        Folds; the first n mod k have one row more.

    Returns
    -------
    ndarray of shape (k,)
        In the unit of ``y`` squared.
    """
    # >>> your code
    features = np.asarray(X, dtype=float)
    design = np.column_stack([np.ones(len(features)), features])  # the intercept's column first
    targets = np.asarray(y, dtype=float)
    scores = []
    for test in np.array_split(np.arange(len(targets)), k):  # the first folds take the remainder
        X_train = np.delete(design, test, axis=0)
        y_train = np.delete(targets, test)
        weights, *_ = np.linalg.lstsq(X_train, y_train)
        scores.append(np.mean((design[test] @ weights - targets[test]) ** 2))
    return np.array(scores)
    # <<< your code
