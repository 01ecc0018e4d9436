"""Scores of probabilistic forecasts: the pinball loss of a quantile, CRPS of a distribution."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_array

from mlsd_kit.metrics import _checks
from mlsd_kit.metrics._errors import combined, mean_loss, targets


def mean_pinball_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    alpha: float = 0.5,
    multioutput: Any = "uniform_average",
) -> Any:
    """Mean loss that the ``alpha`` quantile minimises: too low costs alpha, too high 1 - alpha.

    max(alpha (y - f), (alpha - 1) (y - f)), in the units of y (Koenker and Bassett, 1978). At
    alpha = 0.5 it is half the absolute error.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,) or (n_samples, n_outputs)
    sample_weight : array-like of shape (n_samples,), default=None
        How much each sample counts.
    alpha : float in [0, 1], default=0.5
        Level of the quantile that ``y_pred`` forecasts.
    multioutput : {"raw_values", "uniform_average"} or array-like of shape (n_outputs,)
        One score per output, their mean, or their mean by these weights.

    Returns
    -------
    float, or ndarray of shape (n_outputs,) for "raw_values"

    Raises
    ------
    ValueError
        On empty, NaN or infinite input, different shapes, or alpha outside [0, 1].

    Examples
    --------
    >>> mean_pinball_loss([1, 2, 3], [0, 2, 3], alpha=0.9).__round__(2)
    0.3
    """
    if not 0 <= alpha <= 1:
        raise ValueError(f"alpha={alpha!r}: it must lie in [0, 1].")

    def pinball(true: np.ndarray, pred: np.ndarray) -> np.ndarray:
        return _pinball(true - pred, alpha)

    return combined(mean_loss(targets(y_true, y_pred, sample_weight), pinball), multioutput)


def crps(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    quantiles: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
) -> float:
    """Continuous ranked probability score of an ensemble or of quantile forecasts, units of y.

    The score is the integral of (F(x) - [x >= y])² over x for the forecast's distribution F
    (Matheson and Winkler, 1976). For an ensemble X of m equally likely members it is::

        E|X - y| - E|X - X'| / 2

    whose textbook form compares all m² pairs; sorted, member i = 1 .. m enters the second mean
    with 2 (2i - m - 1) / m², which takes one sort. The same integral is twice the mean pinball
    loss over all levels: with ``quantiles`` it is summed over the levels given, each weighted by
    the part of [0, 1] nearest to it. Ensemble and the quantiles (i - 1/2) / m agree exactly.
    A forecast of one member scores its absolute error.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
    y_pred : array-like of shape (n_samples, n_members)
        Members in any order, or one column per level of ``quantiles``.
    quantiles : array-like of shape (n_members,), default=None
        Levels in (0, 1), increasing, if the columns are quantiles. Quantiles that cross are
        scored as they are.
    sample_weight : array-like of shape (n_samples,), default=None
        How much each sample counts.

    Returns
    -------
    float
        0 is perfect.

    Raises
    ------
    ValueError
        On empty, NaN or infinite input, unequal lengths, or levels that do not fit ``y_pred``.

    Examples
    --------
    >>> crps([0.0], [[-1.0, 1.0]])
    0.5
    >>> crps([0.0], [[-1.0, 1.0]], quantiles=[0.25, 0.75])
    0.5
    """
    true = _checks.numeric(y_true, "y_true").astype(float)
    pred = check_array(y_pred, dtype=np.float64, input_name="y_pred")
    _checks.same_length(y_true=true, y_pred=pred)
    weight = _checks.weights(sample_weight, len(true))
    levels = None if quantiles is None else _levels(quantiles, pred.shape[1])
    each = np.empty(len(true))
    for block in _checks.blocks(len(true), max(1, _checks.BLOCK // pred.shape[1])):
        error = true[block, np.newaxis] - pred[block]
        each[block] = _of_ensemble(error) if levels is None else _of_quantiles(error, levels)
    return float(np.average(each, weights=weight))


def _pinball(error: np.ndarray, alpha: float | np.ndarray) -> np.ndarray:
    return np.maximum(alpha * error, (alpha - 1) * error)


def _of_ensemble(error: np.ndarray) -> np.ndarray:
    """``error`` = y - member; differences between members are differences of errors."""
    m = error.shape[1]
    spread = (2 * np.arange(1, m + 1) - m - 1) / m**2  # half of E|X - X'|
    return np.abs(error).mean(axis=1) - np.sort(error, axis=1) @ spread


def _of_quantiles(error: np.ndarray, levels: np.ndarray) -> np.ndarray:
    between = (levels[1:] + levels[:-1]) / 2
    share = np.diff(between, prepend=0.0, append=1.0)
    return 2 * _pinball(error, levels) @ share


def _levels(quantiles: ArrayLike, n_columns: int) -> np.ndarray:
    levels = _checks.numeric(quantiles, "quantiles").astype(float)
    if len(levels) != n_columns:
        raise ValueError(
            f"quantiles holds {len(levels)} levels, y_pred {n_columns} columns: pass one level"
            " per column."
        )
    if levels.min() <= 0 or levels.max() >= 1 or (np.diff(levels) <= 0).any():
        raise ValueError("quantiles must increase and lie strictly between 0 and 1: sort them.")
    return levels
