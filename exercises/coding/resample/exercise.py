"""Random over- and under-sampling: as many rows of every class."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def resample(X: ArrayLike, y: ArrayLike, strategy: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Balance the classes by copies of rows ("over") or by leaving rows out ("under").

    Parameters
    ----------
    X : array-like of shape (n, d)
    y : array-like of shape (n,)
        The class of each row.
    strategy : {"over", "under"}
    seed : int

    Returns
    -------
    X_new, y_new : ndarray
        As many rows of every class as the largest ("over") or smallest ("under") class has.
    """
    raise NotImplementedError("write resample")
