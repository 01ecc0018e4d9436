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
    # >>> your code
    y = np.asarray(y)
    rng = np.random.default_rng(seed)
    train, test = [], []
    for label in np.unique(y):
        members = rng.permutation(np.flatnonzero(y == label))
        n_test = int(np.floor(len(members) * test_size + 0.5))
        # both parts see the class; of a single row the second bound leaves 0
        n_test = min(max(n_test, 1), len(members) - 1)
        test.append(members[:n_test])
        train.append(members[n_test:])
    return np.concatenate(train), np.concatenate(test)
    # <<< your code
