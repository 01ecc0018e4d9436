"""One score at a time: precision, recall, F1 and F-beta."""

from __future__ import annotations

from typing import Any

from numpy.typing import ArrayLike

from mlsd_kit.metrics.classification import (
    Average,
    ZeroDivision,
    precision_recall_fscore_support,
)


def precision_score(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    labels: ArrayLike | None = None,
    pos_label: Any = 1,
    average: Average = "binary",
    sample_weight: ArrayLike | None = None,
    zero_division: ZeroDivision = "warn",
) -> Any:
    """Share of the samples predicted positive that are positive: tp / (tp + fp).

    Parameters, errors and averages are those of `precision_recall_fscore_support`; here
    ``average`` is "binary" by default.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
    labels : array-like of shape (n_labels,), default=None
    pos_label : label, default=1
    average : {"binary", "micro", "macro", "weighted"} or None, default="binary"
    sample_weight : array-like of shape (n_samples,), default=None
    zero_division : {"warn", 0.0, 1.0, np.nan}, default="warn"

    Returns
    -------
    float, or ndarray of shape (n_labels,) if ``average`` is None

    Raises
    ------
    ValueError
        As `precision_recall_fscore_support`.

    Examples
    --------
    >>> precision_score([0, 1, 1, 0], [1, 1, 0, 0])
    0.5
    """
    return precision_recall_fscore_support(
        y_true,
        y_pred,
        labels=labels,
        pos_label=pos_label,
        average=average,
        warn_for=("precision",),
        sample_weight=sample_weight,
        zero_division=zero_division,
    )[0]


def recall_score(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    labels: ArrayLike | None = None,
    pos_label: Any = 1,
    average: Average = "binary",
    sample_weight: ArrayLike | None = None,
    zero_division: ZeroDivision = "warn",
) -> Any:
    """Share of the positive samples that are found: tp / (tp + fn).

    Parameters, errors and averages are those of `precision_recall_fscore_support`; here
    ``average`` is "binary" by default.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
    labels : array-like of shape (n_labels,), default=None
    pos_label : label, default=1
    average : {"binary", "micro", "macro", "weighted"} or None, default="binary"
    sample_weight : array-like of shape (n_samples,), default=None
    zero_division : {"warn", 0.0, 1.0, np.nan}, default="warn"

    Returns
    -------
    float, or ndarray of shape (n_labels,) if ``average`` is None

    Raises
    ------
    ValueError
        As `precision_recall_fscore_support`.

    Examples
    --------
    >>> recall_score([0, 1, 1, 0], [1, 1, 0, 0])
    0.5
    """
    return precision_recall_fscore_support(
        y_true,
        y_pred,
        labels=labels,
        pos_label=pos_label,
        average=average,
        warn_for=("recall",),
        sample_weight=sample_weight,
        zero_division=zero_division,
    )[1]


def fbeta_score(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    beta: float,
    labels: ArrayLike | None = None,
    pos_label: Any = 1,
    average: Average = "binary",
    sample_weight: ArrayLike | None = None,
    zero_division: ZeroDivision = "warn",
) -> Any:
    """Weighted harmonic mean of precision and recall; recall counts ``beta`` times as much.

    Parameters, errors and averages are those of `precision_recall_fscore_support`; here
    ``average`` is "binary" by default and ``beta`` must be given.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
    beta : float
    labels : array-like of shape (n_labels,), default=None
    pos_label : label, default=1
    average : {"binary", "micro", "macro", "weighted"} or None, default="binary"
    sample_weight : array-like of shape (n_samples,), default=None
    zero_division : {"warn", 0.0, 1.0, np.nan}, default="warn"

    Returns
    -------
    float, or ndarray of shape (n_labels,) if ``average`` is None

    Raises
    ------
    ValueError
        As `precision_recall_fscore_support`.

    Examples
    --------
    >>> round(fbeta_score([0, 1, 1, 1], [1, 1, 0, 0], beta=2), 4)
    0.3571
    """
    return precision_recall_fscore_support(
        y_true,
        y_pred,
        beta=beta,
        labels=labels,
        pos_label=pos_label,
        average=average,
        warn_for=("f-score",),
        sample_weight=sample_weight,
        zero_division=zero_division,
    )[2]


def f1_score(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    labels: ArrayLike | None = None,
    pos_label: Any = 1,
    average: Average = "binary",
    sample_weight: ArrayLike | None = None,
    zero_division: ZeroDivision = "warn",
) -> Any:
    """Harmonic mean of precision and recall: 2 tp / (2 tp + fp + fn).

    Parameters, errors and averages are those of `precision_recall_fscore_support`; here
    ``average`` is "binary" by default.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
    labels : array-like of shape (n_labels,), default=None
    pos_label : label, default=1
    average : {"binary", "micro", "macro", "weighted"} or None, default="binary"
    sample_weight : array-like of shape (n_samples,), default=None
    zero_division : {"warn", 0.0, 1.0, np.nan}, default="warn"

    Returns
    -------
    float, or ndarray of shape (n_labels,) if ``average`` is None

    Raises
    ------
    ValueError
        As `precision_recall_fscore_support`.

    Examples
    --------
    >>> f1_score([0, 1, 1, 0], [1, 1, 0, 0])
    0.5
    """
    return fbeta_score(
        y_true,
        y_pred,
        beta=1.0,
        labels=labels,
        pos_label=pos_label,
        average=average,
        sample_weight=sample_weight,
        zero_division=zero_division,
    )
