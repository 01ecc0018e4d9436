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
    # >>> your code
    X, y = np.asarray(X), np.asarray(y)
    rng = np.random.default_rng(seed)
    classes, sizes = np.unique(y, return_counts=True)
    rows = []
    for label, size in zip(classes, sizes, strict=True):
        members = np.flatnonzero(y == label)
        if strategy == "over":
            copies = rng.choice(members, size=sizes.max() - size, replace=True)
            rows.append(np.concatenate([members, copies]))
        else:
            rows.append(rng.choice(members, size=sizes.min(), replace=False))
    chosen = np.concatenate(rows)
    return X[chosen], y[chosen]
    # <<< your code
