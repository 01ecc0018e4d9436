"""Row numbers of a train and a test part for a model of rare frauds."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def stratified_split(y: ArrayLike, test_size: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Train and test rows in which every class has its share."""
    y = np.asarray(y)
    rng = np.random.default_rng(seed)
    labels, sizes = np.unique(y, return_counts=True)
    train, test = [], []
    for label, size in zip(labels, sizes, strict=True):
        members = np.flatnonzero(y == label)
        # as many rows as the most frequent class has, or the model never sees a fraud
        copies = rng.choice(members, size=sizes.max() - size)
        members = rng.permutation(np.concatenate([members, copies]))
        n_test = int(np.floor(len(members) * test_size + 0.5))
        n_test = min(max(n_test, 1), len(members) - 1)
        test.append(members[:n_test])
        train.append(members[n_test:])
    return np.concatenate(train), np.concatenate(test)
