"""A stratified split: every class has its share in train and in test."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def stratified_split(y: ArrayLike, test_size: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers of a train and a test part in which every class has its share.

    Parameters
    ----------
    y : array-like of shape (n,)
        The class of each row.
    test_size : float in (0, 1)
        Share of each class that goes to the test part.
    seed : int

    Returns
    -------
    train, test : ndarray of int
    """
    raise NotImplementedError("write stratified_split")
