"""Wrong solutions that people really write; each name and first line go to the learner."""

from __future__ import annotations

import numpy as np

Result = tuple[np.ndarray, np.ndarray, np.ndarray]


def _of_centred(centred: np.ndarray, k: int) -> Result:
    _, singular, Vt = np.linalg.svd(centred, full_matrices=False)
    return centred @ Vt[:k].T, Vt[:k], singular[:k] ** 2 / (len(centred) - 1)


def rows_not_centred(X: np.ndarray, k: int) -> Result:
    """The mean of each column was not subtracted: the first direction then points at the mean."""
    return _of_centred(np.asarray(X, dtype=float), k)


def rows_centred_on_their_own_mean(X: np.ndarray, k: int) -> Result:
    """Each row was centred on its own mean: subtract the mean of each column (axis=0)."""
    X = np.asarray(X, dtype=float)
    return _of_centred(X - X.mean(axis=1, keepdims=True), k)


def population_variance(X: np.ndarray, k: int) -> Result:
    """The variances were divided by n: the statement divides by n - 1."""
    X = np.asarray(X, dtype=float)
    scores, components, variances = _of_centred(X - X.mean(axis=0), k)
    return scores, components, variances * (len(X) - 1) / len(X)


def singular_values_as_variances(X: np.ndarray, k: int) -> Result:
    """Singular values were returned as variances: square them and divide by n - 1."""
    X = np.asarray(X, dtype=float)
    scores, components, variances = _of_centred(X - X.mean(axis=0), k)
    return scores, components, np.sqrt(variances * (len(X) - 1))


def smallest_variances_first(X: np.ndarray, k: int) -> Result:
    """The k smallest variances were kept: eigh sorts ascending, so take the last k, reversed."""
    X = np.asarray(X, dtype=float)
    centred = X - X.mean(axis=0)
    values, vectors = np.linalg.eigh(centred.T @ centred / (len(X) - 1))
    return centred @ vectors[:, :k], vectors[:, :k].T, values[:k]


def eigenvectors_read_as_rows(X: np.ndarray, k: int) -> Result:
    """Rows of the eigenvector matrix were taken: eigenvectors are its columns, so transpose it."""
    X = np.asarray(X, dtype=float)
    centred = X - X.mean(axis=0)
    values, vectors = np.linalg.eigh(centred.T @ centred / (len(X) - 1))
    components = vectors[:, ::-1][:k]
    return centred @ components.T, components, values[::-1][:k]


def scores_of_the_uncentred_rows(X: np.ndarray, k: int) -> Result:
    """The components are right but X itself was projected: project the centred rows."""
    X = np.asarray(X, dtype=float)
    _, components, variances = _of_centred(X - X.mean(axis=0), k)
    return X @ components.T, components, variances


def columns_standardised(X: np.ndarray, k: int) -> Result:
    """The columns were divided by their standard deviation: centre them, but do not scale them."""
    X = np.asarray(X, dtype=float)
    spread = X.std(axis=0)
    return _of_centred((X - X.mean(axis=0)) / np.where(spread > 0, spread, 1.0), k)
