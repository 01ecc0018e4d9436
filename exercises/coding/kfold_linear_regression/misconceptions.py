"""Wrong solutions that people really write; each name and first line go to the learner."""

from __future__ import annotations

import numpy as np


def _fit(X, y):
    return np.linalg.lstsq(np.column_stack([np.ones(len(X)), X]), y)[0]


def _predict(X, weights):
    return weights[0] + X @ weights[1:]


def _mse(X, y, weights):
    return np.mean((_predict(X, weights) - y) ** 2)


def _folds(n, k):
    return np.array_split(np.arange(n), k)


def _cross_validate(X, y, folds, score=_mse):
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    scores = []
    for test in folds:
        train = np.setdiff1d(np.arange(len(y)), test)
        scores.append(score(X[test], y[test], _fit(X[train], y[train])))
    return np.array(scores)


def _blocks(sizes):
    ends = np.cumsum(sizes)
    return [np.arange(end - size, end) for size, end in zip(sizes, ends, strict=True)]


def remainder_is_never_tested(X, y, k):
    """The last n % k rows are in no test fold: spread the remainder over the first folds."""
    return _cross_validate(X, y, _blocks([len(y) // k] * k))


def remainder_is_thrown_away(X, y, k):
    """The last n % k rows are cut off and used nowhere: spread the remainder over the
    first folds.
    """
    kept = len(y) // k * k
    return _cross_validate(X[:kept], y[:kept], _folds(kept, k))


def last_fold_takes_the_remainder(X, y, k):
    """The last fold takes the whole remainder: give one row more to each of the first n %
    k folds.
    """
    size = len(y) // k
    return _cross_validate(X, y, _blocks([size] * (k - 1) + [len(y) - size * (k - 1)]))


def last_folds_take_the_remainder(X, y, k):
    """The last n % k folds have the extra row: give it to the first ones."""
    return _cross_validate(X, y, _blocks([len(fold) for fold in _folds(len(y), k)][::-1]))


def every_kth_row(X, y, k):
    """The folds are rows i, i + k, i + 2k …: take contiguous blocks."""
    return _cross_validate(X, y, [np.arange(at, len(y), k) for at in range(k)])


def shuffled_before_the_split(X, y, k):
    """The rows are shuffled before the split: keep their order."""
    order = np.random.default_rng(0).permutation(len(y))
    return _cross_validate(X, y, np.array_split(order, k))


def no_intercept(X, y, k):
    """The model has no intercept, so it must pass through the origin: add a column of ones."""
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    scores = []
    for test in _folds(len(y), k):
        weights = np.linalg.lstsq(np.delete(X, test, axis=0), np.delete(y, test))[0]
        scores.append(np.mean((X[test] @ weights - y[test]) ** 2))
    return np.array(scores)


def centred_before_the_split(X, y, k):
    """X and y are centred with means over all rows, test rows included: compute the means
    per fold.
    """
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    return no_intercept(X - X.mean(axis=0), y - y.mean(), k)


def fitted_to_all_rows(X, y, k):
    """The model has seen the test rows: fit it anew for each fold, without them."""
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    weights = _fit(X, y)
    return np.array([_mse(X[test], y[test], weights) for test in _folds(len(y), k)])


def training_error(X, y, k):
    """The error is taken on the rows that the model was fitted to: take it on the fold left out."""
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    scores = []
    for test in _folds(len(y), k):
        X_train, y_train = np.delete(X, test, axis=0), np.delete(y, test)
        scores.append(_mse(X_train, y_train, _fit(X_train, y_train)))
    return np.array(scores)


def train_and_test_swapped(X, y, k):
    """The model is fitted to one fold and tested on the others: it is the other way round."""
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    scores = []
    for fold in _folds(len(y), k):
        weights = _fit(X[fold], y[fold])
        scores.append(_mse(np.delete(X, fold, axis=0), np.delete(y, fold), weights))
    return np.array(scores)


def only_earlier_folds_train(X, y, k):
    """Only the folds before the test fold train, as for a time series: use all the others."""
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    scores = []
    for test in _folds(len(y), k):
        start = test[0] or len(y)
        scores.append(_mse(X[test], y[test], _fit(X[:start], y[:start])))
    return np.array(scores)


def root_of_the_error(X, y, k):
    """The root of the mean squared error is returned: return the mean of the squares."""
    return np.sqrt(_cross_validate(X, y, _folds(len(y), k)))


def sum_of_the_squares(X, y, k):
    """The squares are summed over the fold: take their mean."""
    score = _cross_validate(X, y, _folds(len(y), k))
    return score * [len(fold) for fold in _folds(len(y), k)]


def squares_divided_by_all_rows(X, y, k):
    """A fold's squares are divided by all n rows: divide by the rows of that fold."""
    return sum_of_the_squares(X, y, k) / len(y)


def mean_absolute_error(X, y, k):
    """The errors are averaged without squaring: square them."""

    def score(X, y, weights):
        return np.mean(np.abs(_predict(X, weights) - y))

    return _cross_validate(X, y, _folds(len(y), k), score)


def one_number_for_all_folds(X, y, k):
    """The scores are averaged: return one score for each fold."""
    return float(np.mean(_cross_validate(X, y, _folds(len(y), k))))
