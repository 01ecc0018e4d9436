"""Folds that train on the past and test on the future."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.utils.validation import _num_samples

from mlsd_kit.model_selection.base import BaseKFold, Split, warn_groups_ignored


class TimeSeriesSplit(BaseKFold):
    """Expanding (or sliding) train window, then a gap, then the test window.

    ::

        rows                    0 1 2 3 4 5 6 7 8 9     n_splits=3, test_size=2, gap=1
        fold 0                  # # # . T T             # trains, T tests
        fold 1                  # # # # # . T T
        fold 2                  # # # # # # # . T T     max_train_size=3 would keep the last 3 #

    Rows must be in time order, oldest first. Set ``gap`` to the time a label takes to become
    known: without it the newest train labels would not exist yet when the model is made.
    The same folds as scikit-learn's.

    Parameters
    ----------
    n_splits : int, default=5
    max_train_size : int, optional
        Rows of the train window at most; None lets it grow.
    test_size : int, optional
        Rows of each test window; ``n_samples // (n_splits + 1)`` when left out.
    gap : int, default=0
        Rows left out between train and test.

    Examples
    --------
    >>> for train, test in TimeSeriesSplit(2, test_size=2, gap=1).split(range(8)):
    ...     print(train, test)
    [0 1 2] [4 5]
    [0 1 2 3 4] [6 7]
    """

    def __init__(
        self,
        n_splits: int = 5,
        *,
        max_train_size: int | None = None,
        test_size: int | None = None,
        gap: int = 0,
    ) -> None:
        super().__init__(n_splits, shuffle=False, random_state=None)
        self.max_train_size = max_train_size
        self.test_size = test_size
        self.gap = gap

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[Split]:
        """Yield the row numbers (train, test) of every fold, oldest fold first."""
        warn_groups_ignored(self, groups)
        rows = np.arange(_num_samples(X))
        for test in self._iter_test_indices(X, y, None):
            train = rows[: test[0] - self.gap]
            yield (train[-self.max_train_size :] if self.max_train_size else train), test

    def _iter_test_indices(self, X: Any, y: Any, groups: Any) -> Iterator[np.ndarray]:
        n_samples, n_splits = _num_samples(X), self.n_splits
        if n_splits + 1 > n_samples:
            raise ValueError(
                f"Cannot have number of folds={n_splits + 1} greater than the number of "
                f"samples={n_samples}. Use fewer folds."
            )
        size = n_samples // (n_splits + 1) if self.test_size is None else self.test_size
        if size < 1 or self.gap < 0 or n_samples - self.gap - size * n_splits <= 0:
            raise ValueError(
                f"Too many splits={n_splits} for number of samples={n_samples} with "
                f"test_size={size} and gap={self.gap}: reduce one of the three."
            )
        for start in range(n_samples - n_splits * size, n_samples, size):
            yield np.arange(start, start + size)
