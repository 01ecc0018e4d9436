"""One value per column for what is missing: `SimpleImputer`."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import _fit_context
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.validation import check_is_fitted

from mlsd_kit._validation import validate_data
from mlsd_kit.preprocessing._imputer_base import BaseImputer, missing_cells
from mlsd_kit.preprocessing.categories import encode

_NUMERIC = ("mean", "median")


class SimpleImputer(BaseImputer):
    """Fill what is missing in a column with the column's mean, median, commonest or a given value.

    Missing are NaN and, in columns of objects, None.

    Parameters
    ----------
    strategy : {"mean", "median", "most_frequent", "constant"}, default="mean"
        The first two need numbers. Of several commonest values the smallest is taken.
    fill_value : number, str or None, default=None
        For "constant"; None means 0 for numbers and "missing_value" for texts.
    copy : bool, default=True
        If False, ``transform`` may write into the array that it is given.
    add_indicator : bool, default=False
        Append a 0/1 column for each column that had a missing value in ``fit``: that a value is
        missing can itself be informative.
    keep_empty_features : bool, default=False
        Fill a column without any value with 0 (or ``fill_value``) instead of dropping it.

    Attributes
    ----------
    statistics_ : ndarray of shape (n_features,)
        The value per column; NaN for a column that is dropped.
    indicator_features_ : ndarray of int
        Columns that have an indicator.

    Examples
    --------
    >>> SimpleImputer(strategy="median").fit_transform([[1.0], [np.nan], [2.0], [9.0]]).ravel()
    array([1., 2., 2., 9.])
    >>> SimpleImputer(add_indicator=True).fit_transform([[1.0, 5.0], [3.0, np.nan]])
    array([[1., 5., 0.],
           [3., 5., 1.]])
    """

    _parameter_constraints: dict = {
        **BaseImputer._parameter_constraints,
        "strategy": [StrOptions({*_NUMERIC, "most_frequent", "constant"})],
        "fill_value": "no_validation",
        "copy": ["boolean"],
    }

    def __init__(
        self,
        *,
        strategy: str = "mean",
        fill_value: Any = None,
        copy: bool = True,
        add_indicator: bool = False,
        keep_empty_features: bool = False,
    ) -> None:
        self.strategy = strategy
        self.fill_value = fill_value
        self.copy = copy
        self.add_indicator = add_indicator
        self.keep_empty_features = keep_empty_features

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> Self:
        """Compute each column's value.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : ignored

        Returns
        -------
        self

        Raises
        ------
        ValueError
            For texts with a numeric strategy, or a ``fill_value`` that the column cannot hold.
        """
        X = self._read(X, reset=True)
        self._fit_dtype = X.dtype
        missing = missing_cells(X)
        self._fit_mask(missing)
        constant = self._constant(X.dtype)
        kind = object if X.dtype.kind == "O" or self.strategy == "constant" else np.float64
        self.statistics_ = np.empty(X.shape[1], dtype=kind)
        for j in range(X.shape[1]):
            column = X[~missing[:, j], j]
            if not len(column):
                self.statistics_[j] = constant if self.keep_empty_features else np.nan
            else:
                self.statistics_[j] = self._statistic(column, constant)
        return self

    def _statistic(self, column: np.ndarray, constant: Any) -> Any:
        if self.strategy == "mean":
            return column.mean(dtype=np.float64)
        if self.strategy == "median":
            return np.median(column)
        if self.strategy == "most_frequent":
            categories, codes = encode(column)
            return categories[np.bincount(codes).argmax()]  # the first is the smallest
        return constant

    def _constant(self, dtype: np.dtype) -> Any:
        """What "constant" fills in, and what a column without any value gets if it is kept."""
        if self.strategy != "constant":
            return 0
        if self.fill_value is None:
            return "missing_value" if dtype.kind == "O" else 0
        if not np.can_cast(type(self.fill_value), dtype, casting="same_kind"):
            raise ValueError(
                f"fill_value={self.fill_value!r} (of type {type(self.fill_value)!r}) cannot be cast"
                f" to the input data that is {dtype!r}. Convert one of them."
            )
        return self.fill_value

    def transform(self, X: Any) -> np.ndarray:
        """Fill in the values that ``fit`` computed.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_features_out)
            Without the columns that were empty in ``fit``, indicator columns last.
        """
        check_is_fitted(self)
        X = self._read(X, reset=False)
        missing = missing_cells(X)
        for j in np.flatnonzero(missing.any(axis=0)):
            X[missing[:, j], j] = self.statistics_[j]
        if self.keep_empty_features and self.strategy != "constant":
            X[:, self._empty] = np.where(missing[:, self._empty], 0, X[:, self._empty])
        return self._assemble(X, missing)

    def _read(self, X: Any, *, reset: bool) -> np.ndarray:
        numeric = self.strategy in _NUMERIC
        dtype: Any = [np.float64, np.float32] if numeric else None
        if not numeric and isinstance(X, list) and _has_text(X):
            dtype = object
        if not reset and self._fit_dtype.kind == "O":
            dtype = object
        try:
            X = validate_data(
                self,
                X,
                reset=reset,
                dtype=dtype,
                ensure_all_finite="allow-nan",
                copy=self.copy and not reset,
                force_writeable=True if not reset else None,
            )
        except ValueError as error:
            if "could not convert" not in str(error):
                raise
            raise ValueError(
                f"Cannot use {self.strategy} strategy with non-numeric data: use"
                f' strategy="most_frequent" or "constant". ({error})'
            ) from None
        if X.dtype.kind not in "iufO":
            raise ValueError(
                f"SimpleImputer does not support data with dtype {X.dtype}. Please provide either a"
                " numeric array or an array of string values with an object dtype."
            )
        return X


def _has_text(rows: list) -> bool:
    return any(isinstance(cell, str) for row in rows for cell in np.atleast_1d(row).tolist())
