"""Do events predicted with probability p happen in a share p of the cases?"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mlsd_kit.metrics import _checks
from mlsd_kit.metrics._binary import positives, two_values
from mlsd_kit.metrics._labels import column_of_labels


class _Bins(NamedTuple):
    """The bins that hold samples: size, mean of the outcome, mean of the prediction."""

    size: np.ndarray
    prob_true: np.ndarray
    prob_pred: np.ndarray


def calibration_curve(
    y_true: ArrayLike,
    y_prob: ArrayLike,
    *,
    pos_label: Any = None,
    n_bins: int = 5,
    strategy: Literal["uniform", "quantile"] = "uniform",
) -> tuple[np.ndarray, np.ndarray]:
    """Share of positives and mean prediction in each bin of predicted probability.

    Bins are closed on the right: a prediction on an inner edge belongs to the bin below it.
    Empty bins are left out; where quantiles repeat, the bins between them collapse into one, so
    fewer than ``n_bins`` points may come back.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Two labels.
    y_prob : array-like of shape (n_samples,)
        Probability of the positive label.
    pos_label : label, default=None
        The positive label; may be left out if the labels are {0, 1} or {-1, 1}.
    n_bins : int, default=5
        Number of bins to divide [0, 1] into.
    strategy : {"uniform", "quantile"}, default="uniform"
        Bins of equal width, or of equal numbers of samples.

    Returns
    -------
    prob_true, prob_pred : ndarray of shape (n_bins,) or smaller
        Share of positives, and mean predicted probability.

    Raises
    ------
    ValueError
        On probabilities outside [0, 1], NaN, empty input, or more than two labels.

    Examples
    --------
    >>> prob_true, prob_pred = calibration_curve([0, 0, 1, 1], [0.1, 0.3, 0.7, 0.9], n_bins=2)
    >>> prob_true.tolist(), prob_pred.round(2).tolist()
    ([0.0, 1.0], [0.2, 0.8])
    """
    bins = _bins(y_true, y_prob, pos_label, n_bins, strategy)
    return bins.prob_true, bins.prob_pred


def calibration_error(
    y_true: ArrayLike,
    y_prob: ArrayLike,
    *,
    pos_label: Any = None,
    n_bins: int = 10,
    strategy: Literal["uniform", "quantile"] = "uniform",
    norm: Literal["l1", "l2", "max"] = "l1",
) -> float:
    """Expected calibration error: distance between predicted and observed shares over the bins.

    With n_b of n samples in bin b, mean outcome y_b and mean prediction p_b::

        l1: sum_b n_b / n |y_b - p_b|    (ECE; Naeini et al., 2015)
        l2: sqrt(sum_b n_b / n (y_b - p_b)²)
        max: max_b |y_b - p_b|           (MCE)

    The bins are those of `calibration_curve`. Differences inside a bin cancel, so the value
    grows with ``n_bins``; it is biased upwards in small samples. Compare at equal bins and n.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Two labels.
    y_prob : array-like of shape (n_samples,)
        Probability of the positive label.
    pos_label : label, default=None
        The positive label; may be left out if the labels are {0, 1} or {-1, 1}.
    n_bins : int, default=10
        Number of bins to divide [0, 1] into.
    strategy : {"uniform", "quantile"}, default="uniform"
        Bins of equal width, or of equal numbers of samples.
    norm : {"l1", "l2", "max"}, default="l1"
        How the bins are summed up.

    Returns
    -------
    float
        In [0, 1]; 0 is perfect.

    Raises
    ------
    ValueError
        As `calibration_curve`; or on an unknown norm.

    Examples
    --------
    >>> round(calibration_error([0, 0, 1, 1], [0.1, 0.3, 0.7, 0.9], n_bins=2), 3)
    0.2
    """
    if norm not in ("l1", "l2", "max"):
        raise ValueError(f"norm={norm!r}: use 'l1', 'l2' or 'max'.")
    bins = _bins(y_true, y_prob, pos_label, n_bins, strategy)
    gap = np.abs(bins.prob_true - bins.prob_pred)
    if norm == "max":
        return float(gap.max())
    if norm == "l2":
        return float(np.sqrt(np.average(gap**2, weights=bins.size)))
    return float(np.average(gap, weights=bins.size))


def _bins(
    y_true: ArrayLike, y_prob: ArrayLike, pos_label: Any, n_bins: int, strategy: str
) -> _Bins:
    prob = _checks.probability(y_prob, "y_prob")
    label = column_of_labels(y_true, "y_true")
    _checks.same_length(y_true=label, y_prob=prob)
    if len(two_values(label)) > 2:
        raise ValueError("Only binary classification is supported: y_true has over two labels.")
    positive = positives(label, pos_label)
    inner = _edges(prob, n_bins, strategy)[1:-1]
    index = np.searchsorted(inner, prob)
    size = np.bincount(index, minlength=n_bins)
    held = size > 0
    true_sum = np.bincount(index, weights=positive, minlength=n_bins)
    pred_sum = np.bincount(index, weights=prob, minlength=n_bins)
    return _Bins(size[held], true_sum[held] / size[held], pred_sum[held] / size[held])


def _edges(prob: np.ndarray, n_bins: int, strategy: str) -> np.ndarray:
    if isinstance(n_bins, bool) or not isinstance(n_bins, (int, np.integer)) or n_bins < 1:
        raise ValueError(f"n_bins={n_bins!r}: it must be an integer of at least 1.")
    if strategy == "uniform":
        return np.linspace(0.0, 1.0, n_bins + 1)
    if strategy == "quantile":
        return np.percentile(prob, np.linspace(0, 1, n_bins + 1) * 100)
    raise ValueError(f"strategy={strategy!r}: use 'uniform' or 'quantile'.")
