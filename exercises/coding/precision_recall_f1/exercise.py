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
    raise NotImplementedError("write precision_recall_f1")
