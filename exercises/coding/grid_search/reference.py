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
    # >>> your code
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    rows = np.arange(len(x))
    table = np.zeros((len(degrees), len(alphas)))
    for test in np.array_split(rows, n_folds):
        train = np.setdiff1d(rows, test)
        for i, degree in enumerate(degrees):
            powers = x[:, None] ** np.arange(1, degree + 1)
            centre, mean = powers[train].mean(axis=0), y[train].mean()
            A = powers[train] - centre
            gram, moments = A.T @ A, A.T @ (y[train] - mean)  # the same for every alpha
            for j, alpha in enumerate(alphas):
                w = np.linalg.solve(gram + alpha * np.eye(degree), moments)
                errors = y[test] - mean - (powers[test] - centre) @ w
                table[i, j] += np.mean(errors**2) / n_folds
    tied = np.argwhere(table <= table.min() + 1e-9)
    i, j = min(tied, key=lambda pair: (degrees[pair[0]], -alphas[pair[1]]))
    return degrees[i], alphas[j], table
    # <<< your code
