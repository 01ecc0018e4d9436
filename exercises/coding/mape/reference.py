"""Mean absolute percentage error: by how many percent a forecast is off, on average."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def mape(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Mean of |actual - forecast| / |actual| in percent; days with an actual of 0 are left out.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        The actuals.
    y_pred : array-like of shape (n,)
        The forecasts, in the same order.

    Returns
    -------
    float
        In percent; nan if no day is left.
    """
    # >>> your code
    actual = np.asarray(y_true, dtype=float)
    forecast = np.asarray(y_pred, dtype=float)
    counts = actual != 0
    if not counts.any():
        return float("nan")
    errors = np.abs(actual[counts] - forecast[counts]) / np.abs(actual[counts])
    return float(100 * errors.mean())
    # <<< your code
