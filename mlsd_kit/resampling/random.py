"""Copy rows of small classes, or leave out rows of large ones, at random."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np
from imblearn.utils import check_target_type
from imblearn.utils._validation import _check_X
from scipy import sparse
from sklearn.utils import check_array, check_random_state
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import validate_data

from mlsd_kit.resampling._base import OverSampler, UnderSampler, take_rows


class _AnyTable:
    """Rows are only copied, so any table will do: texts, missing values, sparse matrices."""

    def _check_X_y(self, X: Any, y: Any) -> tuple[Any, np.ndarray, bool]:
        y, one_column_per_class = check_target_type(y, indicate_one_vs_all=True)
        X = _check_X(X)
        validate_data(self, X=X, y=y, reset=True, skip_check_array=True)
        return X, y, one_column_per_class

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()  # type: ignore[misc]
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.sampler_tags.sample_indices = True
        return tags


class RandomOverSampler(_AnyTable, OverSampler):
    """Append copies of randomly drawn rows to the classes that have too few.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        "auto": every class gets as many rows as the largest; a float (two classes): minority over
        majority afterwards; a dict: rows per class afterwards.
    random_state : int, RandomState instance or None, default=None
        The same rows are drawn as by imbalanced-learn.
    shrinkage : float >= 0, dict or None, default=None
        Add normal noise to the copies (a smoothed bootstrap): this many times the bandwidth
        ``(4 / ((d + 2) n))^(1 / (d + 4))`` times the class's standard deviation of each column
        (Menardi and Torelli, 2014). A dict gives it per class.

    Attributes
    ----------
    sample_indices_ : ndarray of shape (n_samples_new,)
        Which row of the input each row of the output is, or started from.
    sampling_strategy_ : dict
        Rows added per class.
    shrinkage_ : dict or None
        The factor per class.

    Examples
    --------
    >>> X, y = [[0.0], [1.0], [2.0], [9.0]], [0, 0, 0, 1]
    >>> RandomOverSampler(random_state=0).fit_resample(X, y)
    ([[0.0], [1.0], [2.0], [9.0], [9.0], [9.0]], [0, 0, 0, 1, 1, 1])
    """

    _parameter_constraints: dict = {
        **OverSampler._parameter_constraints,
        "shrinkage": [Interval(Real, 0, None, closed="left"), Mapping, None],
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        shrinkage: float | Mapping[Any, float] | None = None,
    ) -> None:
        super().__init__(sampling_strategy=sampling_strategy)
        self.random_state = random_state
        self.shrinkage = shrinkage

    def _fit_resample(self, X: Any, y: np.ndarray) -> tuple[Any, np.ndarray]:
        rng = check_random_state(self.random_state)
        self.shrinkage_ = self._shrinkage_per_class()
        rows, noise = [np.arange(len(y))], []
        table = None if self.shrinkage_ is None else _numbers(X)
        for label, n_new in self.sampling_strategy_.items():
            members = np.flatnonzero(y == label)
            rows.append(rng.choice(members, size=n_new, replace=True))
            if table is not None and self.shrinkage_ is not None:
                width = _bandwidth(table[members], len(table)) * self.shrinkage_[label]
                noise.append(rng.randn(n_new, table.shape[1]) * width)
        self.sample_indices_ = np.concatenate(rows)
        labels = y[self.sample_indices_]
        if table is None:
            return take_rows(X, self.sample_indices_), labels
        out = table[self.sample_indices_].astype(np.result_type(table, np.float32))
        out[len(y) :] += np.concatenate([np.empty((0, table.shape[1])), *noise])
        return (type(X)(out) if sparse.issparse(X) else out), labels

    def _shrinkage_per_class(self) -> dict[Any, float] | None:
        if self.shrinkage is None:
            return None
        if not isinstance(self.shrinkage, Mapping):
            return {label: self.shrinkage for label in self.sampling_strategy_}
        if lost := self.sampling_strategy_.keys() - self.shrinkage.keys():
            raise ValueError(
                "`shrinkage` should contain a shrinkage factor for each class that will be"
                f" resampled. The missing classes are: {lost!r}"
            )
        for label, factor in self.shrinkage.items():
            if factor < 0:
                raise ValueError(
                    f"The shrinkage factor needs to be >= 0. Got {factor} for class {label}."
                )
        return dict(self.shrinkage)


def _numbers(X: Any) -> np.ndarray:
    try:
        table = check_array(X, accept_sparse=["csr", "csc"], dtype="numeric")
    except ValueError as error:
        raise ValueError(
            "When shrinkage is not None, X needs to contain only numerical data to later generate a"
            f" smoothed bootstrap sample. ({error})"
        ) from None
    return table.toarray() if sparse.issparse(table) else table


def _bandwidth(members: np.ndarray, n: int) -> np.ndarray:
    """Silverman's rule for a normal density in d dimensions, per column."""
    d = members.shape[1]
    return (4 / ((d + 2) * n)) ** (1 / (d + 4)) * members.std(axis=0)


class RandomUnderSampler(_AnyTable, UnderSampler):
    """Keep a random part of the rows of the classes that have too many.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        "auto": every class keeps as many rows as the smallest has; a float (two classes): minority
        over majority afterwards; a dict: rows per class afterwards.
    random_state : int, RandomState instance or None, default=None
        The same rows are drawn as by imbalanced-learn.
    replacement : bool, default=False
        Draw with replacement.

    Attributes
    ----------
    sample_indices_ : ndarray of shape (n_samples_new,)
        Which row of the input each row of the output is; class by class.
    sampling_strategy_ : dict
        Rows kept per class.

    Examples
    --------
    >>> X, y = [[0.0], [1.0], [2.0], [9.0]], [0, 0, 0, 1]
    >>> RandomUnderSampler(random_state=0).fit_resample(X, y)
    ([[2.0], [9.0]], [0, 1])
    """

    _parameter_constraints: dict = {
        **UnderSampler._parameter_constraints,
        "replacement": ["boolean"],
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        replacement: bool = False,
    ) -> None:
        super().__init__(sampling_strategy=sampling_strategy)
        self.random_state = random_state
        self.replacement = replacement

    def _fit_resample(self, X: Any, y: np.ndarray) -> tuple[Any, np.ndarray]:
        rng = check_random_state(self.random_state)
        rows = []
        for label in np.unique(y):
            members = np.flatnonzero(y == label)
            if label in self.sampling_strategy_:
                n_kept = self.sampling_strategy_[label]
                members = members[rng.choice(len(members), size=n_kept, replace=self.replacement)]
            rows.append(members)
        self.sample_indices_ = np.concatenate(rows)
        return take_rows(X, self.sample_indices_), y[self.sample_indices_]
