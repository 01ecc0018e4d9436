"""What every splitter shares: check the inputs, ask one hook for the test rows."""

from __future__ import annotations

import inspect
import numbers
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from sklearn.utils import indexable
from sklearn.utils.validation import _num_samples

Split = tuple[np.ndarray, np.ndarray]
"""Row numbers of the train half and of the test half, both ascending unless a class says else."""


class BaseCrossValidator(ABC):
    """A splitter: ``split`` yields (train, test) row numbers, ``get_n_splits`` says how many.

    A subclass writes one hook, ``_iter_test_indices``; train is whatever is not in the test half,
    so that no splitter can leak a test row into its train half.
    """

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[Split]:
        """Yield the row numbers (train, test) of every fold.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Only its length is used.
        y : array-like of shape (n_samples,), optional
        groups : array-like of shape (n_samples,), optional
        """
        X, y, groups = indexable(X, y, groups)
        rows = np.arange(_num_samples(X))
        for test in self._iter_test_indices(X, y, groups):
            in_test = np.zeros(len(rows), dtype=bool)
            in_test[test] = True
            yield rows[~in_test], rows[in_test]

    @abstractmethod
    def _iter_test_indices(self, X: Any, y: Any, groups: Any) -> Iterator[np.ndarray]:
        """Yield the test rows of each fold: the hook that makes a splitter."""

    @abstractmethod
    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Number of (train, test) pairs that ``split`` yields."""

    def __repr__(self) -> str:
        names = sorted(inspect.signature(type(self)).parameters)
        return f"{type(self).__name__}({', '.join(f'{k}={getattr(self, k)!r}' for k in names)})"


class BaseKFold(BaseCrossValidator):
    """A splitter with ``n_splits`` folds, shuffled on request."""

    def __init__(self, n_splits: int, *, shuffle: bool, random_state: Any) -> None:
        check_n_splits(n_splits)
        if not isinstance(shuffle, bool):
            raise TypeError(f"shuffle must be True or False; got {shuffle!r}.")
        if not shuffle and random_state is not None:
            raise ValueError(
                "Setting a random_state has no effect since shuffle is False: leave random_state "
                "out, or set shuffle=True."
            )
        self.n_splits = int(n_splits)
        self.shuffle = shuffle
        self.random_state = random_state

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[Split]:
        """Yield the row numbers (train, test) of every fold, checked for enough rows."""
        n_samples = _num_samples(X)
        if self.n_splits > n_samples:
            raise ValueError(
                f"Cannot have number of splits n_splits={self.n_splits} greater than the number of "
                f"samples: n_samples={n_samples}. Use fewer folds."
            )
        yield from super().split(X, y, groups)

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Number of folds."""
        return self.n_splits


def check_n_splits(n_splits: Any) -> None:
    """Raise unless ``n_splits`` is a whole number of at least 2."""
    if not isinstance(n_splits, numbers.Integral):
        raise ValueError(
            f"The number of folds must be of Integral type: got n_splits={n_splits!r} "
            f"of type {type(n_splits).__name__}."
        )
    if n_splits <= 1:
        raise ValueError(
            "k-fold cross-validation requires at least one train/test split by setting "
            f"n_splits=2 or more, got n_splits={n_splits}."
        )


def warn_groups_ignored(splitter: object, groups: Any) -> None:
    """Warn that a splitter that keeps no group together was given groups."""
    if groups is not None:
        warnings.warn(
            f"The groups parameter is ignored by {type(splitter).__name__}; a group can end up on "
            "both sides of a split. Use a Group splitter to keep groups together.",
            UserWarning,
            stacklevel=3,
        )


class FixedSplits(BaseCrossValidator):
    """Pairs (train, test) that somebody already made."""

    def __init__(self, cv: Iterable[Split]) -> None:
        self.cv = list(cv)

    def split(self, X: Any = None, y: Any = None, groups: Any = None) -> Iterator[Split]:
        """Yield the pairs as they were given."""
        yield from self.cv

    def _iter_test_indices(self, X: Any, y: Any, groups: Any) -> Iterator[np.ndarray]:
        yield from (test for _, test in self.cv)

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Number of pairs."""
        return len(self.cv)
