"""Area under the ROC curve as what it means: how often a positive outranks a negative."""

from __future__ import annotations

import warnings
from itertools import combinations
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from sklearn.exceptions import UndefinedMetricWarning

from mlsd_kit.metrics import _checks
from mlsd_kit.metrics._binary import two_values
from mlsd_kit.metrics._labels import column_of_labels
from mlsd_kit.metrics._one_vs_rest import MultiAverage, score_matrix, true_columns
from mlsd_kit.metrics.curves import auc, roc_curve


def roc_auc_score(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    average: MultiAverage = "macro",
    sample_weight: ArrayLike | None = None,
    max_fpr: float | None = None,
    multi_class: Literal["raise", "ovr", "ovo"] = "raise",
    labels: ArrayLike | None = None,
) -> Any:
    """Probability that a random positive scores above a random negative; ties count one half.

    The textbook form integrates `roc_curve` by trapezoids. The same number is the Mann-Whitney
    statistic over the number of pairs (Hanley and McNeil, 1982)::

        AUC = sum over positives (negatives below + negatives equal / 2) / (n_pos n_neg)

    so that the two classes are sorted apart, without any index, and counted by binary search.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Labels; of two, the larger one is positive.
    y_score : array-like of shape (n_samples,) or (n_samples, n_classes)
        The higher, the more positive; any finite scale. For more than two labels
        probabilities, columns in ascending order of the labels.
    average : {"macro", "weighted", "micro"} or None, default="macro"
        Over the classes (or pairs) of a multiclass problem; ignored for two labels.
    sample_weight : array-like of shape (n_samples,), default=None
        How much each sample counts.
    max_fpr : float in (0, 1], default=None
        Only the part of the curve up to this rate, rescaled so that chance is 0.5
        (McClish, 1989).
    multi_class : {"raise", "ovr", "ovo"}, default="raise"
        Each class against the rest, or each pair of classes (Hand and Till, 2001).
    labels : array-like of shape (n_classes,), default=None
        All labels, ascending, if some do not occur in ``y_true``.

    Returns
    -------
    float, or ndarray of shape (n_classes,) if ``average`` is None
        NaN with a warning if ``y_true`` holds one class only.

    Raises
    ------
    ValueError
        On empty, unequally long, NaN or infinite input; on multilabel targets (score each
        column by itself); on scores that do not fit the classes.

    Examples
    --------
    >>> roc_auc_score([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75
    >>> roc_auc_score([0, 1], [0.5, 0.5])
    0.5
    """
    if max_fpr is not None and not 0 < max_fpr <= 1:
        raise ValueError(f"Expected max_fpr in range (0, 1], got: {max_fpr!r}")
    shape = np.shape(y_true)
    if len(shape) == 2 and shape[1] > 1:
        raise ValueError("multilabel y_true is not supported: score each column by itself.")
    label = column_of_labels(y_true, "y_true")
    classes = two_values(label)
    if len(classes) > 2 or (np.ndim(y_score) == 2 and np.shape(y_score)[1] > 2):
        if max_fpr not in (None, 1):
            raise ValueError("Partial AUC is not available for multiclass: leave out max_fpr.")
        return _multiclass(label, y_score, average, sample_weight, multi_class, labels)
    return _binary(np.asarray(label == classes[-1]), y_score, sample_weight, max_fpr)


def _binary(
    positive: np.ndarray,
    y_score: ArrayLike,
    sample_weight: ArrayLike | None = None,
    max_fpr: float | None = None,
) -> float:
    n_positive = np.count_nonzero(positive)
    if n_positive in (0, len(positive)):
        warnings.warn(
            "Only one class is present in y_true. ROC AUC score is not defined in that case.",
            UndefinedMetricWarning,
            stacklevel=3,
        )
        return float("nan")
    if sample_weight is None and max_fpr in (None, 1):
        score = _checks.numeric(y_score, "y_score")
        _checks.same_length(y_true=positive, y_score=score)
        return _mann_whitney(score[positive], score[~positive])
    fpr, tpr, _ = roc_curve(positive, y_score, sample_weight=sample_weight)
    if np.isnan(fpr[-1]) or np.isnan(tpr[-1]):  # all samples of one class weigh nothing
        return float("nan")
    whole = max_fpr in (None, 1)
    area = auc(fpr, tpr) if whole else _partial_auc(fpr, tpr, float(max_fpr or 1))
    return _checks.trimmed(area)


def _mann_whitney(positive: np.ndarray, negative: np.ndarray) -> float:
    """Share of (positive, negative) pairs in the right order; sorts its arguments in place.

    Counted in whole halves of a pair, so the only rounding is in the last division.
    """
    positive.sort()
    negative.sort()
    few, many = sorted((positive, negative), key=len)
    last = np.append(np.flatnonzero(few[1:] != few[:-1]), len(few) - 1)
    value, times = few[last], np.diff(last, prepend=-1)
    below = int(np.dot(times, np.searchsorted(many, value, "left")))
    up_to = int(np.dot(times, np.searchsorted(many, value, "right")))
    pairs = len(positive) * len(negative)
    halves = below + up_to if few is positive else 2 * pairs - below - up_to
    return halves / (2 * pairs)


def _partial_auc(fpr: np.ndarray, tpr: np.ndarray, max_fpr: float) -> float:
    """Area up to ``max_fpr``, mapped so that chance is 0.5 and a perfect ranking 1."""
    stop = int(np.searchsorted(fpr, max_fpr, "right"))
    edge = np.interp(max_fpr, fpr[stop - 1 : stop + 1], tpr[stop - 1 : stop + 1])
    area = auc(np.append(fpr[:stop], max_fpr), np.append(tpr[:stop], edge))
    chance, perfect = 0.5 * max_fpr**2, max_fpr
    return 0.5 * (1 + (area - chance) / (perfect - chance))


def _multiclass(
    label: np.ndarray,
    y_score: ArrayLike,
    average: MultiAverage,
    sample_weight: ArrayLike | None,
    multi_class: str,
    labels: ArrayLike | None,
) -> Any:
    if multi_class not in ("ovr", "ovo"):
        raise ValueError("multi_class must be in ('ovo', 'ovr') for more than two labels.")
    score = score_matrix(y_score, label)
    if not np.allclose(1, score.sum(axis=1)):
        raise ValueError(
            "Target scores need to be probabilities for multiclass roc_auc, i.e. they should sum"
            " up to 1.0 over classes: normalise the rows of y_score."
        )
    truth = true_columns(label, score, labels)
    if multi_class == "ovr":
        return truth.averaged(_binary, average, sample_weight)
    if sample_weight is not None:
        raise ValueError("sample_weight is not supported for multi_class='ovo': leave it out.")
    if average is None:
        raise NotImplementedError("average=None is not implemented for multi_class='ovo'.")
    if average not in ("macro", "weighted"):
        raise ValueError(f"average={average!r}: for multi_class='ovo' use 'macro' or 'weighted'.")
    return _one_vs_one(truth.code, score, average)


def _one_vs_one(code: np.ndarray, score: np.ndarray, average: str) -> float:
    pair_scores, prevalence = [], []
    for a, b in combinations(np.unique(code), 2):
        either = (code == a) | (code == b)
        is_a, of_pair = code[either] == a, score[either]
        pair_scores.append((_binary(is_a, of_pair[:, a]) + _binary(~is_a, of_pair[:, b])) / 2)
        prevalence.append(either.mean())
    if not pair_scores:
        return _binary(np.ones(len(code), dtype=bool), score[:, 0])
    weights = prevalence if average == "weighted" else None
    return _checks.trimmed(float(np.average(pair_scores, weights=weights)))
