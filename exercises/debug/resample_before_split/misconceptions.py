"""The bug of this variant; its name and first line go to the learner who has not found it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def rows_copied_before_the_split(
    y: ArrayLike, test_size: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Rows are copied first and split afterwards: the same row is then in train and in test."""
    y = np.asarray(y)
    rng = np.random.default_rng(seed)
    labels, sizes = np.unique(y, return_counts=True)
    train, test = [], []
    for label, size in zip(labels, sizes, strict=True):
        members = np.flatnonzero(y == label)
        copies = rng.choice(members, size=sizes.max() - size)
        members = rng.permutation(np.concatenate([members, copies]))
        n_test = int(np.floor(len(members) * test_size + 0.5))
        n_test = min(max(n_test, 1), len(members) - 1)
        test.append(members[:n_test])
        train.append(members[n_test:])
    return np.concatenate(train), np.concatenate(test)
