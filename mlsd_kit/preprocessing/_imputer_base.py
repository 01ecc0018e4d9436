"""What all imputers share: columns without any value, indicator columns, output names."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import (
    FLOAT_DTYPES,
    _check_feature_names_in,
    check_is_fitted,
)

from mlsd_kit._validation import validate_data


class BaseImputer(TransformerMixin, BaseEstimator):
    """Columns that were all missing in ``fit`` are dropped, or kept as zeros on request.

    Subclasses call `_fit_mask` in ``fit`` and `_assemble` at the end of ``transform``.
    """

    add_indicator: bool
    keep_empty_features: bool
    _parameter_constraints: dict = {
        "add_indicator": ["boolean"],
        "keep_empty_features": ["boolean"],
    }

    def _read_numbers(self, X: Any, *, reset: bool) -> np.ndarray:
        """A float copy of X (float32 stays float32) in which NaN marks what is missing."""
        copy = not reset
        return validate_data(
            self,
            X,
            reset=reset,
            dtype=FLOAT_DTYPES,
            ensure_all_finite="allow-nan",
            copy=copy,
            force_writeable=copy or None,
        )

    def _fit_mask(self, missing: np.ndarray) -> None:
        self._empty: np.ndarray = np.all(missing, axis=0, keepdims=False)
        self.indicator_features_ = (
            np.flatnonzero(missing.any(axis=0)) if self.add_indicator else np.array([], dtype=int)
        )

    def _assemble(self, X: np.ndarray, missing: np.ndarray) -> np.ndarray:
        """The filled table without empty columns, and the indicator columns after it."""
        if self._empty.any() and not self.keep_empty_features:
            lost = getattr(self, "feature_names_in_", np.arange(X.shape[1]))[self._empty]
            warnings.warn(
                f"Skipping features without any observed values: {lost}. Drop them, or pass"
                " keep_empty_features=True to fill them with a constant.",
                UserWarning,
                stacklevel=3,
            )
            X = X[:, ~self._empty]
        if not self.add_indicator:
            return X
        return np.hstack([X, missing[:, self.indicator_features_].astype(X.dtype)])

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Name of each output column; indicators are called ``missingindicator_<column>``.

        Parameters
        ----------
        input_features : array-like of shape (n_features,) or None, default=None
            Names of the input columns; default those seen in ``fit``, else x0, x1 ...

        Returns
        -------
        ndarray of shape (n_features_out,), dtype object
        """
        check_is_fitted(self)
        names = _check_feature_names_in(self, input_features)
        kept = names if self.keep_empty_features else names[~self._empty]
        marks = [f"missingindicator_{name}" for name in names[self.indicator_features_]]
        return np.array([*kept, *marks], dtype=object)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def missing_cells(X: np.ndarray) -> NDArray[np.bool_]:
    """Which cells hold NaN or, in a table of objects, None."""
    return np.asarray(np.isnan(X) if X.dtype.kind == "f" else pd.isna(X))
