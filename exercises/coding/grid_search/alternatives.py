"""Correct solutions in other styles: the checks must accept every one."""

import math
from itertools import product

import numpy as np
import pandas as pd


def with_loops(x, y, degrees, alphas, n_folds):
    """Rows in lists; the intercept is one more unknown, with penalty 0."""
    n = len(x)
    sizes = [n // n_folds + (fold < n % n_folds) for fold in range(n_folds)]
    table = [[0.0] * len(alphas) for _ in degrees]
    for fold in range(n_folds):
        start = sum(sizes[:fold])
        test = range(start, start + sizes[fold])
        for (i, degree), (j, alpha) in product(enumerate(degrees), enumerate(alphas)):
            rows = [[float(x[r]) ** p for p in range(degree + 1)] for r in range(n)]
            left = [[0.0] * (degree + 1) for _ in range(degree + 1)]
            right = [0.0] * (degree + 1)
            for r in range(n):
                if r in test:
                    continue
                for p in range(degree + 1):
                    right[p] += rows[r][p] * y[r]
                    for q in range(degree + 1):
                        left[p][q] += rows[r][p] * rows[r][q]
            for p in range(1, degree + 1):
                left[p][p] += alpha
            w = np.linalg.solve(left, right)
            squares = [
                (y[r] - sum(a * b for a, b in zip(w, rows[r], strict=True))) ** 2 for r in test
            ]
            table[i][j] += sum(squares) / len(squares) / n_folds
    lowest = min(map(min, table))
    best = None
    for (i, degree), (j, alpha) in product(enumerate(degrees), enumerate(alphas)):
        simpler = best is None or (degree, -alpha) < (best[0], -best[1])
        if table[i][j] <= lowest + 1e-9 and simpler:
            best = degree, alpha
    return *best, table


def with_numpy(x, y, degrees, alphas, n_folds):
    """One singular value decomposition a fold and degree serves every alpha."""
    x, y, alphas = np.array(x, dtype=float), np.array(y, dtype=float), np.array(alphas)
    errors = np.empty((n_folds, len(degrees), len(alphas)))
    for fold, test in enumerate(np.array_split(np.arange(len(x)), n_folds)):
        train = np.ones(len(x), dtype=bool)
        train[test] = False
        for i, degree in enumerate(degrees):
            powers = np.vander(x, degree + 1, increasing=True)[:, 1:]
            means = powers[train].mean(axis=0)
            U, s, Vt = np.linalg.svd(powers[train] - means, full_matrices=False)
            shrunk = (s / (s**2 + alphas[:, None])) * (U.T @ (y[train] - y[train].mean()))
            predicted = y[train].mean() + (shrunk @ Vt) @ (powers[test] - means).T
            errors[fold, i] = ((y[test] - predicted) ** 2).mean(axis=1)
    table = errors.mean(axis=0)
    order = np.lexsort((np.tile(-alphas, len(degrees)), np.repeat(degrees, len(alphas))))
    best = next(place for place in order if table.flat[place] <= table.min() + 1e-9)
    return degrees[best // len(alphas)], alphas[best % len(alphas)], table


def with_pandas(x, y, degrees, alphas, n_folds):
    """A long table of pair, fold and error; the winner by sorting."""
    frame = pd.DataFrame({"x": x, "y": y}, dtype=float)
    fold_of = np.repeat(np.arange(n_folds), [len(p) for p in np.array_split(frame, n_folds)])
    records = []
    for degree, alpha, fold in product(degrees, alphas, range(n_folds)):
        powers = pd.concat([frame["x"] ** p for p in range(1, degree + 1)], axis=1).to_numpy()
        train, test = fold_of != fold, fold_of == fold
        # the penalty as extra rows of a least squares problem; the intercept has none
        A = np.column_stack([np.ones(train.sum()), powers[train]])
        extra = np.column_stack([np.zeros(degree), math.sqrt(alpha) * np.eye(degree)])
        y_extended = np.append(frame["y"].to_numpy()[train], np.zeros(degree))
        w, *_ = np.linalg.lstsq(np.vstack([A, extra]), y_extended, rcond=None)
        errors = frame["y"].to_numpy()[test] - w[0] - powers[test] @ w[1:]
        records.append((degree, alpha, fold, np.mean(errors**2)))
    long = pd.DataFrame(records, columns=["degree", "alpha", "fold", "error"])
    mean = long.groupby(["degree", "alpha"], sort=False)["error"].mean()
    tied = mean[mean <= mean.min() + 1e-9].reset_index()
    best = tied.sort_values(["degree", "alpha"], ascending=[True, False]).iloc[0]
    return int(best["degree"]), best["alpha"], mean.unstack().loc[degrees, alphas].to_numpy()


def with_scikit_learn(x, y, degrees, alphas, n_folds):
    """The library's pipeline, grid and folds."""
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import KFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures

    X, table = np.asarray(x, dtype=float)[:, None], {}
    for degree, alpha in product(degrees, alphas):
        expand = PolynomialFeatures(degree, include_bias=False)
        model = make_pipeline(expand, Ridge(alpha=alpha, solver="svd"))
        scores = cross_val_score(model, X, y, cv=KFold(n_folds), scoring="neg_mean_squared_error")
        table[degree, alpha] = -scores.mean()
    lowest = min(table.values())
    tied = [pair for pair, error in table.items() if error <= lowest + 1e-9]
    degree, alpha = min(tied, key=lambda pair: (pair[0], -pair[1]))
    return degree, alpha, [[table[d, a] for a in alphas] for d in degrees]
