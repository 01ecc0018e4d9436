"""Zero mean and unit variance, column by column: `StandardScaler`."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin, _fit_context
from sklearn.utils import Tags, check_array
from sklearn.utils.validation import FLOAT_DTYPES, check_is_fitted

from mlsd_kit._validation import validate_data

_BLOCK = 1 << 14


class StandardScaler(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Subtract each column's mean and divide by its standard deviation.

    The textbook form is ``(X - X.mean(axis=0)) / X.std(axis=0)``. Here mean and variance come from
    one pass over blocks of rows, each block's pair merged into the running one:
    ``var = (n_a var_a + n_b var_b + n_a n_b / n (mean_a - mean_b)^2) / n`` (Chan, Golub and
    LeVeque, 1983), which is as exact as two passes and works on data that arrives in pieces.

    Parameters
    ----------
    copy : bool, default=True
        If False, ``transform`` may write into an array of floats that it is given.
    with_mean : bool, default=True
        Subtract the mean.
    with_std : bool, default=True
        Divide by the standard deviation (that of the population, ``ddof=0``).

    Attributes
    ----------
    mean_, var_ : ndarrays of shape (n_features,) or None
        Per column, missing values left out. None if neither is asked for.
    scale_ : ndarray of shape (n_features,) or None
        What is divided by: the standard deviation, or 1 for a constant column. A column counts as
        constant if its variance is within the rounding error of computing it.
    n_samples_seen_ : int, or ndarray of shape (n_features,) if columns miss different rows

    Examples
    --------
    >>> scaler = StandardScaler().fit([[0, 5], [2, 5]])
    >>> scaler.transform([[3, 6]])
    array([[2., 1.]])
    """

    _parameter_constraints: dict = {
        "copy": ["boolean"],
        "with_mean": ["boolean"],
        "with_std": ["boolean"],
    }

    def __init__(self, *, copy: bool = True, with_mean: bool = True, with_std: bool = True) -> None:
        self.copy = copy
        self.with_mean = with_mean
        self.with_std = with_std

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> Self:
        """Compute mean and standard deviation of each column.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Numbers; NaN is left out.
        y : ignored

        Returns
        -------
        self
        """
        return self._update(X, first=True)

    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X: Any, y: Any = None) -> Self:
        """Add a batch of rows to the mean and standard deviation seen so far.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : ignored

        Returns
        -------
        self
        """
        return self._update(X, first=not hasattr(self, "_count"))

    def _update(self, X: Any, *, first: bool) -> Self:
        X = validate_data(self, X, reset=first, dtype=FLOAT_DTYPES, ensure_all_finite="allow-nan")
        if first:
            self._count, self._mean, self._var = (np.zeros(X.shape[1]) for _ in range(3))
        for start in range(0, len(X), _BLOCK):
            self._merge(*_moments(X[start : start + _BLOCK].astype(np.float64)))
        same = self._count.min() == self._count.max()
        self.n_samples_seen_ = int(self._count[0]) if same else self._count.astype(np.int64)
        seen = self._count > 0
        wanted = self.with_mean or self.with_std
        self.mean_ = np.where(seen, self._mean, np.nan) if wanted else None
        self.var_ = np.where(seen, self._var, np.nan) if self.with_std else None
        self.scale_ = self._safe_scale() if self.with_std else None
        return self

    def _merge(self, count: np.ndarray, mean: np.ndarray, var: np.ndarray) -> None:
        total = self._count + count
        share = count / np.maximum(total, 1)
        step = mean - self._mean
        self._var = (1 - share) * self._var + share * var + share * (1 - share) * step**2
        self._mean = self._mean + share * step
        self._count = total

    def _safe_scale(self) -> np.ndarray:
        eps = np.finfo(np.float64).eps
        noise = self._count * eps * self._var + (self._count * self._mean * eps) ** 2
        constant = self._var <= noise
        return np.where(constant, 1.0, np.sqrt(np.where(self._count > 0, self._var, np.nan)))

    def transform(self, X: Any, copy: bool | None = None) -> np.ndarray:
        """Centre and scale.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            NaN stays NaN.
        copy : bool or None, default=None
            Overrides the parameter of the same name.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            float32 for float32, else float64: integers are never truncated.
        """
        check_is_fitted(self)
        out = validate_data(
            self,
            X,
            reset=False,
            copy=self.copy if copy is None else copy,
            dtype=FLOAT_DTYPES,
            force_writeable=True,
            ensure_all_finite="allow-nan",
        )
        if self.mean_ is not None and self.with_mean:
            out -= self.mean_.astype(out.dtype)
        if self.scale_ is not None:
            out /= self.scale_.astype(out.dtype)
        return out

    def inverse_transform(self, X: Any, copy: bool | None = None) -> np.ndarray:
        """Undo `transform`.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Scaled data.
        copy : bool or None, default=None
            Overrides the parameter of the same name.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            In the original units.
        """
        check_is_fitted(self)
        out = check_array(
            X,
            copy=self.copy if copy is None else copy,
            dtype=FLOAT_DTYPES,
            force_writeable=True,
            ensure_all_finite="allow-nan",
        )
        if self.scale_ is not None:
            out *= self.scale_.astype(out.dtype)
        if self.mean_ is not None and self.with_mean:
            out += self.mean_.astype(out.dtype)
        return out

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


def _moments(X: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Count, mean and variance of each column, NaN left out: two passes over a block."""
    present = ~np.isnan(X)
    count = present.sum(axis=0).astype(np.float64)
    some = np.maximum(count, 1)
    mean = np.where(present, X, 0.0).sum(axis=0) / some
    deviation = np.where(present, X - mean, 0.0)
    # the second term is 0 in exact arithmetic: it removes the rounding error of the mean
    var = ((deviation**2).sum(axis=0) - deviation.sum(axis=0) ** 2 / some) / some
    return count, mean, np.maximum(var, 0.0)
