"""ROC and precision-recall curves, and the area under any curve."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.exceptions import UndefinedMetricWarning

from mlsd_kit.metrics import _checks
from mlsd_kit.metrics._binary import at_thresholds, positives


def auc(x: ArrayLike, y: ArrayLike) -> float:
    """Area under the points (x, y) by the trapezoidal rule.

    Parameters
    ----------
    x : array-like of shape (n,)
        Monotonic, increasing or decreasing.
    y : array-like of shape (n,)

    Returns
    -------
    float

    Raises
    ------
    ValueError
        With fewer than two points, or if ``x`` goes both up and down.

    Examples
    --------
    >>> auc([0, 1, 2], [0, 1, 0])
    1.0
    """
    x_values, y_values = _checks.numeric(x, "x"), _checks.numeric(y, "y")
    _checks.same_length(x=x_values, y=y_values)
    if len(x_values) < 2:
        raise ValueError(
            f"At least 2 points are needed to compute area under curve, but x has {len(x_values)}."
        )
    steps = np.diff(x_values.astype(float))
    if (steps < 0).any() and (steps > 0).any():
        raise ValueError("x is neither increasing nor decreasing: sort the points by x.")
    area = float(np.dot(steps, (y_values[1:] + y_values[:-1]) / 2))
    return -area if (steps < 0).any() else area


def roc_curve(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    pos_label: Any = None,
    sample_weight: ArrayLike | None = None,
    drop_intermediate: bool = True,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """False- and true-positive rate at every threshold (receiver operating characteristic).

    Samples of equal score get one point together: their order carries no information.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Two labels.
    y_score : array-like of shape (n_samples,)
        The higher, the more positive; any finite scale.
    pos_label : label, default=None
        The positive label; may be left out if the labels are {0, 1} or {-1, 1}.
    sample_weight : array-like of shape (n_samples,), default=None
        How much each sample counts.
    drop_intermediate : bool, default=True
        Leave out points on a straight line between their neighbours.

    Returns
    -------
    fpr, tpr : ndarray of shape (n_thresholds,)
        Increasing, from 0 to 1. NaN throughout, with a warning, if that class is missing.
    thresholds : ndarray of shape (n_thresholds,)
        Decreasing; the first is inf, at which nothing is positive.

    Raises
    ------
    ValueError
        On empty, unequally long, NaN or infinite input, or if the positive label is unclear.

    Examples
    --------
    >>> fpr, tpr, thresholds = roc_curve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    >>> fpr.tolist(), tpr.tolist()
    ([0.0, 0.0, 0.5, 0.5, 1.0], [0.0, 0.5, 0.5, 1.0, 1.0])
    >>> thresholds.tolist()
    [inf, 0.8, 0.4, 0.35, 0.1]
    """
    fps, tps, cuts = at_thresholds(positives(y_true, pos_label), y_score, sample_weight)
    if drop_intermediate and len(fps) > 2:
        corner = (np.diff(fps, 2) != 0) | (np.diff(tps, 2) != 0)
        keep = np.concatenate([[True], corner, [True]])
        fps, tps, cuts = fps[keep], tps[keep], cuts[keep]
    cuts = np.concatenate([[np.inf], cuts.astype(float)])
    return _rate(fps, "negative", "false"), _rate(tps, "positive", "true"), cuts


def _rate(counts: np.ndarray, lacking: str, rate: str) -> np.ndarray:
    counts = np.concatenate([[0.0], counts])
    if counts[-1] > 0:
        return counts / counts[-1]
    warnings.warn(
        f"No {lacking} samples in y_true, {rate} positive value should be meaningless",
        UndefinedMetricWarning,
        stacklevel=3,
    )
    return np.full(len(counts), np.nan)


def precision_recall_curve(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    pos_label: Any = None,
    sample_weight: ArrayLike | None = None,
    drop_intermediate: bool = False,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Precision and recall at every threshold; samples of equal score get one point together.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Two labels.
    y_score : array-like of shape (n_samples,)
        The higher, the more positive; any finite scale.
    pos_label : label, default=None
        The positive label; may be left out if the labels are {0, 1} or {-1, 1}.
    sample_weight : array-like of shape (n_samples,), default=None
        How much each sample counts.
    drop_intermediate : bool, default=False
        Keep only the first and last point of each value of recall.

    Returns
    -------
    precision, recall : ndarray of shape (n_thresholds + 1,)
        Ordered by increasing threshold; the last point is (1, 0) and has no threshold. Recall
        is 1 throughout, with a warning, if there is no positive sample.
    thresholds : ndarray of shape (n_thresholds,)
        Increasing: the distinct scores.

    Raises
    ------
    ValueError
        On empty, unequally long, NaN or infinite input, or if the positive label is unclear.

    Examples
    --------
    >>> precision, recall, thresholds = precision_recall_curve([0, 1, 1], [0.1, 0.4, 0.4])
    >>> precision.round(2).tolist(), recall.tolist(), thresholds.tolist()
    ([0.67, 1.0, 1.0], [1.0, 1.0, 0.0], [0.1, 0.4])
    """
    fps, tps, cuts = at_thresholds(positives(y_true, pos_label), y_score, sample_weight)
    if drop_intermediate and len(fps) > 2:
        moves = (np.diff(tps[:-1]) != 0) | (np.diff(tps[1:]) != 0)
        keep = np.concatenate([[True], moves, [True]])
        fps, tps, cuts = fps[keep], tps[keep], cuts[keep]
    called = tps + fps
    precision = np.divide(tps, called, out=np.zeros(len(tps)), where=called != 0)
    if tps[-1] == 0:
        warnings.warn(
            "No positive class found in y_true, recall is set to one for all thresholds.",
            UserWarning,
            stacklevel=2,
        )
        recall = np.ones(len(tps))
    else:
        recall = tps / tps[-1]
    return np.append(precision[::-1], 1.0), np.append(recall[::-1], 0.0), cuts[::-1]
