"""Correct solutions in other styles: the checks must accept every one."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd


def with_loops(X, y, k):
    n = len(y)
    scores, start = [], 0
    for fold in range(k):
        stop = start + n // k + (1 if fold < n % k else 0)
        train = [i for i in range(n) if not start <= i < stop]
        A = np.array([[1.0, *X[i]] for i in train])
        weights = np.linalg.solve(A.T @ A, A.T @ np.array([y[i] for i in train]))
        errors = [weights[0] + sum(weights[1:] * X[i]) - y[i] for i in range(start, stop)]
        scores.append(sum(e * e for e in errors) / len(errors))
        start = stop
    return scores


def with_means_of_the_training_rows(X, y, k):
    """The intercept by centring, with the means of the training rows only."""
    n = len(y)
    edges = [fold * (n // k) + min(fold, n % k) for fold in range(k + 1)]
    scores = np.empty(k)
    for fold, (start, stop) in enumerate(pairwise(edges)):
        train = np.r_[:start, stop:n]
        x_mean, y_mean = X[train].mean(axis=0), y[train].mean()
        slope = np.linalg.pinv(X[train] - x_mean) @ (y[train] - y_mean)
        scores[fold] = np.square((X[start:stop] - x_mean) @ slope + y_mean - y[start:stop]).mean()
    return scores


def with_the_gram_matrix(X, y, k):
    """The whole matrix of products minus the fold's own: one pass over the data."""
    A = np.hstack([np.ones((len(X), 1)), X])
    gram, moment = A.T @ A, A.T @ y
    scores = []
    for A_test, y_test in zip(np.array_split(A, k), np.array_split(y, k), strict=True):
        weights = np.linalg.solve(gram - A_test.T @ A_test, moment - A_test.T @ y_test)
        scores.append(np.mean((A_test @ weights - y_test) ** 2))
    return tuple(scores)


def with_pandas(X, y, k):
    rows = pd.DataFrame(X).assign(one=1.0)
    sizes = [len(part) for part in np.array_split(range(len(y)), k)]
    fold = pd.Series(np.repeat(range(k), sizes))
    squares = pd.Series(0.0, index=rows.index)
    for each in range(k):
        out = fold == each
        weights = np.linalg.lstsq(rows[~out].to_numpy(), np.asarray(y)[~out])[0]
        squares[out] = (rows[out].to_numpy() @ weights - np.asarray(y)[out]) ** 2
    return squares.groupby(fold).mean()
