"""Cross-validation of a linear model: all folds and all penalties from one pass over the data."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from sklearn.utils import assert_all_finite, check_array, check_consistent_length
from sklearn.utils.validation import column_or_1d

from mlsd_kit.model_selection import fold_factors as ff
from mlsd_kit.model_selection.validation import check_cv

MAX_CONDITION = 1e8
"""Of XᵀX + alpha: beyond it, the normal equations would keep fewer than half of the digits."""
MIN_RESIDUAL = 1e-7
"""Share of the squared error in the terms it is the difference of: below it, digits are lost."""


class RidgeScores(NamedTuple):
    """Scores of every penalty on every fold, and the best model fitted to all rows."""

    alphas: np.ndarray
    """(n_alphas,)"""
    scores: np.ndarray
    """(n_alphas, n_folds), of the test rows; larger is better."""
    mean_scores: np.ndarray
    """(n_alphas,)"""
    best_alpha: float
    """The first with the largest mean score."""
    coef: np.ndarray
    """(n_features,), fitted to all rows with ``best_alpha``."""
    intercept: float
    method: str
    """"gram", or "qr" where squaring the condition number would have cost the digits."""


def ridge_cv(
    X: Any,
    y: Any,
    alphas: Any = (0.1, 1.0, 10.0),
    cv: Any = 5,
    fit_intercept: bool = True,
    *,
    scoring: str = "r2",
) -> RidgeScores:
    """Cross-validate ridge regression for every alpha; alpha 0 is plain linear regression.

    The textbook fits n_folds x n_alphas models, each on almost all rows::

        for alpha in alphas:
            for train, test in KFold(5).split(X):
                model = Ridge(alpha).fit(X[train], y[train])
                scores.append(model.score(X[test], y[test]))

    But a fit needs of its rows only ZᵀZ, with Z = [1, X, y], and these add up: train = sum of
    the other folds' matrices. So one pass over the data makes one small matrix a fold; one
    eigendecomposition XᵀX = QΛQᵀ a fold solves every alpha, w = Q (Λ + alpha)⁻¹ Qᵀ Xᵀy; and the
    squared error on the test fold is vᵀ(ZᵀZ)v with v = [-intercept, -w, 1]. Cost: n d² once,
    instead of n d² for every fold and alpha; memory: one block of rows.

    ZᵀZ squares the condition number. Where that would cost the digits (ill-conditioned columns, or
    a fit so good that the error is a small difference of large terms), a second pass takes the
    triangle R of Z = QR instead, which stacks as ZᵀZ adds, and the singular values of R.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
    y : array-like of shape (n_samples,)
    alphas : array-like of shape (n_alphas,), default=(0.1, 1.0, 10.0)
        Penalties, at least 0, in the squared unit of X: ``||y - Xw||² + alpha ||w||²``. The
        intercept is not penalised.
    cv : int, splitter or iterable, default=5
        Each row must be in exactly one test half, and train must be all other rows.
    fit_intercept : bool, default=True
    scoring : {"r2", "neg_mean_squared_error"}, default="r2"

    Returns
    -------
    RidgeScores
        As GridSearchCV(Ridge(), {"alpha": alphas}) would find them.

    Raises
    ------
    ValueError
        For NaN or infinity, negative alphas, or a ``cv`` that is no partition.

    Examples
    --------
    >>> X = [[0.0], [1.0], [2.0], [3.0], [4.0], [5.0]]
    >>> y = [1.0, 3.0, 5.0, 7.0, 9.0, 11.5]
    >>> result = ridge_cv(X, y, alphas=[0.0, 100.0], cv=3, scoring="neg_mean_squared_error")
    >>> result.best_alpha, result.mean_scores.round(3)
    (0.0, array([ -0.084, -24.168]))
    """
    X, y, penalties = _checked(X, y, alphas)
    if scoring not in ("r2", "neg_mean_squared_error"):
        raise ValueError(f"scoring={scoring!r} must be 'r2' or 'neg_mean_squared_error'.")
    tests = _test_rows(cv, X, y)
    table = ff.Table.of(X, y, bool(fit_intercept))
    solved = _by_gram(table, tests, penalties)
    method = "gram"
    if solved is None:
        solved, method = _by_qr(table, tests, penalties), "qr"
    errors, weights = solved
    scores = _scores(errors, [y[rows] for rows in tests], scoring)
    means = scores.mean(axis=1)
    best = int(np.argmax(means))
    coef, intercept = _unshifted(table, weights[:, best])
    return RidgeScores(penalties, scores, means, float(penalties[best]), coef, intercept, method)


def _checked(X: Any, y: Any, alphas: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    # finite values are checked by their Gram matrix, which a single NaN or inf would spoil
    X = check_array(X, dtype=[np.float64, np.float32], ensure_all_finite=False, input_name="X")
    y = column_or_1d(y, warn=True)
    y = check_array(y, dtype=np.float64, ensure_2d=False, input_name="y")
    check_consistent_length(X, y)
    penalties = check_array(
        np.atleast_1d(alphas), dtype=np.float64, ensure_2d=False, input_name="alphas"
    )
    if penalties.ndim != 1 or (penalties < 0).any():
        raise ValueError(f"alphas must be one row of penalties of at least 0, got {alphas!r}.")
    return X, y, penalties


def _test_rows(cv: Any, X: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    """Test rows of every fold, ascending, checked: together all rows, and train is the rest."""
    n, tests = len(X), []
    times_tested = np.zeros(n, dtype=np.intp)
    for train, test in check_cv(cv, y).split(X, y):
        here = np.zeros(n, dtype=bool)
        here[test] = True
        times_tested += here
        train_mask = np.zeros(n, dtype=bool)
        train_mask[train] = True
        if not np.array_equal(train_mask, ~here):
            raise ValueError(
                "cv must train on exactly the rows that it does not test: use a KFold."
            )
        tests.append(np.flatnonzero(here))
    if not (times_tested == 1).all():
        raise ValueError("cv must test every row exactly once: use a KFold.")
    if len(tests) < 2:
        raise ValueError("cv must have at least 2 folds, or nothing is left to train on.")
    return tests


def _by_gram(
    table: ff.Table, tests: list[np.ndarray], alphas: np.ndarray
) -> tuple[np.ndarray, np.ndarray] | None:
    """Squared errors (n_alphas, n_folds) and the fit to all rows; None if digits would be lost."""
    parts = [ff.gram(table, rows) for rows in tests]
    if not all(np.isfinite(part).all() for part in parts):
        assert_all_finite(table.X, input_name="X")
        return None  # finite values whose squares are not
    errors = np.empty((len(alphas), len(tests)))
    for fold, (test, train) in enumerate(zip(parts, ff.all_but_one(parts), strict=True)):
        v = _solve_gram(train, alphas, table.intercept)
        if v is None:
            return None
        errors[:, fold] = np.einsum("ia,ij,ja->a", v, test, v, optimize=True)
        terms = np.einsum("ia,ij,ja->a", abs(v), abs(test), abs(v), optimize=True)
        if not (errors[:, fold] >= MIN_RESIDUAL * terms).all():
            return None
    v = _solve_gram(np.sum(parts, axis=0), alphas, table.intercept)
    return None if v is None else (errors, v)


def _by_qr(
    table: ff.Table, tests: list[np.ndarray], alphas: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """As `_by_gram`, from triangles: never squares a condition number."""
    parts = [ff.triangle(table, rows) for rows in tests]
    errors = np.empty((len(alphas), len(tests)))
    for fold, (test, train) in enumerate(zip(parts, ff.stacked_but_one(parts), strict=True)):
        v = _solve_triangle(train, alphas, table.intercept)
        errors[:, fold] = ((test @ v) ** 2).sum(axis=0)
    all_rows = ff.stacked(*parts)
    return errors, _solve_triangle(all_rows, alphas, table.intercept)


def _solve_gram(g: np.ndarray, alphas: np.ndarray, intercept: bool) -> np.ndarray | None:
    """v = [-intercept, -w, 1] for every alpha from ZᵀZ of the train rows; None if ill-conditioned.

    The column of ones is eliminated first (that is: X and y are centred), so that the penalty
    leaves the intercept alone.
    """
    c = g[1:, 1:] - np.outer(g[1:, 0], g[0, 1:]) / g[0, 0] if intercept else g
    squared, q = np.linalg.eigh(c[:-1, :-1])
    squared = np.maximum(squared, 0.0)
    if not squared[-1] + alphas.min() <= MAX_CONDITION * (squared[0] + alphas.min()):
        return None
    moments = q.T @ c[:-1, -1]
    # eigenvalue 0 and alpha 0 together mean X = 0 here: weight 0
    lengths = squared[:, None] + alphas
    w = q @ np.divide(moments[:, None], lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return _residual_combination(w, g[0], intercept)


def _solve_triangle(r: np.ndarray, alphas: np.ndarray, intercept: bool) -> np.ndarray:
    """The same from R of the train rows, by its singular values.

    Directions without length (below rounding) get weight 0: the shortest of all solutions.
    """
    c = r[1:, 1:] if intercept else r
    left, s, right = np.linalg.svd(c[:, :-1], full_matrices=False)
    kept = s > s.max(initial=0.0) * np.finfo(float).eps * max(c.shape)
    s, left, right = s[kept, None], left[:, kept], right[kept]
    # s / (s^2 + alpha), written so that no square can overflow
    w = right.T @ ((left.T @ c[:, -1:]) / (s + alphas / s))
    return _residual_combination(w, r[0], intercept)


def _residual_combination(w: np.ndarray, first_row: np.ndarray, intercept: bool) -> np.ndarray:
    """v such that Zv are the residuals: (width, n_alphas)."""
    ones = np.ones((1, w.shape[1]))
    if not intercept:
        return np.vstack([-w, ones])
    b = (first_row[-1] - first_row[1:-1] @ w) / first_row[0]
    return np.vstack([-b, -w, ones])


def _scores(errors: np.ndarray, test_targets: list[np.ndarray], scoring: str) -> np.ndarray:
    sizes = np.array([len(y) for y in test_targets])
    if scoring == "neg_mean_squared_error":
        return -errors / sizes
    if sizes.min() < 2:
        raise ValueError(
            "scoring='r2' needs at least 2 rows in each test fold: use fewer folds or "
            "scoring='neg_mean_squared_error'."
        )
    spread = np.array([((y - y.mean()) ** 2).sum() for y in test_targets])
    with np.errstate(divide="ignore", invalid="ignore"):
        r2 = 1.0 - errors / spread
    constant = np.where(errors == 0, 1.0, 0.0)  # as in r2_score: a constant y has no variance
    return np.where(spread > 0, r2, constant)


def _unshifted(table: ff.Table, v: np.ndarray) -> tuple[np.ndarray, float]:
    first = int(table.intercept)
    coef = -v[first:-1]
    intercept = -v[0] + table.shift[-1] - table.shift[:-1] @ coef if table.intercept else 0.0
    return coef, float(intercept)
