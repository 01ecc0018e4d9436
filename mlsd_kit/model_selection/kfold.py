"""k-fold cross-validation, plain and stratified by class."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.utils import check_array, check_random_state
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import _num_samples, column_or_1d

from mlsd_kit._validation import plain_target
from mlsd_kit.model_selection.base import BaseKFold, Split, warn_groups_ignored


class KFold(BaseKFold):
    """Cut the rows into ``n_splits`` runs; each is the test half once, the rest trains.

    ::

        rows   0 1 2 3 4 5 6        n = 7, n_splits = 3
        fold 0 T T T . . . .        the first n % n_splits folds get one row more
        fold 1 . . . T T . .
        fold 2 . . . . . T T

    The same folds as scikit-learn's for the same whole-number ``random_state``.

    Parameters
    ----------
    n_splits : int, default=5
    shuffle : bool, default=False
        Draw each fold's rows at random instead of taking runs of neighbours.
    random_state : int, RandomState or None
        Seed of the shuffle.

    Examples
    --------
    >>> [test.tolist() for _, test in KFold(3).split(range(7))]
    [[0, 1, 2], [3, 4], [5, 6]]
    """

    def __init__(
        self, n_splits: int = 5, *, shuffle: bool = False, random_state: Any = None
    ) -> None:
        super().__init__(n_splits, shuffle=shuffle, random_state=random_state)

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[Split]:
        """Yield the row numbers (train, test) of every fold; ``groups`` is ignored, aloud."""
        warn_groups_ignored(self, groups)
        return super().split(X, y, None)

    def _iter_test_indices(self, X: Any, y: Any, groups: Any) -> Iterator[np.ndarray]:
        rows = np.arange(_num_samples(X))
        if self.shuffle:
            check_random_state(self.random_state).shuffle(rows)
        yield from np.array_split(rows, self.n_splits)


class StratifiedKFold(BaseKFold):
    """k folds in which every class has its share of the whole, to within one row.

    Rows of a class keep their order unless shuffled; fold sizes differ by at most one row. The
    same folds as scikit-learn's for the same whole-number ``random_state``.

    Parameters
    ----------
    n_splits : int, default=5
    shuffle : bool, default=False
        Shuffle within each class.
    random_state : int, RandomState or None

    Examples
    --------
    >>> y = ["no", "no", "no", "no", "yes", "yes"]
    >>> [test.tolist() for _, test in StratifiedKFold(2).split(y, y)]
    [[0, 1, 4], [2, 3, 5]]
    """

    def __init__(
        self, n_splits: int = 5, *, shuffle: bool = False, random_state: Any = None
    ) -> None:
        super().__init__(n_splits, shuffle=shuffle, random_state=random_state)

    def split(self, X: Any, y: Any, groups: Any = None) -> Iterator[Split]:  # type: ignore[override]
        """Yield the row numbers (train, test) of every fold, stratified by ``y``."""
        warn_groups_ignored(self, groups)
        y = check_array(plain_target(y), input_name="y", ensure_2d=False, dtype=None)
        return super().split(X, y, None)

    def _iter_test_indices(self, X: Any, y: Any, groups: Any) -> Iterator[np.ndarray]:
        fold_of_row = self._fold_of_row(codes_by_appearance(y, self.n_splits))
        for fold in range(self.n_splits):
            yield np.flatnonzero(fold_of_row == fold)

    def _fold_of_row(self, codes: np.ndarray) -> np.ndarray:
        """Deal the rows, sorted by class, to the folds in turn; then hand each class its share."""
        rng = check_random_state(self.random_state)
        n_classes = codes.max() + 1
        dealt = np.sort(codes)
        share = [np.bincount(dealt[i :: self.n_splits], minlength=n_classes)
                 for i in range(self.n_splits)]  # fmt: skip
        folds = np.arange(self.n_splits)
        fold_of_row = np.empty(len(codes), dtype=np.int32)
        for label, counts in enumerate(np.transpose(share)):
            folds_of_class = folds.repeat(counts)
            if self.shuffle:
                rng.shuffle(folds_of_class)
            fold_of_row[codes == label] = folds_of_class
        return fold_of_row


def codes_by_appearance(y: Any, n_splits: int) -> np.ndarray:
    """Classes of ``y`` as 0, 1, ... in order of appearance, checked for enough members.

    The order of appearance, not of the alphabet, makes the folds blind to renamed labels.
    """
    _, first_row, codes = np.unique(check_classes(y), return_index=True, return_inverse=True)
    rank = np.empty(len(first_row), dtype=np.intp)
    rank[np.argsort(first_row)] = np.arange(len(first_row))
    check_class_sizes(np.bincount(codes), n_splits)
    return rank[codes]


def check_classes(y: Any) -> np.ndarray:
    """``y`` as a 1-D array of class labels; a continuous target raises."""
    y = plain_target(np.asarray(y))
    kind = type_of_target(y)
    if kind not in ("binary", "multiclass"):
        raise ValueError(
            f"Supported target types are: ('binary', 'multiclass'). Got {kind!r} instead: "
            "stratify by classes, or bin y first."
        )
    return column_or_1d(y)


def check_class_sizes(counts: np.ndarray, n_splits: int) -> None:
    """Raise if no class can fill every fold; warn if the smallest cannot."""
    if np.all(n_splits > counts):
        raise ValueError(
            f"n_splits={n_splits} cannot be greater than the number of members in each class. "
            "Use fewer folds."
        )
    if n_splits > counts.min():
        warnings.warn(
            f"The least populated class in y has only {counts.min()} members, which is less than "
            f"n_splits={n_splits}.",
            UserWarning,
            stacklevel=3,
        )
