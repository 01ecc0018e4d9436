"""k folds that keep groups whole, plain and stratified by class."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.utils import check_array, check_random_state

from mlsd_kit.model_selection.base import BaseKFold
from mlsd_kit.model_selection.kfold import check_class_sizes, check_classes


def group_codes(groups: Any, n_splits: int) -> np.ndarray:
    """Groups as 0, 1, ... in sorted order, checked: there are some, and enough for the folds."""
    if groups is None:
        raise ValueError("The 'groups' parameter should not be None: pass one group label a row.")
    labels = check_array(groups, input_name="groups", ensure_2d=False, dtype=None)
    values, codes = np.unique(labels, return_inverse=True)
    if n_splits > len(values):
        raise ValueError(
            f"Cannot have number of splits n_splits={n_splits} greater than the number of groups: "
            f"{len(values)}. Use fewer folds."
        )
    return codes


class GroupKFold(BaseKFold):
    """k folds of nearly equal size in which no group is on both sides of a split.

    The largest group goes first, each to the fold that has fewest rows so far (the greedy rule
    for balancing loads). With ``shuffle``, random runs of groups instead: equal numbers of
    groups, not of rows. The same folds as scikit-learn's.

    Parameters
    ----------
    n_splits : int, default=5
    shuffle : bool, default=False
    random_state : int, RandomState or None

    Examples
    --------
    >>> customers = ["ann", "bob", "bob", "cid", "ann", "ann"]
    >>> [test.tolist() for _, test in GroupKFold(2).split(customers, groups=customers)]
    [[0, 4, 5], [1, 2, 3]]
    """

    def __init__(
        self, n_splits: int = 5, *, shuffle: bool = False, random_state: Any = None
    ) -> None:
        super().__init__(n_splits, shuffle=shuffle, random_state=random_state)

    def _iter_test_indices(self, X: Any, y: Any, groups: Any) -> Iterator[np.ndarray]:
        codes = group_codes(groups, self.n_splits)
        n_groups = codes.max() + 1
        fold_of_group = np.empty(n_groups, dtype=np.intp)
        if self.shuffle:
            order = check_random_state(self.random_state).permutation(n_groups)
            for fold, members in enumerate(np.array_split(order, self.n_splits)):
                fold_of_group[members] = fold
        else:
            sizes = np.bincount(codes)
            rows_in_fold = np.zeros(self.n_splits)
            for group in np.argsort(sizes, kind="stable")[::-1]:
                lightest = np.argmin(rows_in_fold)
                rows_in_fold[lightest] += sizes[group]
                fold_of_group[group] = lightest
        fold_of_row = fold_of_group[codes]
        for fold in range(self.n_splits):
            yield np.flatnonzero(fold_of_row == fold)


class StratifiedGroupKFold(BaseKFold):
    """k folds that keep groups whole and, as far as that allows, every class's share.

    Groups whose class counts vary most go first. Each joins the fold where the folds' shares of
    each class then differ least (standard deviation over folds, averaged over classes); nearly
    equal candidates go to the fold with fewer rows. The same folds as scikit-learn's.

    Parameters
    ----------
    n_splits : int, default=5
    shuffle : bool, default=False
        Shuffles groups with equally varied class counts among themselves.
    random_state : int, RandomState or None

    Examples
    --------
    >>> y = [0, 0, 1, 1, 0, 0, 1, 1]
    >>> groups = [1, 1, 2, 2, 3, 3, 4, 4]
    >>> [test.tolist() for _, test in StratifiedGroupKFold(2).split(y, y, groups)]
    [[0, 1, 6, 7], [2, 3, 4, 5]]
    """

    def __init__(self, n_splits: int = 5, shuffle: bool = False, random_state: Any = None) -> None:
        super().__init__(n_splits, shuffle=shuffle, random_state=random_state)

    def _iter_test_indices(self, X: Any, y: Any, groups: Any) -> Iterator[np.ndarray]:
        rng = check_random_state(self.random_state)
        labels = check_classes(y)
        classes = np.unique(labels, return_inverse=True)[1]
        check_class_sizes(np.bincount(classes), self.n_splits)
        codes = group_codes(groups, self.n_splits)
        n_groups = codes.max() + 1
        counts = np.zeros((n_groups, classes.max() + 1))  # rows of each class in each group
        np.add.at(counts, (codes, classes), 1)
        order = np.arange(n_groups)
        if self.shuffle:
            rng.shuffle(order)
        # stable, so that groups with equal spread keep their shuffled order
        order = order[np.argsort(-np.std(counts[order], axis=1), kind="stable")]
        fold_of_row = self._deal(counts, order)[codes]
        for fold in range(self.n_splits):
            yield np.flatnonzero(fold_of_row == fold)

    def _deal(self, counts: np.ndarray, order: np.ndarray) -> np.ndarray:
        total = counts.sum(axis=0)
        in_fold = np.zeros((self.n_splits, counts.shape[1]))
        fold_of_group = np.empty(len(counts), dtype=np.intp)
        own_row = np.eye(self.n_splits)[:, :, None]
        for group in order:
            candidates = in_fold + own_row * counts[group]  # (candidate fold, fold, class)
            unevenness = np.std(candidates / total, axis=1).mean(axis=1)
            fold = _best(unevenness.tolist(), in_fold.sum(axis=1).tolist())
            in_fold[fold] += counts[group]
            fold_of_group[group] = fold
        return fold_of_group


def _best(unevenness: list[float], rows: list[float]) -> int:
    """Fold of the smallest unevenness; among near ties (1e-5 relative) the one with fewer rows."""
    best, lowest, fewest = 0, float("inf"), float("inf")
    for fold, (value, n) in enumerate(zip(unevenness, rows, strict=True)):
        tied = abs(value - lowest) <= 1e-8 + 1e-5 * lowest < float("inf")
        if value < lowest or (tied and n < fewest):
            best, lowest, fewest = fold, value, n
    return best
