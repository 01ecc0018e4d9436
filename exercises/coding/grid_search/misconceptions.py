"""Wrong solutions that people really write; each name and first line go to the learner."""

import numpy as np


def _folds(n, n_folds):
    rows = np.arange(n)
    return [(np.setdiff1d(rows, test), test) for test in np.array_split(rows, n_folds)]


def _fit(powers, y, alpha):
    centre, mean = powers.mean(axis=0), y.mean()
    A = powers - centre
    w = np.linalg.solve(A.T @ A + alpha * np.eye(A.shape[1]), A.T @ (y - mean))
    return lambda others: mean + (others - centre) @ w


def _powers(x, degree):
    return x[:, None] ** np.arange(1, degree + 1)


def _mean_of_folds(errors):
    return np.mean([np.mean(of_fold) for of_fold in errors])


def _table(x, y, degrees, alphas, folds, fit, average):
    x, y = np.asarray(x, float), np.asarray(y, float)
    table = np.zeros((len(degrees), len(alphas)))
    for i, degree in enumerate(degrees):
        powers = _powers(x, degree)
        for j, alpha in enumerate(alphas):
            errors = []
            for train, test in folds:
                predict = fit(powers[train], y[train], alpha)
                errors.append((y[test] - predict(powers[test])) ** 2)
            table[i, j] = average(errors)
    return table


def _simplest(table, degrees, alphas):
    tied = np.argwhere(table <= table.min() + 1e-9)
    i, j = min(tied, key=lambda pair: (degrees[pair[0]], -alphas[pair[1]]))
    return degrees[i], alphas[j]


def _search(x, y, degrees, alphas, n_folds, fit=_fit, folds=None, average=_mean_of_folds):
    folds = _folds(len(x), n_folds) if folds is None else folds
    table = _table(x, y, degrees, alphas, folds, fit, average)
    return *_simplest(table, degrees, alphas), table


def judged_on_the_training_rows(x, y, degrees, alphas, n_folds):
    """The error is that of the training rows: judge each model on the rows it has not seen."""
    folds = [(train, train) for train, _ in _folds(len(x), n_folds)]
    return _search(x, y, degrees, alphas, n_folds, folds=folds)


def fitted_on_all_rows(x, y, degrees, alphas, n_folds):
    """The models were fitted on all rows, test fold included: leave the test fold out."""
    everything = np.arange(len(x))
    folds = [(everything, test) for _, test in _folds(len(x), n_folds)]
    return _search(x, y, degrees, alphas, n_folds, folds=folds)


def centred_before_the_split(x, y, degrees, alphas, n_folds):
    """Powers and y were centred by the means of all rows: use those of the training rows."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    table = np.zeros((len(degrees), len(alphas)))
    for i, degree in enumerate(degrees):
        powers = _powers(x, degree)
        A, b = powers - powers.mean(axis=0), y - y.mean()
        for j, alpha in enumerate(alphas):
            for train, test in _folds(len(x), n_folds):
                gram = A[train].T @ A[train] + alpha * np.eye(degree)
                w = np.linalg.solve(gram, A[train].T @ b[train])
                table[i, j] += np.mean((b[test] - A[test] @ w) ** 2) / n_folds
    return *_simplest(table, degrees, alphas), table


def intercept_penalised(x, y, degrees, alphas, n_folds):
    """The intercept was penalised like the other coefficients: leave it free."""

    def fit(powers, y, alpha):
        A = np.column_stack([np.ones(len(y)), powers])
        w = np.linalg.solve(A.T @ A + alpha * np.eye(A.shape[1]), A.T @ y)
        return lambda others: w[0] + others @ w[1:]

    return _search(x, y, degrees, alphas, n_folds, fit)


def no_intercept(x, y, degrees, alphas, n_folds):
    """The model has no intercept: c is part of it, and free."""

    def fit(powers, y, alpha):
        w = np.linalg.solve(powers.T @ powers + alpha * np.eye(powers.shape[1]), powers.T @ y)
        return lambda others: others @ w

    return _search(x, y, degrees, alphas, n_folds, fit)


def penalty_times_n(x, y, degrees, alphas, n_folds):
    """The penalty was multiplied by n, as if the loss were a mean: it is added to the sum."""
    fit = lambda powers, y, alpha: _fit(powers, y, alpha * len(y))  # noqa: E731
    return _search(x, y, degrees, alphas, n_folds, fit)


def remainder_never_tested(x, y, degrees, alphas, n_folds):
    """The last n % n_folds rows are in no test fold: the first folds have one row more."""
    rows, size = np.arange(len(x)), len(x) // n_folds
    tests = [rows[size * fold : size * (fold + 1)] for fold in range(n_folds)]
    folds = [(np.setdiff1d(rows, test), test) for test in tests]
    return _search(x, y, degrees, alphas, n_folds, folds=folds)


def remainder_in_the_last_fold(x, y, degrees, alphas, n_folds):
    """The last fold has all the remaining rows: the first folds have one row more each."""
    rows, size = np.arange(len(x)), len(x) // n_folds
    tests = np.split(rows, [size * fold for fold in range(1, n_folds)])
    folds = [(np.setdiff1d(rows, test), test) for test in tests]
    return _search(x, y, degrees, alphas, n_folds, folds=folds)


def every_row_counts_the_same(x, y, degrees, alphas, n_folds):
    """The squared errors of all rows were averaged: average within each fold, then the folds."""
    pooled = lambda errors: np.concatenate(errors).mean()  # noqa: E731
    return _search(x, y, degrees, alphas, n_folds, average=pooled)


def errors_summed_over_the_folds(x, y, degrees, alphas, n_folds):
    """The folds' errors were summed: divide by the number of folds."""
    total = lambda errors: n_folds * _mean_of_folds(errors)  # noqa: E731
    return _search(x, y, degrees, alphas, n_folds, average=total)


def root_of_the_error(x, y, degrees, alphas, n_folds):
    """The root of the mean squared error was averaged: average the squares."""
    root = lambda errors: np.mean([np.sqrt(np.mean(of_fold)) for of_fold in errors])  # noqa: E731
    return _search(x, y, degrees, alphas, n_folds, average=root)


def highest_error_chosen(x, y, degrees, alphas, n_folds):
    """The pair with the highest error was chosen: it is an error, so lower is better."""
    _, _, table = _search(x, y, degrees, alphas, n_folds)
    i, j = np.unravel_index(np.argmax(table), table.shape)
    return degrees[i], alphas[j], table


def one_after_the_other(x, y, degrees, alphas, n_folds):
    """The degree was chosen for the first alpha, then the alpha for it: compare all pairs."""
    _, _, table = _search(x, y, degrees, alphas, n_folds)
    degree, _ = _simplest(table[:, :1], degrees, alphas[:1])
    i = list(degrees).index(degree)
    _, alpha = _simplest(table[i : i + 1], [degree], alphas)
    return degree, alpha, table


def first_of_the_tied(x, y, degrees, alphas, n_folds):
    """Of tied pairs the first of the grid was chosen: choose lowest degree, then largest alpha."""
    _, _, table = _search(x, y, degrees, alphas, n_folds)
    i, j = np.argwhere(table <= table.min() + 1e-9)[0]
    return degrees[i], alphas[j], table


def smallest_alpha_of_the_tied(x, y, degrees, alphas, n_folds):
    """Of tied pairs the smallest alpha was chosen: the largest is the simpler model."""
    _, _, table = _search(x, y, degrees, alphas, n_folds)
    tied = np.argwhere(table <= table.min() + 1e-9)
    i, j = min(tied, key=lambda pair: (degrees[pair[0]], alphas[pair[1]]))
    return degrees[i], alphas[j], table


def largest_alpha_before_lowest_degree(x, y, degrees, alphas, n_folds):
    """Of tied pairs the largest alpha was chosen first: compare the degree before the alpha."""
    _, _, table = _search(x, y, degrees, alphas, n_folds)
    tied = np.argwhere(table <= table.min() + 1e-9)
    i, j = min(tied, key=lambda pair: (-alphas[pair[1]], degrees[pair[0]]))
    return degrees[i], alphas[j], table


def places_returned(x, y, degrees, alphas, n_folds):
    """Positions in the grid were returned: return the degree and the alpha themselves."""
    degree, alpha, table = _search(x, y, degrees, alphas, n_folds)
    return list(degrees).index(degree), list(alphas).index(alpha), table


def table_transposed(x, y, degrees, alphas, n_folds):
    """The table is transposed: one row a degree, one column an alpha."""
    degree, alpha, table = _search(x, y, degrees, alphas, n_folds)
    return degree, alpha, table.T


def ties_within_a_share(x, y, degrees, alphas, n_folds):
    """Ties are judged by a share of the lowest error: the task gives the tolerance as it is."""
    _, _, table = _search(x, y, degrees, alphas, n_folds)
    tied = np.argwhere(table <= table.min() * (1 + 1e-9))
    i, j = min(tied, key=lambda pair: (degrees[pair[0]], -alphas[pair[1]]))
    return degrees[i], alphas[j], table
