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
    raise NotImplementedError("write psi")
