"""Tables and labels of every kind that pandas has, before scikit-learn's checks see them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils import validation
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

from mlsd_kit._vector import plain_labels


def validate_data(estimator: Any, X: Any, y: Any = "no_validation", **options: Any) -> Any:
    """scikit-learn's ``validate_data``, for tables and labels that hold ``pandas.NA`` as well."""
    return validation.validate_data(estimator, plain_table(X), plain_target(y), **options)


def plain_target(y: Any) -> Any:
    """``y`` with whole numbers in an object array or Series as numbers; anything else as it is.

    Raises
    ------
    ValueError
        If objects are missing or of several types.

    >>> plain_target(pd.Series([1, 0], index=["a", "b"], dtype=object)).dtype
    dtype('int64')
    """
    if not isinstance(y, pd.Series | np.ndarray) or y.dtype != object or y.ndim != 1:
        return y
    plain = plain_labels(np.asarray(y), "y")
    if isinstance(y, pd.Series) and plain.dtype != object:
        return pd.Series(plain, index=y.index, name=y.name)
    return y if isinstance(y, pd.Series) else plain


def plain_table(X: Any) -> Any:
    """``X`` with NaN for each ``pandas.NA`` in a column of objects; anything else as it is.

    NumPy cannot make a number of ``pandas.NA``: its own missing number is NaN.

    >>> plain_table(pd.DataFrame({"age": pd.Series([1, pd.NA], dtype=object)}))["age"].tolist()
    [1, nan]
    """
    if isinstance(X, pd.DataFrame):
        held = {n: X.iloc[:, n] for n, dtype in enumerate(X.dtypes) if dtype.kind == "O"}
        if not any(_na(column.to_numpy()).any() for column in held.values()):
            return X
        X = X.copy()
        for n, column in held.items():
            X.isetitem(n, column.mask(_na(column.to_numpy()), np.nan))
        return X
    if isinstance(X, np.ndarray) and X.dtype == object and _na(X).any():
        return np.where(_na(X), np.nan, X)
    return X


def _na(values: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Where ``pandas.NA`` stands; None and NaN are left to whoever reads the table."""
    same = np.frompyfunc(lambda value: value is pd.NA, 1, 1)
    return same(values).astype(bool)


def class_labels(y: Any, name: str = "y") -> NDArray[Any]:
    """``y`` as a one-dimensional array of class labels, whole numbers in an object array too.

    Raises
    ------
    ValueError
        If labels are missing, of several types, or continuous.

    >>> class_labels(pd.Series([1, 0], dtype=object))
    array([1, 0])
    """
    labels: NDArray[Any] = column_or_1d(y, warn=True)
    if labels.dtype == object:
        labels = plain_labels(labels, name)
    check_classification_targets(labels)
    return labels
