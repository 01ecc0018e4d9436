"""Population stability index: how far the values of a feature have moved since training."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FLOOR = 1e-4
"""The smallest share that enters the logarithm."""


def psi(reference: ArrayLike, current: ArrayLike, bins: int) -> float:
    """Sum over the bins of (q - p) ln(q / p), bins between quantiles of the reference.

    Parameters
    ----------
    reference : array-like of shape (n,)
        The values at training time.
    current : array-like of shape (m,)
        The values now.
    bins : int
        Number of bins (low, high], the outer ones open.

    Returns
    -------
    float
        0 for equal shares; shares below 0.0001 count as 0.0001.
    """
    # >>> your code
    borders = np.quantile(reference, np.arange(1, bins) / bins)

    def shares(values: ArrayLike) -> NDArray[np.float64]:
        cells = np.searchsorted(borders, values, side="left")
        return np.maximum(np.bincount(cells, minlength=bins) / np.size(values), FLOOR)

    p, q = shares(reference), shares(current)
    return float(np.sum((q - p) * np.log(q / p)))
    # <<< your code
