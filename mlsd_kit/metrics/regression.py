"""Errors of point predictions: squared, absolute, relative, and the share explained."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.exceptions import UndefinedMetricWarning

from mlsd_kit.metrics._errors import combined, mean_loss, targets


def mean_squared_error(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    multioutput: Any = "uniform_average",
) -> Any:
    """Mean of (y - prediction)², in squared units of y.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,) or (n_samples, n_outputs)
    sample_weight : array-like of shape (n_samples,), default=None
        How much each sample counts.
    multioutput : {"raw_values", "uniform_average"} or array-like of shape (n_outputs,)
        One score per output, their mean, or their mean by these weights.

    Returns
    -------
    float, or ndarray of shape (n_outputs,) for "raw_values"

    Raises
    ------
    ValueError
        On empty, NaN or infinite input, or different shapes.

    Examples
    --------
    >>> mean_squared_error([3.0, -0.5, 2.0], [2.5, 0.0, 2.0]).__round__(4)
    0.1667
    """
    data = targets(y_true, y_pred, sample_weight)
    return combined(mean_loss(data, _squared), multioutput)


def root_mean_squared_error(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    multioutput: Any = "uniform_average",
) -> Any:
    """Square root of `mean_squared_error`, in the units of y; of several outputs, root first.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,) or (n_samples, n_outputs)
    sample_weight : array-like of shape (n_samples,), default=None
        How much each sample counts.
    multioutput : {"raw_values", "uniform_average"} or array-like of shape (n_outputs,)
        One score per output, their mean, or their mean by these weights.

    Returns
    -------
    float, or ndarray of shape (n_outputs,) for "raw_values"

    Raises
    ------
    ValueError
        On empty, NaN or infinite input, or different shapes.

    Examples
    --------
    >>> root_mean_squared_error([0, 0], [3, 3])
    3.0
    """
    data = targets(y_true, y_pred, sample_weight)
    return combined(np.sqrt(mean_loss(data, _squared)), multioutput)


def mean_absolute_error(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    multioutput: Any = "uniform_average",
) -> Any:
    """Mean of |y - prediction|, in the units of y.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,) or (n_samples, n_outputs)
    sample_weight : array-like of shape (n_samples,), default=None
        How much each sample counts.
    multioutput : {"raw_values", "uniform_average"} or array-like of shape (n_outputs,)
        One score per output, their mean, or their mean by these weights.

    Returns
    -------
    float, or ndarray of shape (n_outputs,) for "raw_values"

    Raises
    ------
    ValueError
        On empty, NaN or infinite input, or different shapes.

    Examples
    --------
    >>> mean_absolute_error([3.0, -0.5, 2.0, 7.0], [2.5, 0.0, 2.0, 8.0])
    0.5
    """
    data = targets(y_true, y_pred, sample_weight)
    return combined(mean_loss(data, absolute), multioutput)


def mean_absolute_percentage_error(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    multioutput: Any = "uniform_average",
) -> Any:
    """Mean of |y - prediction| / |y|, as a fraction: 0.1 means ten percent.

    Where y = 0 libraries disagree: some drop the sample, some return inf. Here, as in
    scikit-learn, |y| is replaced by the machine epsilon (2.2e-16) if it is smaller, so that one
    missed zero makes the whole mean astronomically large, and 0 predicted for 0 costs nothing.
    With zeros in the data use `wape` or `mase`.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,) or (n_samples, n_outputs)
    sample_weight : array-like of shape (n_samples,), default=None
        How much each sample counts.
    multioutput : {"raw_values", "uniform_average"} or array-like of shape (n_outputs,)
        One score per output, their mean, or their mean by these weights.

    Returns
    -------
    float, or ndarray of shape (n_outputs,) for "raw_values"

    Raises
    ------
    ValueError
        On empty, NaN or infinite input, or different shapes.

    Examples
    --------
    >>> mean_absolute_percentage_error([1.0, 2.0, 4.0], [1.5, 2.0, 3.0])
    0.25
    >>> mean_absolute_percentage_error([0.0, 1.0], [1.0, 1.0]) > 1e15
    True
    """
    data = targets(y_true, y_pred, sample_weight)
    return combined(mean_loss(data, _relative), multioutput)


def r2_score(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    multioutput: Any = "uniform_average",
    force_finite: bool = True,
) -> Any:
    """Coefficient of determination: 1 - squared error / squared error of predicting the mean.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,) or (n_samples, n_outputs)
    sample_weight : array-like of shape (n_samples,), default=None
        How much each sample counts.
    multioutput : {"raw_values", "uniform_average", "variance_weighted"}, None or array-like
        One score per output, their mean (None means the same), or a weighted mean.
    force_finite : bool, default=True
        For a constant y: 1 if the prediction is perfect, else 0. Otherwise NaN or -inf.

    Returns
    -------
    float, or ndarray of shape (n_outputs,) for "raw_values"
        1 is perfect, 0 as good as the mean. NaN with a warning for fewer than two samples.

    Raises
    ------
    ValueError
        On empty, NaN or infinite input, or different shapes.

    Examples
    --------
    >>> r2_score([1, 2, 3], [1, 2, 3]), r2_score([1, 2, 3], [2, 2, 2])
    (1.0, 0.0)
    """
    data = targets(y_true, y_pred, sample_weight)
    error = mean_loss(data, _squared)
    if len(data.true) < 2:
        warnings.warn(
            "R^2 score is not well-defined with less than two samples.",
            UndefinedMetricWarning,
            stacklevel=2,
        )
        return float("nan")
    mean = mean_loss(data, lambda true, pred: true)
    spread = mean_loss(data, lambda true, pred: _squared(true, mean))
    with np.errstate(divide="ignore", invalid="ignore"):
        each = 1 - error / spread
    if force_finite:
        each = np.where(spread == 0, np.where(error == 0, 1.0, 0.0), each)
    if isinstance(multioutput, str) and multioutput == "variance_weighted":
        with np.errstate(invalid="ignore"):  # -inf times a weight of 0
            return float(np.average(each, weights=spread if spread.any() else None))
    chosen = "uniform_average" if multioutput is None else multioutput
    return combined(each, chosen, named=("variance_weighted",))


def _squared(true: np.ndarray, pred: np.ndarray) -> np.ndarray:
    error = true - pred
    return np.multiply(error, error, out=error)


def absolute(true: np.ndarray, pred: np.ndarray) -> np.ndarray:
    """|true - pred|, as a new array."""
    error = true - pred
    return np.abs(error, out=error)


def _relative(true: np.ndarray, pred: np.ndarray) -> np.ndarray:
    size = np.abs(true)
    np.maximum(size, np.finfo(np.float64).eps, out=size)
    error = absolute(true, pred)
    return np.divide(error, size, out=error)
