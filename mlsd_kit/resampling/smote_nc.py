"""SMOTE for tables of numbers and categories: `SMOTENC`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from imblearn.utils import check_target_type
from imblearn.utils._validation import _check_X
from sklearn.utils import check_array, check_random_state
from sklearn.utils.validation import validate_data

from mlsd_kit.preprocessing import OneHotEncoder
from mlsd_kit.resampling._neighbors import neighbors_of
from mlsd_kit.resampling.smote import SMOTE, Draw, interpolate


class SMOTENC(SMOTE):
    """Append rows whose numbers lie between two rows and whose categories are their neighbours'.

    Two rows that differ in a category are apart by the median standard deviation of the class's
    numeric columns, once per such column. Numbers are interpolated as by `SMOTE`; each category is
    the commonest among the neighbours, ties broken at random (Chawla et al., 2002).

    Parameters
    ----------
    categorical_features : "auto" or array-like
        Positions, names or a mask of the columns of categories; "auto": the columns of a DataFrame
        that have pandas' categorical dtype.
    sampling_strategy, random_state, k_neighbors
        As in `SMOTE`.

    Attributes
    ----------
    categorical_features_, continuous_features_ : ndarrays of int
    categorical_encoder_ : OneHotEncoder
    median_std_ : dict
        Per class, the distance between two categories.
    sampling_strategy_ : dict
        Rows added per class.

    Examples
    --------
    >>> X = pd.DataFrame({"age": [20.0, 30.0, 40.0, 50.0, 60.0], "plan": list("aabbb")})
    >>> y = [0, 0, 0, 1, 1]
    >>> sampler = SMOTENC(["plan"], k_neighbors=1, random_state=0)
    >>> new, labels = sampler.fit_resample(X, y)
    >>> new["plan"].tolist(), bool(50 <= new["age"].iloc[-1] <= 60)
    (['a', 'a', 'b', 'b', 'b', 'b'], True)
    """

    _parameter_constraints: dict = {
        **SMOTE._parameter_constraints,
        "categorical_features": ["array-like", str],
    }

    def __init__(
        self,
        categorical_features: Any,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        k_neighbors: int = 5,
    ) -> None:
        super().__init__(
            sampling_strategy=sampling_strategy, random_state=random_state, k_neighbors=k_neighbors
        )
        self.categorical_features = categorical_features

    def _check_X_y(self, X: Any, y: Any) -> tuple[Any, np.ndarray, bool]:
        y, one_column_per_class = check_target_type(y, indicate_one_vs_all=True)
        X = _check_X(X)
        validate_data(self, X=X, y=y, reset=True, skip_check_array=True)
        return X, y, one_column_per_class

    def _resample(self, X: Any, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        self._find_columns(X)
        frame = _dense(X) if isinstance(X, pd.DataFrame) else pd.DataFrame(X)
        numbers = check_array(frame.iloc[:, self.continuous_features_])
        categories = frame.iloc[:, self.categorical_features_]
        self.categorical_encoder_ = OneHotEncoder(sparse_output=False, dtype=numbers.dtype)
        marks = self.categorical_encoder_.fit_transform(categories)
        self.median_std_: dict[Any, float] = {}
        new_numbers, new_marks, labels = [numbers], [marks], [y]
        for label, n_new in self._wanted():
            members = y == label
            made = self._new_rows(numbers[members], marks[members], label, n_new)
            new_numbers.append(made[0])
            new_marks.append(made[1])
            labels.append(np.full(n_new, label, dtype=y.dtype))
        decoded = self.categorical_encoder_.inverse_transform(np.concatenate(new_marks))
        joined = np.hstack([np.concatenate(new_numbers), decoded])
        order = np.argsort(np.hstack([self.continuous_features_, self.categorical_features_]))
        return joined[:, order], np.concatenate(labels)

    def _find_columns(self, X: Any) -> None:
        named = self.categorical_features
        n_columns = X.shape[1]
        if isinstance(named, str):
            if named != "auto" or not isinstance(X, pd.DataFrame):
                raise ValueError(
                    "When `categorical_features='auto'`, the input data should be a"
                    f" pandas.DataFrame. Got {named!r} and {type(X)} instead."
                )
            chosen = [isinstance(dtype, pd.CategoricalDtype) for dtype in X.dtypes]
            positions = np.flatnonzero(chosen)
        else:
            positions = _positions(X, np.asarray(named))
        if positions.size and (positions.min() < 0 or positions.max() >= n_columns):
            raise ValueError(f"categorical_features: all features must be in [0, {n_columns - 1}].")
        self.categorical_features_ = positions
        self.continuous_features_ = np.setdiff1d(np.arange(n_columns), positions)
        if len(positions) in (0, n_columns):
            kind = "categorical" if len(positions) else "numerical"
            raise ValueError(
                f"SMOTE-NC is not designed to work only with {kind} features. Use"
                f" {'RandomOverSampler' if len(positions) else 'SMOTE'}."
            )

    def _new_rows(
        self, numbers: np.ndarray, marks: np.ndarray, label: Any, n_new: int
    ) -> tuple[np.ndarray, np.ndarray]:
        self._check_size(len(numbers), label)
        self.median_std_[label] = float(np.median(numbers.std(axis=0)))
        # two different categories differ in two columns: 2 (m / sqrt 2)^2 = m^2
        scaled = np.hstack([numbers, marks * (self.median_std_[label] / np.sqrt(2))])
        neighbors = neighbors_of(scaled, np.arange(len(scaled)), self.k_neighbors)
        draw = self._draw(neighbors, n_new)
        out = np.empty((n_new, numbers.shape[1]), dtype=numbers.dtype)
        interpolate(numbers, numbers, draw, out=out)
        return out, self._commonest(marks, neighbors, draw)

    def _commonest(self, marks: np.ndarray, neighbors: np.ndarray, draw: Draw) -> np.ndarray:
        """Of each column of categories, the commonest among the neighbours of the drawn rows."""
        rng = check_random_state(self.random_state)
        votes = marks[neighbors].sum(axis=1)[draw.rows]
        out = np.zeros_like(votes)
        start = 0
        for known in self.categorical_encoder_.categories_:
            column = votes[:, start : start + len(known)]
            winners = np.argwhere(column == column.max(axis=1, keepdims=True))
            winners = rng.permutation(winners)
            rows, first = np.unique(winners[:, 0], return_index=True)
            out[rows, start + winners[first, 1]] = 1
            start += len(known)
        return out

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = False
        return tags


def _dense(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with pandas' sparse columns made ordinary ones."""
    kinds = zip(frame.columns, frame.dtypes, strict=True)
    dense = {name: dtype.subtype for name, dtype in kinds if isinstance(dtype, pd.SparseDtype)}
    return frame.astype(dense) if dense else frame


def _positions(X: Any, named: np.ndarray) -> np.ndarray:
    """Column numbers from numbers (negative ones count from the end), names or a mask."""
    if named.dtype == bool:
        if len(named) != X.shape[1]:
            raise ValueError(
                f"categorical_features: the mask has {len(named)} entries, X {X.shape[1]} columns."
            )
        return np.flatnonzero(named)
    if named.dtype.kind not in "OU":
        return np.where(named < 0, named + X.shape[1], named).astype(int)
    columns = list(getattr(X, "columns", []))
    if lost := [name for name in named.tolist() if name not in columns]:
        raise ValueError(f"categorical_features names {lost}, but the columns are {columns}.")
    return np.array([columns.index(name) for name in named.tolist()], dtype=int)
