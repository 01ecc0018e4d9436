"""What the other columns predict for what is missing: `RegressionImputer`."""

from __future__ import annotations

import warnings
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from sklearn.base import _fit_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_is_fitted

from mlsd_kit.preprocessing._imputer_base import BaseImputer, missing_cells


class RegressionImputer(BaseImputer):
    """Fill each column by a linear regression on all the others, again and again until it settles.

    Missing values start as column means. Then, column by column (fewest missing first), a least
    squares fit on the rows that have the column predicts it for the rows that have not. Later
    rounds repeat this with better-filled regressors (Buck, 1960; van Buuren, 2011).

    Parameters
    ----------
    max_iter : int, default=10
        Rounds at most; 1 gives plain one-pass regression imputation.
    tol : float, default=1e-3
        Stop when no filled value moved by more than this many standard deviations of its column.
    add_indicator : bool, default=False
        Append a 0/1 column for each column that had a missing value in ``fit``.
    keep_empty_features : bool, default=False
        Fill a column without any value with 0 instead of dropping it.

    Attributes
    ----------
    coef_ : ndarray of shape (n_features, n_features)
        Row j predicts column j, in standardised units; its own entry is 0.
    n_iter_ : int
        Rounds done.
    indicator_features_ : ndarray of int
        Columns that have an indicator.

    Notes
    -----
    Filled values lie on the regression plane: they understate the spread of the column and
    overstate its correlations. A rank-deficient regression takes the solution of least norm.

    Examples
    --------
    >>> X = [[1.0, 2.0], [2.0, 4.0], [3.0, np.nan], [4.0, 8.0]]
    >>> RegressionImputer().fit_transform(X)[2].round(6)
    array([3., 6.])
    """

    _parameter_constraints: dict = {
        **BaseImputer._parameter_constraints,
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self,
        *,
        max_iter: int = 10,
        tol: float = 1e-3,
        add_indicator: bool = False,
        keep_empty_features: bool = False,
    ) -> None:
        self.max_iter = max_iter
        self.tol = tol
        self.add_indicator = add_indicator
        self.keep_empty_features = keep_empty_features

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> Self:
        """Fit one regression per column.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : ignored

        Returns
        -------
        self
        """
        X = self._read_numbers(X, reset=True)
        missing = missing_cells(X)
        self._fit_mask(missing)
        self._set_units(X.astype(np.float64), missing)
        Z = self._standardise(X, missing)
        d = X.shape[1]
        self.coef_, self._offset = np.zeros((d, d)), np.zeros(d)
        self._order = np.argsort(missing.sum(axis=0), kind="stable")
        for round_ in range(self.max_iter):
            before = Z.copy()
            for j in self._order:
                self._fit_column(Z, missing[:, j], j)
                self._predict_column(Z, missing[:, j], j)
            self.n_iter_ = round_ + 1
            moved = np.abs(Z - before).max()
            if moved <= self.tol:
                break
        if moved > self.tol and self.max_iter > 1:
            warnings.warn(
                f"Filled values still move by {moved:.2g} standard deviations after {self.max_iter}"
                " rounds: increase max_iter or tol.",
                ConvergenceWarning,
                stacklevel=2,
            )
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Fill each missing value by its column's regression.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_features_out)
            Without the columns that were empty in ``fit``, indicator columns last.
        """
        check_is_fitted(self)
        X = self._read_numbers(X, reset=False)
        missing = missing_cells(X)
        Z = self._standardise(X, missing)
        for _ in range(self.n_iter_):
            for j in self._order:
                self._predict_column(Z, missing[:, j], j)
        filled = Z * self._scale + self._mean
        np.copyto(X, filled, where=missing, casting="same_kind")
        if self.keep_empty_features:
            X[:, self._empty] = 0
        return self._assemble(X, missing)

    def _set_units(self, X: np.ndarray, missing: np.ndarray) -> None:
        count = np.maximum((~missing).sum(axis=0), 1)
        self._mean = np.where(missing, 0.0, X).sum(axis=0) / count
        spread = np.where(missing, 0.0, X - self._mean)
        deviation = np.sqrt((spread**2).sum(axis=0) / count)
        noise = 10 * np.finfo(np.float64).eps * np.abs(self._mean)
        self._scale = np.where(deviation > noise, deviation, 1.0)

    def _standardise(self, X: np.ndarray, missing: np.ndarray) -> np.ndarray:
        """Columns of mean 0 and variance 1, the mean (0) where missing or empty in ``fit``."""
        Z = (X.astype(np.float64) - self._mean) / self._scale
        Z[missing] = 0.0
        Z[:, self._empty] = 0.0
        return Z

    def _fit_column(self, Z: np.ndarray, missing: np.ndarray, j: int) -> None:
        if self._empty[j] or Z.shape[1] == 1:
            return
        others = np.arange(Z.shape[1]) != j
        regressors = Z[np.ix_(~missing, others)]
        centre = regressors.mean(axis=0)
        target = Z[~missing, j]  # its mean is 0: the filled rows are left out
        solution = np.linalg.lstsq(regressors - centre, target, rcond=1e-10)[0]
        self.coef_[j, others] = solution
        self._offset[j] = -centre @ solution

    def _predict_column(self, Z: np.ndarray, missing: np.ndarray, j: int) -> None:
        if missing.any() and not self._empty[j]:
            Z[missing, j] = Z[missing] @ self.coef_[j] + self._offset[j]
