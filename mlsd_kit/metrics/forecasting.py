"""Forecast errors that can be compared between series: relative to the series' own size."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import ArrayLike
from sklearn.exceptions import UndefinedMetricWarning

from mlsd_kit.metrics import _checks
from mlsd_kit.metrics._errors import Targets, mean_loss, targets
from mlsd_kit.metrics.regression import absolute


def smape(y_true: ArrayLike, y_pred: ArrayLike, *, sample_weight: ArrayLike | None = None) -> float:
    """Symmetric mean absolute percentage error: mean of 2 |y - f| / (|y| + |f|).

    A fraction between 0 and 2 (Makridakis, 1993). 0 forecast for 0 counts as 0; any other
    forecast for 0 counts as 2, however small it is. It is not symmetric in the error: too low
    costs more than equally too high.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
    sample_weight : array-like of shape (n_samples,), default=None
        How much each sample counts.

    Returns
    -------
    float
        In [0, 2].

    Raises
    ------
    ValueError
        On empty, NaN or infinite input, or different lengths.

    Examples
    --------
    >>> smape([100, 0, 0], [50, 0, 1]).__round__(4)
    0.8889
    """
    return float(mean_loss(_single(y_true, y_pred, sample_weight), _symmetric)[0])


def wape(y_true: ArrayLike, y_pred: ArrayLike, *, sample_weight: ArrayLike | None = None) -> float:
    """Weighted absolute percentage error: sum of |y - f| / sum of |y|, as a fraction.

    The same as `mean_absolute_percentage_error` with each sample weighted by |y|, so that single
    zeros do no harm. If all of ``y_true`` is 0, the result is 0 for a perfect forecast, else inf,
    with a warning.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
    sample_weight : array-like of shape (n_samples,), default=None
        How much each sample counts, in both sums.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        On empty, NaN or infinite input, or different lengths.

    Examples
    --------
    >>> round(wape([10, 0, 30], [8, 1, 31]), 4)
    0.1
    """
    data = _single(y_true, y_pred, sample_weight)
    error = float(mean_loss(data, absolute)[0])
    size = float(mean_loss(data, lambda true, pred: np.abs(true))[0])
    return _scaled(error, size, "WAPE", "y_true is 0 throughout")


def mase(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    y_train: ArrayLike,
    seasonality: int = 1,
    sample_weight: ArrayLike | None = None,
) -> float:
    """Mean absolute scaled error: relative to the seasonal-naive forecast *on the training data*.

    mean |y - f| / mean over the training data of |y_t - y_(t - seasonality)| (Hyndman and
    Koehler, 2006). The scale comes from the training data alone: it is the same for every
    model and horizon, and takes nothing from the test data. If it is 0 (the training data
    repeat exactly), the result is 0 for a perfect forecast, else inf, with a warning.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
        The test period.
    y_train : array-like of shape (n_train,)
        The training period, in order of time; longer than one season.
    seasonality : int, default=1
        Steps in a season; 1 compares with the last value.
    sample_weight : array-like of shape (n_samples,), default=None
        How much each test sample counts.

    Returns
    -------
    float
        Below 1: better than the naive forecast was, one step ahead, on the training data.

    Raises
    ------
    ValueError
        On empty, NaN or infinite input, different lengths, or too short ``y_train``.

    Examples
    --------
    >>> mase([5, 7], [4, 7], y_train=[1, 2, 4, 5, 7])
    0.3333333333333333
    """
    if isinstance(seasonality, bool) or not isinstance(seasonality, (int, np.integer)):
        raise ValueError(f"seasonality={seasonality!r}: it must be an integer of at least 1.")
    if seasonality < 1:
        raise ValueError(f"seasonality={seasonality!r}: it must be an integer of at least 1.")
    train = _checks.numeric(y_train, "y_train").astype(float)
    if len(train) <= seasonality:
        raise ValueError(
            f"y_train holds {len(train)} values: pass more than one season ({seasonality})."
        )
    error = float(mean_loss(_single(y_true, y_pred, sample_weight), absolute)[0])
    scale = float(np.abs(train[seasonality:] - train[:-seasonality]).mean())
    return _scaled(error, scale, "MASE", "y_train repeats exactly, so its naive error is 0")


def _single(y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None) -> Targets:
    data = targets(y_true, y_pred, sample_weight)
    if data.true.shape[1] != 1:
        raise ValueError(
            f"y_true must be one-dimensional, got {data.true.shape[1]} columns: score one series"
            " at a time."
        )
    return data


def _symmetric(true: np.ndarray, pred: np.ndarray) -> np.ndarray:
    size = np.abs(true) + np.abs(pred)
    ratio = np.zeros_like(size)
    return np.divide(2 * absolute(true, pred), size, out=ratio, where=size != 0)


def _scaled(error: float, scale: float, metric: str, cause: str) -> float:
    if scale != 0:
        return error / scale
    result = 0.0 if error == 0 else float("inf")
    warnings.warn(
        f"{metric} is ill-defined because {cause}; it is set to {result}.",
        UndefinedMetricWarning,
        stacklevel=3,
    )
    return result
