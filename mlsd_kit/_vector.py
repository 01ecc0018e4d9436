"""One-dimensional inputs, validated: the sentence names the argument and the cure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray


def as_vector(
    values: ArrayLike, name: str, *, min_size: int = 1, allow_nan: bool = False
) -> NDArray[np.float64]:
    """Float64 copy-free view (where possible) of a list, array or Series of numbers.

    Parameters
    ----------
    values : array-like of shape (n,)
    name : str
        The caller's argument, for the message.
    min_size : int, default=1
        Fewest values accepted.
    allow_nan : bool, default=False
        Whether NaN (and pandas' NA) may pass; infinity never does.

    Returns
    -------
    ndarray of shape (n,), float64. It may share memory with ``values``: never write into it.

    Raises
    ------
    ValueError
        If ``values`` are not numbers, not one-dimensional, too few, infinite, or NaN without leave.

    >>> as_vector([1, 2], "sample")
    array([1., 2.])
    >>> as_vector([1.0, float("nan")], "sample")
    Traceback (most recent call last):
    ...
    ValueError: sample holds NaN in 1 of 2 places; drop or impute them first.
    """
    vector = _numbers(values, name)
    if vector.ndim != 1:
        raise ValueError(
            f"{name} must be one-dimensional, got shape {vector.shape}; pass one column at a time."
        )
    if vector.size < min_size:
        raise ValueError(
            f"{name} holds {vector.size} values; give at least {min_size} to compute this."
        )
    if np.isinf(vector).any():
        raise ValueError(f"{name} holds infinite values; clip or drop them first.")
    missing = int(np.isnan(vector).sum())
    if missing and not allow_nan:
        raise ValueError(
            f"{name} holds NaN in {missing} of {vector.size} places; drop or impute them first."
        )
    return vector


def _numbers(values: ArrayLike, name: str) -> NDArray[np.float64]:
    try:
        if isinstance(values, pd.Series):
            return values.to_numpy(dtype=np.float64, na_value=np.nan)
        array: Any = np.asarray(values)
        if array.dtype.kind in "USMmc":  # NumPy would parse "1.5" and cut off imaginary parts
            raise TypeError
        return array.astype(np.float64, copy=False)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must hold real numbers; convert or encode it first.") from None


def check_fraction(value: float, name: str) -> float:
    """``value`` as a float strictly between 0 and 1, or a ValueError that names it.

    >>> check_fraction(0.05, "alpha")
    0.05
    """
    if not 0 < value < 1:  # NaN fails as well
        raise ValueError(f"{name} must lie strictly between 0 and 1, got {value!r}.")
    return float(value)


def plain_labels(labels: np.ndarray, name: str) -> np.ndarray:
    """Labels in an object array as what they are: numbers become a numeric array, texts stay.

    Raises
    ------
    ValueError
        If labels are missing or of several types.

    >>> plain_labels(np.array([1, 0], dtype=object), "y")
    array([1, 0])
    """
    kind = pd.api.types.infer_dtype(labels, skipna=False)
    if kind == "string":
        return labels
    if kind in ("integer", "boolean", "floating", "mixed-integer-float"):
        return np.array(labels.tolist())
    if pd.isna(labels).any():
        raise ValueError(f"{name} contains missing labels: drop or fill those rows first.")
    raise ValueError(f"{name} mixes label types ({kind}): give all labels one type.")
