"""Wrong solutions that no message names: every run of the checks must reject each of them."""

from __future__ import annotations

import itertools

import numpy as np


def _kfold(X, y, borders, dtype=float):
    found = []
    for start, stop in itertools.pairwise(borders):
        test = np.zeros(len(y), dtype=bool)
        test[start:stop] = True
        design = np.column_stack([np.ones(len(y)), X]).astype(dtype)
        coefficients = np.linalg.lstsq(design[~test], y[~test].astype(dtype), rcond=None)[0]
        found.append(np.mean((design[test] @ coefficients - y[test]) ** 2))
    return np.array(found)


def _borders(n, k):
    return np.cumsum([0, *(n // k + (fold < n % k) for fold in range(k))])


def borders_evenly_spaced(X, y, k):
    """The rows that are left over are spread over the folds, not given to the first ones."""
    return _kfold(np.asarray(X), np.asarray(y), np.linspace(0, len(y), k + 1).astype(int))


def all_left_over_rows_in_the_first_fold(X, y, k):
    """The first fold has all the rows that are left over."""
    n = len(y)
    return _kfold(np.asarray(X), np.asarray(y), [0, *(n - n // k * np.arange(k)[::-1])])


def in_single_precision(X, y, k):
    """The models are fitted in 32 bits."""
    return _kfold(np.asarray(X), np.asarray(y), _borders(len(y), k), np.float32)


def centres_the_given_rows(X, y, k):
    """The rows are centred where they stand: the caller's array is changed."""
    found = _kfold(np.asarray(X), np.asarray(y), _borders(len(y), k))
    if isinstance(X, np.ndarray):
        X -= X.mean(axis=0).astype(X.dtype)
    return found
