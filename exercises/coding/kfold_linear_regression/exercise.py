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
    raise NotImplementedError("write kfold_mse")
