"""k-fold cross-validation repeated with a new shuffle each time."""

from __future__ import annotations

import numbers
from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from mlsd_kit.model_selection.base import BaseCrossValidator, Split
from mlsd_kit.model_selection.kfold import KFold, StratifiedKFold


class RepeatedKFold(BaseCrossValidator):
    """`KFold` run ``n_repeats`` times, shuffled anew: a steadier mean than one run gives.

    The scores of different repeats share rows, so their spread understates the uncertainty.
    The same folds as scikit-learn's for the same whole-number ``random_state``.

    Parameters
    ----------
    n_splits : int, default=5
    n_repeats : int, default=10
    random_state : int, RandomState or None

    Examples
    --------
    >>> folds = RepeatedKFold(n_splits=2, n_repeats=3, random_state=0)
    >>> folds.get_n_splits(), len(list(folds.split(range(4))))
    (6, 6)
    """

    _kind: type = KFold

    def __init__(self, *, n_splits: int = 5, n_repeats: int = 10, random_state: Any = None) -> None:
        _check_n_repeats(n_repeats)
        self._kind(n_splits)  # says what is wrong with n_splits now rather than in split
        self.n_splits = n_splits
        self.n_repeats = n_repeats
        self.random_state = random_state

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[Split]:
        """Yield the row numbers (train, test) of every fold of every repeat."""
        rng = check_random_state(self.random_state)
        for _ in range(self.n_repeats):
            folds = self._kind(self.n_splits, shuffle=True, random_state=rng)
            yield from folds.split(X, y, groups)

    def _iter_test_indices(self, X: Any, y: Any, groups: Any) -> Iterator[np.ndarray]:
        yield from (test for _, test in self.split(X, y, groups))

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Folds times repeats."""
        return self.n_splits * self.n_repeats


class RepeatedStratifiedKFold(RepeatedKFold):
    """`StratifiedKFold` run ``n_repeats`` times, shuffled anew.

    Parameters
    ----------
    n_splits : int, default=5
    n_repeats : int, default=10
    random_state : int, RandomState or None

    Examples
    --------
    >>> y = [0, 0, 1, 1]
    >>> folds = RepeatedStratifiedKFold(n_splits=2, n_repeats=2, random_state=1)
    >>> [test.tolist() for _, test in folds.split(y, y)]
    [[0, 2], [1, 3], [1, 3], [0, 2]]
    """

    _kind = StratifiedKFold


def _check_n_repeats(n_repeats: Any) -> None:
    if not isinstance(n_repeats, numbers.Integral) or n_repeats <= 0:
        raise ValueError(
            "Number of repetitions must be of Integral type and greater than 0: got "
            f"n_repeats={n_repeats!r}."
        )
