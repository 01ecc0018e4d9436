"""Proper scoring rules for predicted probabilities: log loss and Brier score."""

from __future__ import annotations

import math
import warnings
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_array

from mlsd_kit.metrics import _checks
from mlsd_kit.metrics._binary import two_values
from mlsd_kit.metrics._labels import column_of_labels, encode, positions


def log_loss(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    normalize: bool = True,
    sample_weight: ArrayLike | None = None,
    labels: ArrayLike | None = None,
) -> float:
    """Mean of -log(probability given to the true label), in nats (cross-entropy).

    The textbook form sums ``-y log p`` over one-hot columns; only the true label's column is
    not zero, so one look-up a sample does. A probability of exactly 0 or 1 is first moved to
    ``eps`` or ``1 - eps``, eps being the machine epsilon of ``y_proba``'s own type: the worst
    loss of one sample is 36.04 in float64 but 15.94 in float32.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Labels.
    y_proba : array-like of shape (n_samples, n_classes) or (n_samples,)
        Probabilities, columns in ascending order of the labels; one dimension means the
        probability of the larger of two labels. Rows that do not sum to 1 give a warning.
    normalize : bool, default=True
        The mean if True, else the sum.
    sample_weight : array-like of shape (n_samples,), default=None
        How much each sample counts.
    labels : array-like of shape (n_classes,), default=None
        All labels, if some do not occur in ``y_true``.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        On values outside [0, 1], a label without a column, or fewer than two labels.

    Examples
    --------
    >>> round(log_loss([0, 1, 1], [0.1, 0.8, 0.6]), 4)
    0.2798
    """
    proba = _probabilities(y_proba)
    code, proba, weight = _multiclass(y_true, proba, sample_weight, labels)
    eps = np.finfo(proba.dtype).eps
    given = np.clip(proba[np.arange(len(code)), code], eps, 1 - eps)
    loss = -np.log(given.astype(float))
    if normalize:
        return float(np.average(loss, weights=weight))
    return float(loss.sum() if weight is None else np.dot(loss, weight))


def brier_score_loss(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    pos_label: Any = None,
    labels: ArrayLike | None = None,
    scale_by_half: bool | Literal["auto"] = "auto",
) -> float:
    """Mean squared distance between predicted probabilities and what happened (Brier, 1950).

    For two labels and the probability p of the positive one this is the mean of (y - p)²; for
    more, the squared distances are summed over the labels.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Labels.
    y_proba : array-like of shape (n_samples,) or (n_samples, n_classes)
        Probability of the positive label, or of every label in ascending order.
    sample_weight : array-like of shape (n_samples,), default=None
        How much each sample counts.
    pos_label : label, default=None
        The positive label for one-dimensional ``y_proba``; 1 for {0, 1} and {-1, 1}, else the
        larger number; must be given for strings.
    labels : array-like of shape (n_classes,), default=None
        All labels, if some do not occur in ``y_true``; for two-dimensional ``y_proba``.
    scale_by_half : bool or "auto", default="auto"
        Halve the sum over labels; "auto" does so for two labels, where the sum counts each
        error twice.

    Returns
    -------
    float
        0 is perfect.

    Raises
    ------
    ValueError
        On values outside [0, 1], or labels that do not fit ``y_proba``.

    Examples
    --------
    >>> round(brier_score_loss([0, 1, 1], [0.1, 0.8, 0.6]), 4)
    0.07
    """
    proba = _probabilities(y_proba)
    if proba.ndim == 1 or proba.shape[1] == 1:
        proba = proba.reshape(-1).astype(float)
        positive = _binary(y_true, pos_label)
        _checks.same_length(y_true=positive, y_proba=proba)
        weight = _checks.weights(sample_weight, len(positive))
        squares, n_classes = 2 * (positive - proba) ** 2, 2
    else:
        code, proba, weight = _multiclass(y_true, proba, sample_weight, labels)
        error = proba.astype(float)
        error[np.arange(len(code)), code] -= 1
        squares, n_classes = (error**2).sum(axis=1), proba.shape[1]
    halve = n_classes < 3 if scale_by_half == "auto" else scale_by_half
    return float(np.average(squares, weights=weight)) * (0.5 if halve else 1.0)


def _probabilities(y_proba: ArrayLike) -> np.ndarray:
    proba = check_array(
        y_proba,
        ensure_2d=False,
        dtype=(np.float64, np.float32, np.float16),
        input_name="y_proba",
    )
    _checks.in_unit_interval(proba, "y_proba")
    return proba


def _binary(y_true: ArrayLike, pos_label: Any) -> np.ndarray:
    """Which samples are positive; without a label the larger number is, as for {0, 1}."""
    label = column_of_labels(y_true, "y_true")
    classes = two_values(label)
    if len(classes) > 2:
        raise ValueError(
            "The type of the target inferred from y_true is multiclass but should be binary"
            " according to the shape of y_proba: give one column per label."
        )
    if pos_label is None:
        if label.dtype.kind not in "buif":
            raise ValueError(
                "y_true holds strings and pos_label is not specified: pass pos_label explicitly."
            )
        pos_label = 1 if classes in ((0,), (-1,)) else classes[-1]
    return np.asarray(label == pos_label)


def _multiclass(
    y_true: ArrayLike,
    proba: np.ndarray,
    sample_weight: ArrayLike | None,
    labels: ArrayLike | None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Column of each true label, the probabilities as a matrix, and the weights."""
    label = column_of_labels(y_true, "y_true")
    _checks.same_length(y_true=label, y_proba=proba)
    weight = _checks.weights(sample_weight, len(label))
    if proba.ndim == 1:
        proba = proba[:, np.newaxis]
    if proba.shape[1] == 1:
        proba = np.concatenate([1 - proba, proba], axis=1)
    tolerance = math.sqrt(np.finfo(proba.dtype).eps)
    if not np.allclose(proba.sum(axis=1), 1, rtol=tolerance):
        warnings.warn(
            "The y_proba values do not sum to one. Make sure to pass probabilities.",
            UserWarning,
            stacklevel=3,
        )
    return _columns(label, labels, proba.shape[1]), proba, weight


def _columns(label: np.ndarray, labels: ArrayLike | None, n_columns: int) -> np.ndarray:
    code, seen = encode(label)
    classes = seen if labels is None else _ascending(labels)
    if len(classes) < 2:
        raise ValueError(
            f"y_true contains only one label ({classes[0]!r}): pass at least two labels"
            " explicitly through the labels argument."
            if labels is None
            else f"The labels array needs to contain at least two labels, got {classes}."
        )
    column = positions(seen, classes)
    if (column < 0).any():
        raise ValueError(
            f"y_true contains values {seen[column < 0].tolist()} not belonging to the passed"
            f" labels {classes.tolist()}."
        )
    if len(classes) != n_columns:
        raise ValueError(
            f"y_true and y_proba contain different number of classes: {len(classes)} vs"
            f" {n_columns}; pass all labels through the labels argument."
        )
    return column[code]


def _ascending(labels: ArrayLike) -> np.ndarray:
    """The labels in the order of the columns; a warning if they came in another one."""
    given = column_of_labels(labels, "labels")
    classes = encode(given)[1]
    if given.tolist() != classes.tolist():
        warnings.warn(
            f"Labels passed were {given.tolist()}. But this function assumes labels are ordered"
            f" lexicographically. Pass the ordered labels={classes.tolist()} and ensure that the"
            " columns of y_proba correspond to this ordering.",
            UserWarning,
            stacklevel=5,
        )
    return classes
