"""Row numbers of a train and a test part for a model of rare frauds."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def stratified_split(y: ArrayLike, test_size: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Train and test rows in which every class has its share."""
    y = np.asarray(y)
    rng = np.random.default_rng(seed)
    train, test = [], []
    for label in np.unique(y):
        members = np.flatnonzero(y == label)
        members = rng.permutation(members)  # no copies: resample train after the split
        n_test = int(np.floor(len(members) * test_size + 0.5))
        n_test = min(max(n_test, 1), len(members) - 1)
        test.append(members[:n_test])
        train.append(members[n_test:])
    return np.concatenate(train), np.concatenate(test)
