"""Copy rows of small classes, or leave out rows of large ones, at random."""

from __future__ import annotations

from typing import Any

import numpy as np
from imblearn.utils import check_target_type
from imblearn.utils._validation import _check_X
from sklearn.utils import check_random_state
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

    Attributes
    ----------
    sample_indices_ : ndarray of shape (n_samples_new,)
        Which row of the input each row of the output is.
    sampling_strategy_ : dict
        Rows added per class.

    Examples
    --------
    >>> X, y = [[0.0], [1.0], [2.0], [9.0]], [0, 0, 0, 1]
    >>> RandomOverSampler(random_state=0).fit_resample(X, y)
    ([[0.0], [1.0], [2.0], [9.0], [9.0], [9.0]], [0, 0, 0, 1, 1, 1])
    """

    def __init__(self, *, sampling_strategy: Any = "auto", random_state: Any = None) -> None:
        super().__init__(sampling_strategy=sampling_strategy)
        self.random_state = random_state

    def _fit_resample(self, X: Any, y: np.ndarray) -> tuple[Any, np.ndarray]:
        rng = check_random_state(self.random_state)
        rows = [np.arange(len(y))]
        for label, n_new in self.sampling_strategy_.items():
            rows.append(rng.choice(np.flatnonzero(y == label), size=n_new, replace=True))
        self.sample_indices_ = np.concatenate(rows)
        return take_rows(X, self.sample_indices_), y[self.sample_indices_]


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
