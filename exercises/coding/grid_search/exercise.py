"""Grid search over two hyper-parameters, judged by cross-validation."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def grid_search(
    x: ArrayLike, y: ArrayLike, degrees: list[int], alphas: list[float], n_folds: int
) -> tuple[int, float, np.ndarray]:
    """The degree and ridge penalty of a polynomial with the lowest cross-validated error.

    Parameters
    ----------
    x, y : array-like of shape (n,)
    degrees : list of g int
    alphas : list of a float
    n_folds : int

    Returns
    -------
    best_degree, best_alpha, table
        The best pair, and the mean test error of every pair, shape (g, a).
    """
    raise NotImplementedError("write grid_search")
