"""Wrong solutions that no message names: every run of the checks must reject each of them."""

from __future__ import annotations

import itertools

import numpy as np


def _error(x, y, degree, alpha, borders, dtype=float):
    found = []
    for start, stop in itertools.pairwise(borders):
        test = np.arange(start, stop)
        train = np.setdiff1d(np.arange(len(x)), test)
        powers = (
            np.asarray(x, dtype=dtype)[:, None] ** np.arange(1, degree + 1, dtype=dtype)
        ).astype(float)
        means, middle = powers[train].mean(axis=0), np.mean(y[train])
        A, b = powers[train] - means, y[train] - middle
        w = np.linalg.solve(A.T @ A + alpha * np.eye(degree), A.T @ b)
        found.append(np.mean((middle + (powers[test] - means) @ w - y[test]) ** 2))
    return float(np.mean(found))


def _borders(n, k):
    return np.cumsum([0, *(n // k + (fold < n % k) for fold in range(k))])


def _search(x, y, degrees, alphas, borders, room=1e-9, best=None, dtype=float):
    x, y = np.asarray(x), np.asarray(y, dtype=float)
    errors = [[_error(x, y, d, a, borders, dtype) for a in alphas] for d in degrees]
    table = np.array(errors)
    tied = np.argwhere(table <= table.min() + (room(table.min()) if callable(room) else room))
    pairs = [(degrees[i], alphas[j]) for i, j in tied]
    degree, alpha = (best or (lambda p: min(p, key=lambda q: (q[0], -q[1]))))(pairs)
    return degree, alpha, table


def tie_in_proportion(x, y, degrees, alphas, n_folds):
    """Errors within a millionth of the lowest, in proportion, count as tied."""
    borders = _borders(len(x), n_folds)
    return _search(x, y, degrees, alphas, borders, room=lambda lowest: 1e-6 * lowest)


def first_of_the_tied_in_the_given_order(x, y, degrees, alphas, n_folds):
    """Of the tied pairs the first in the order of the lists is taken."""
    return _search(x, y, degrees, alphas, _borders(len(x), n_folds), best=lambda pairs: pairs[0])


def smallest_alpha_of_the_lowest_degree(x, y, degrees, alphas, n_folds):
    """Of the tied pairs of the lowest degree the smallest penalty is taken."""
    return _search(x, y, degrees, alphas, _borders(len(x), n_folds), best=min)


def folds_with_borders_evenly_spaced(x, y, degrees, alphas, n_folds):
    """The rows that are left over are spread over the folds, not given to the first ones."""
    borders = np.linspace(0, len(x), n_folds + 1).astype(int)
    return _search(x, y, degrees, alphas, borders)


def powers_in_the_type_of_x(x, y, degrees, alphas, n_folds):
    """Powers of small whole numbers are computed in their own type and wrap."""
    return _search(x, y, degrees, alphas, _borders(len(x), n_folds), dtype=np.asarray(x).dtype)
