"""Wrong solutions that no message names: every run of the checks must reject each of them."""

from __future__ import annotations

import numpy as np


def _pca(X, k, dtype=float, mean=lambda X: X.mean(axis=0)):
    centred = (X - mean(X)).astype(dtype)
    _, sizes, directions = np.linalg.svd(centred, full_matrices=False)
    return centred @ directions[:k].T, directions[:k], sizes[:k] ** 2 / (len(X) - 1)


def in_single_precision(X, k):
    """The centred rows are rounded to 32 bits."""
    return _pca(np.asarray(X), k, np.float32)


def whole_mean(X, k):
    """The mean of whole numbers is cut to a whole number."""
    X = np.asarray(X)
    whole = np.issubdtype(X.dtype, np.integer)
    return _pca(X, k, mean=lambda X: X.sum(axis=0) // len(X) if whole else X.mean(axis=0))


def no_direction_without_variation(X, k):
    """Directions of variance 0 are zeros instead of unit vectors."""
    scores, components, variances = _pca(np.asarray(X, dtype=float), k)
    flat = variances <= 1e-12 * variances.max()
    return scores, np.where(flat[:, None], 0.0, components), variances


def centred_in_the_type_of_the_rows(X, k):
    """Small whole numbers are centred in their own type and wrap."""
    X = np.asarray(X)
    _scores, components, variances = _pca(X, k)
    narrow = X - X.mean(axis=0).astype(X.dtype)
    return narrow @ components.T, components, variances
