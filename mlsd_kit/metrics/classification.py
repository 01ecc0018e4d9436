"""Precision, recall and F-score, per label or averaged."""

from __future__ import annotations

import math
import warnings
from collections.abc import Collection
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from sklearn.exceptions import UndefinedMetricWarning

from mlsd_kit.metrics import _checks
from mlsd_kit.metrics._labels import Counts, count, pair, positions

Average = Literal["binary", "micro", "macro", "weighted"] | None
ZeroDivision = float | Literal["warn"]
_ALL = ("precision", "recall", "f-score")
_LACKS = {"precision": "predicted", "recall": "true", "f-score": "true nor predicted"}


class _Scores(NamedTuple):
    precision: Any
    recall: Any
    fscore: Any
    support: Any


def precision_recall_fscore_support(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    beta: float = 1.0,
    labels: ArrayLike | None = None,
    pos_label: Any = 1,
    average: Average = None,
    warn_for: Collection[str] = _ALL,
    sample_weight: ArrayLike | None = None,
    zero_division: ZeroDivision = "warn",
) -> tuple[Any, Any, Any, Any]:
    """Precision, recall, F-beta and the number of true samples, per label or averaged.

    With true positives tp, false positives fp and false negatives fn of one label::

        precision = tp / (tp + fp)      recall = tp / (tp + fn)
        F_beta = (1 + beta²) tp / ((1 + beta²) tp + beta² fn + fp)

    F_beta is the weighted harmonic mean of the two (van Rijsbergen, 1979). All labels together
    need three histograms: of the labels predicted right, of the predicted and of the true ones.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
        Labels: integers, bools or strings.
    beta : float, default=1.0
        How many times as important recall is as precision; ``inf`` means recall alone.
    labels : array-like of shape (n_labels,), default=None
        Labels to score, in this order; all that occur by default. Ignored for "binary".
    pos_label : label, default=1
        The positive class, for ``average="binary"`` only.
    average : {"binary", "micro", "macro", "weighted"} or None, default=None
        None gives one value per label; "binary" that of ``pos_label``; "micro" sums the counts
        first; "macro" takes the plain mean over labels, "weighted" that by support.
    warn_for : collection of {"precision", "recall", "f-score"}
        Which scores may warn of 0 / 0.
    sample_weight : array-like of shape (n_samples,), default=None
        How much each sample counts.
    zero_division : {"warn", 0.0, 1.0, np.nan}, default="warn"
        The value of 0 / 0; "warn" is 0 with a warning. NaN is left out of averages.

    Returns
    -------
    precision, recall, fscore : float, or ndarray of shape (n_labels,) if ``average`` is None
    support : ndarray of shape (n_labels,), or None with an average

    Raises
    ------
    ValueError
        On empty, unequally long or continuous inputs; on more than two labels with "binary";
        on a ``pos_label`` that is neither of two labels; on an unknown option.

    Examples
    --------
    >>> p, r, f, s = precision_recall_fscore_support([0, 1, 1, 1], [0, 0, 1, 1])
    >>> p.tolist(), r.round(2).tolist(), f.round(2).tolist(), s.tolist()
    ([0.5, 1.0], [1.0, 0.67], [0.67, 0.8], [1, 3])
    """
    _check_options(beta, average, zero_division)
    pairs = pair(y_true, y_pred)
    counts = count(pairs, _checks.weights(sample_weight, len(pairs.true)))
    wanted = _wanted(counts.classes, labels, pos_label, average)
    tp, pred, true = _sums(counts, wanted, average)
    scores = _Scores(
        _ratio(tp, pred, "precision", warn_for, zero_division),
        _ratio(tp, true, "recall", warn_for, zero_division),
        None,
        true,
    )
    return tuple(_averaged(_with_fscore(scores, tp, pred, beta, warn_for, zero_division), average))


def _check_options(beta: float, average: Average, zero_division: ZeroDivision) -> None:
    if average not in ("binary", "micro", "macro", "weighted", None):
        raise ValueError(
            f"average={average!r}: average has to be one of 'binary', 'micro', 'macro',"
            " 'weighted' or None."
        )
    if not beta >= 0:
        raise ValueError(f"beta={beta!r}: it must be at least 0.")
    known = zero_division == "warn" or (
        not isinstance(zero_division, str)
        and (zero_division in (0, 1) or math.isnan(zero_division))
    )
    if not known:
        raise ValueError(f"zero_division={zero_division!r}: use 'warn', 0, 1 or np.nan.")


def _wanted(
    classes: np.ndarray, labels: ArrayLike | None, pos_label: Any, average: Average
) -> np.ndarray:
    """Index into ``classes`` of each label to score; -1 for one that never occurs."""
    if average != "binary":
        if pos_label not in (None, 1):
            warnings.warn(
                f"Note that pos_label (set to {pos_label!r}) is ignored when average != 'binary'"
                f" (got {average!r}); use labels=[pos_label] for a single positive class.",
                UserWarning,
                stacklevel=4,
            )
        if labels is None:
            return np.arange(len(classes))
        return positions(np.asarray(labels), classes)
    if len(classes) > 2:
        raise ValueError(
            "Target is multiclass but average='binary'. Please choose another average setting,"
            " one of None, 'micro', 'macro', 'weighted'."
        )
    position = positions(np.array([pos_label], dtype=object), classes)
    if position[0] < 0 and len(classes) == 2:
        raise ValueError(
            f"pos_label={pos_label} is not a valid label. It should be one of {classes}."
        )
    return position


def _sums(counts: Counts, wanted: np.ndarray, average: Average) -> tuple[np.ndarray, ...]:
    """tp, predicted and true of the wanted labels; one total of each for "micro"."""
    known = wanted >= 0
    sums = []
    for values in (counts.tp, counts.pred, counts.true):
        column = np.zeros(len(wanted), dtype=values.dtype)
        column[known] = values[wanted[known]]
        sums.append(column.sum(keepdims=True) if average == "micro" else column)
    return tuple(sums)


def _ratio(
    numerator: np.ndarray,
    denominator: np.ndarray,
    metric: str,
    warn_for: Collection[str],
    zero_division: ZeroDivision,
) -> np.ndarray:
    """numerator / denominator, with 0 / 0 by policy."""
    undefined = denominator == 0
    warn = zero_division == "warn"
    fill = 0.0 if zero_division == "warn" else float(zero_division)
    result = np.full(len(numerator), fill)
    np.divide(numerator, denominator, out=result, where=~undefined)
    if warn and metric in warn_for and undefined.any():
        warnings.warn(
            f"{metric.capitalize()} is ill-defined and being set to 0.0 where there are no"
            f" {_LACKS[metric]} samples. Use `zero_division` parameter to control this behavior.",
            UndefinedMetricWarning,
            stacklevel=4,
        )
    return result


def _with_fscore(
    scores: _Scores,
    tp: np.ndarray,
    pred: np.ndarray,
    beta: float,
    warn_for: Collection[str],
    zero_division: ZeroDivision,
) -> _Scores:
    if math.isinf(beta):
        return scores._replace(fscore=scores.recall)
    if beta == 0:
        return scores._replace(fscore=scores.precision)
    above, below = (1 + beta**2) * tp, beta**2 * scores.support + pred
    return scores._replace(fscore=_ratio(above, below, "f-score", warn_for, zero_division))


def _averaged(scores: _Scores, average: Average) -> _Scores:
    if average is None:
        return scores
    weight = scores.support if average == "weighted" else None
    precision, recall, fscore = (_mean_without_nan(values, weight) for values in scores[:3])
    return _Scores(precision, recall, fscore, None)


def _mean_without_nan(values: np.ndarray, weight: np.ndarray | None) -> float:
    defined = ~np.isnan(values)
    if not defined.any():
        return float("nan")
    share = None if weight is None or weight[defined].sum() == 0 else weight[defined]
    return _checks.trimmed(float(np.average(values[defined], weights=share)))
