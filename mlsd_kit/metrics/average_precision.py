"""Average precision: the precision-recall curve in one number."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mlsd_kit.metrics._binary import two_values
from mlsd_kit.metrics._checks import trimmed
from mlsd_kit.metrics._labels import column_of_labels
from mlsd_kit.metrics._one_vs_rest import MultiAverage, score_matrix, true_columns
from mlsd_kit.metrics.curves import precision_recall_curve


def average_precision_score(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    average: MultiAverage = "macro",
    pos_label: Any = 1,
    sample_weight: ArrayLike | None = None,
) -> Any:
    """Mean precision over the steps of recall: sum of (R_n - R_(n-1)) P_n over the thresholds.

    A step function, not trapezoids: between two points of the precision-recall curve a straight
    line would be too optimistic (Davis and Goadrich, 2006). Samples of equal score enter
    together.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Labels.
    y_score : array-like of shape (n_samples,) or (n_samples, n_classes)
        The higher, the more positive; any finite scale. For more than two labels one column
        each, in ascending order.
    average : {"macro", "weighted", "micro"} or None, default="macro"
        Over the classes, each against the rest; ignored for two labels.
    pos_label : label, default=1
        The positive one of two labels.
    sample_weight : array-like of shape (n_samples,), default=None
        How much each sample counts.

    Returns
    -------
    float, or ndarray of shape (n_classes,) if ``average`` is None
        0 with a warning if there is no positive sample.

    Raises
    ------
    ValueError
        On empty, unequally long, NaN or infinite input; on multilabel targets (score each
        column by itself); if ``pos_label`` is neither of two labels.

    Examples
    --------
    >>> round(average_precision_score([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]), 4)
    0.8333
    """
    shape = np.shape(y_true)
    if len(shape) == 2 and shape[1] > 1:
        raise ValueError("multilabel y_true is not supported: score each column by itself.")
    label = column_of_labels(y_true, "y_true")
    classes = two_values(label)
    if len(classes) > 2:
        if pos_label != 1:
            raise ValueError(
                "Parameter pos_label is fixed to 1 for multiclass y_true. Do not set pos_label."
            )
        truth = true_columns(label, score_matrix(y_score, label))
        return truth.averaged(_binary, average, sample_weight)
    if len(classes) == 2 and pos_label not in classes:
        raise ValueError(
            f"pos_label={pos_label} is not a valid label. It should be one of {list(classes)}."
        )
    return _binary(np.asarray(label == pos_label), y_score, sample_weight)


def _binary(
    positive: np.ndarray, y_score: ArrayLike, sample_weight: ArrayLike | None = None
) -> float:
    precision, recall, _ = precision_recall_curve(positive, y_score, sample_weight=sample_weight)
    return trimmed(float(max(0.0, -np.dot(np.diff(recall), precision[:-1]))))
