"""Principal component analysis: the directions along which the rows vary most."""

from __future__ import annotations

import numpy as np


def pca(X: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Project the rows of X on the k directions along which they vary most.

    Returns (scores (n, k), components (k, d), variances (k,)), largest variance first.
    """
    raise NotImplementedError("write pca")
