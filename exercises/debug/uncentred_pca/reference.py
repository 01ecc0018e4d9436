"""Principal component analysis of picture embeddings."""

from __future__ import annotations

import numpy as np


def pca(X: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores (n, k), components (k, d) and variances (k,) of the k largest directions."""
    X = np.asarray(X, dtype=float)
    centred = X - X.mean(axis=0)  # one mean for each column
    _, singular, Vt = np.linalg.svd(centred, full_matrices=False)
    components = Vt[:k]
    scores = centred @ components.T
    variances = singular[:k] ** 2 / (len(X) - 1)
    return scores, components, variances
