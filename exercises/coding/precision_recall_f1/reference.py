"""Precision, recall and F1 from the counts of hits, false alarms and misses."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike


def precision_recall_f1(
    y_true: ArrayLike, y_pred: ArrayLike, positive: Any = 1
) -> tuple[float, float, float]:
    """Precision, recall and F1 of one label.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        The true labels.
    y_pred : array-like of shape (n,)
        The predicted labels, in the same order.
    positive : label, default=1
        What counts as positive; every other label is negative.

    Returns
    -------
    tuple of float
        (precision, recall, f1), each 0 where it would be 0 / 0.
    """
    # >>> your code
    is_positive = np.asarray(y_true) == positive
    flagged = np.asarray(y_pred) == positive
    hits = int(np.sum(is_positive & flagged))
    false_alarms = int(np.sum(~is_positive & flagged))
    misses = int(np.sum(is_positive & ~flagged))
    if hits == 0:  # covers every 0 / 0
        return 0.0, 0.0, 0.0
    precision = hits / (hits + false_alarms)
    recall = hits / (hits + misses)
    return precision, recall, 2 * hits / (2 * hits + false_alarms + misses)
    # <<< your code
