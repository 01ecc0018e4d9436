"""Principal component analysis: the directions along which the rows vary most."""

from __future__ import annotations

import numpy as np


def pca(X: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Project the rows of X on the k directions along which they vary most.

    Returns (scores (n, k), components (k, d), variances (k,)), largest variance first.
    """
    # >>> your code
    X = np.asarray(X, dtype=float)
    centred = X - X.mean(axis=0)
    # centred = U S Vt, so its covariance is V (S² / (n - 1)) Vt: no need to form it
    _, singular, Vt = np.linalg.svd(centred, full_matrices=False)
    components = Vt[:k]
    variances = singular[:k] ** 2 / (len(X) - 1)
    return centred @ components.T, components, variances
    # <<< your code
