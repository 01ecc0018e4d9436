"""The bug of this variant; its name and first line go to the learner who has not found it."""

from __future__ import annotations

import numpy as np


def one_mean_for_the_whole_table(
    X: np.ndarray, k: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One mean over the whole table was subtracted: each column has a mean of its own."""
    centred = np.asarray(X, dtype=float) - np.mean(X)
    _, singular, Vt = np.linalg.svd(centred, full_matrices=False)
    return centred @ Vt[:k].T, Vt[:k], singular[:k] ** 2 / (len(centred) - 1)
