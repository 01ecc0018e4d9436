"""One column of numbers per category: `OneHotEncoder`."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
from scipy import sparse
from sklearn import get_config
from sklearn.base import BaseEstimator, TransformerMixin, _fit_context
from sklearn.utils import Tags, check_array
from sklearn.utils._param_validation import StrOptions
from sklearn.utils._set_output import _get_output_config
from sklearn.utils.validation import (
    _check_feature_names_in,
    check_is_fitted,
    validate_data,
)

from mlsd_kit.preprocessing.categories import distinct, encode, is_nan, lookup

UNKNOWN, DROPPED = -2, -1
"""Written in place of an output column: the cell's category was never seen, or is left out."""


class OneHotEncoder(TransformerMixin, BaseEstimator):
    """Each category of each column becomes a column of its own that holds 0 or 1.

    Missing values (None, NaN) are a category like any other. The category of a cell is found by a
    table or a hash, so the cost is O(cells), whatever the number of categories.

    Parameters
    ----------
    categories : "auto" or list of array-likes, default="auto"
        ``categories[j]`` lists the values of column j; "auto" finds them in ``fit``. Numbers must
        be sorted, and a missing value must come last.
    drop : {"first", "if_binary"}, array-like of shape (n_features,) or None, default=None
        Category to leave out per column: its first; its first if it has exactly two; the given one.
        A linear model without penalty needs it, since the columns of one feature add up to 1.
    sparse_output : bool, default=True
        A CSR matrix with one stored 1 per cell, or a dense array.
    dtype : dtype, default=np.float64
        Of the output.
    handle_unknown : {"error", "ignore"}, default="error"
        What ``transform`` does with a category that ``fit`` never saw: raise, or write zeros only.
    feature_name_combiner : "concat" or callable, default="concat"
        ``f(column_name, category) -> str`` for `get_feature_names_out`; default "name_category".

    Attributes
    ----------
    categories_ : list of ndarrays
        The categories of each column, sorted, dropped ones included.
    drop_idx_ : ndarray of shape (n_features,), dtype object, or None
        Position in ``categories_[j]`` of the dropped category, None where none is.

    Examples
    --------
    >>> encoder = OneHotEncoder(sparse_output=False)
    >>> encoder.fit_transform([["Month-to-month"], ["Two year"], ["Month-to-month"]])
    array([[1., 0.],
           [0., 1.],
           [1., 0.]])
    >>> encoder.get_feature_names_out(["Contract"])
    array(['Contract_Month-to-month', 'Contract_Two year'], dtype=object)
    """

    _parameter_constraints: dict = {
        "categories": [StrOptions({"auto"}), list],
        "drop": [StrOptions({"first", "if_binary"}), "array-like", None],
        "sparse_output": ["boolean"],
        "dtype": "no_validation",
        "handle_unknown": [StrOptions({"error", "ignore"})],
        "feature_name_combiner": [StrOptions({"concat"}), callable],
    }

    def __init__(
        self,
        *,
        categories: str | list = "auto",
        drop: str | Sequence[Any] | np.ndarray | None = None,
        sparse_output: bool = True,
        dtype: Any = np.float64,
        handle_unknown: str = "error",
        feature_name_combiner: str | Callable[[Any, Any], str] = "concat",
    ) -> None:
        self.categories = categories
        self.drop = drop
        self.sparse_output = sparse_output
        self.dtype = dtype
        self.handle_unknown = handle_unknown
        self.feature_name_combiner = feature_name_combiner

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> Self:
        """Find the categories of each column.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Numbers or texts, each column of one kind.
        y : ignored

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If given categories are unsorted, repeated or incomplete, or ``drop`` is not among them.
        """
        columns = self._start(X)
        if isinstance(self.categories, str):
            return self._settle([distinct(column) for column in columns])
        return self._settle(_given_categories(self, columns))

    def _start(self, X: Any) -> list[np.ndarray]:
        columns = _read_columns(X)
        validate_data(self, X=X, reset=True, skip_check_array=True)
        self.n_features_in_ = len(columns)
        return columns

    def _settle(self, categories: list[np.ndarray]) -> Self:
        self.categories_ = categories
        self.drop_idx_ = _find_dropped(categories, self.drop)
        self._places, self._starts = _output_columns(categories, self.drop_idx_)
        return self

    @_fit_context(prefer_skip_nested_validation=True)
    def fit_transform(self, X: Any, y: Any = None) -> Any:
        """``fit(X).transform(X)``, looking each cell up once instead of twice."""
        if not isinstance(self.categories, str):
            return self.fit(X).transform(X)
        _check_output(self)
        columns = self._start(X)
        coded = [encode(column) for column in columns]
        self._settle([categories for categories, _ in coded])
        places = np.empty((len(columns[0]), len(columns)), dtype=np.int32)
        for j, (_, codes) in enumerate(coded):
            np.take(self._places[j], codes, out=places[:, j])
        return self._write(places)

    def transform(self, X: Any) -> Any:
        """Write a 1 in the column of each cell's category.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        CSR matrix, or ndarray if not ``sparse_output``, of shape (n_samples, n_features_out)

        Raises
        ------
        ValueError
            For an unknown category if ``handle_unknown="error"``.
        """
        check_is_fitted(self)
        _check_output(self)
        columns = _read_columns(X)
        validate_data(self, X=X, reset=False, skip_check_array=True)
        places = np.empty((len(columns[0]), len(columns)), dtype=self._places[0].dtype)
        unknown = []
        for j, column in enumerate(columns):
            places[:, j] = lookup(column, self.categories_[j], self._places[j])
            if places[:, j].min() == UNKNOWN:
                unknown.append(j)
                if self.handle_unknown == "error":
                    _refuse_unknown(column, self.categories_[j], j, "transform")
        if unknown and self.drop is not None:
            warnings.warn(
                f"Found unknown categories in columns {unknown} during transform. These unknown"
                " categories will be encoded as all zeros, like the dropped category.",
                UserWarning,
                stacklevel=2,
            )
        return self._write(places)

    def inverse_transform(self, X: Any) -> np.ndarray:
        """The categories that a one-hot matrix stands for.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features_out)

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            A row of zeros gives the dropped category, else None if unknown ones are ignored.

        Raises
        ------
        ValueError
            If the number of columns is wrong, or a row of zeros can mean nothing.
        """
        check_is_fitted(self)
        X = check_array(X, accept_sparse="csr", ensure_min_features=0)
        if X.shape[1] != self._starts[-1]:
            raise ValueError(
                f"Shape of the passed X data is not correct. Expected {self._starts[-1]} columns,"
                f" got {X.shape[1]}."
            )
        columns = [self._inverse_column(X, j) for j in range(self.n_features_in_)]
        out = np.empty((X.shape[0], len(columns)), dtype=np.result_type(*columns))
        for j, column in enumerate(columns):
            out[:, j] = column
        return out

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Name of each output column: ``column_category``.

        Parameters
        ----------
        input_features : array-like of shape (n_features,) or None, default=None
            Names of the input columns; default those seen in ``fit``, else x0, x1 ...

        Returns
        -------
        ndarray of shape (n_features_out,), dtype object
        """
        check_is_fitted(self)
        features = _check_feature_names_in(self, input_features)
        combine = _name_combiner(self.feature_name_combiner)
        names = [
            combine(feature, category)
            for j, feature in enumerate(features)
            for category in self._kept(j)
        ]
        return np.array(names, dtype=object)

    def _write(self, places: np.ndarray) -> Any:
        write = _sparse_ones if self.sparse_output else _dense_ones
        return write(places, int(self._starts[-1]), self.dtype)

    def _inverse_column(self, X: Any, j: int) -> np.ndarray:
        ones = X[:, self._starts[j] : self._starts[j + 1]]
        known, drop = self.categories_[j], self.drop_idx_
        dropped = None if drop is None or drop[j] is None else known[[drop[j]]]
        return _invert(ones, self._kept(j), dropped, self.handle_unknown == "ignore")

    def _kept(self, j: int) -> np.ndarray:
        """Categories of column j that have an output column."""
        return self.categories_[j][self._places[j][:-1] >= 0]

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.categorical = True
        tags.input_tags.allow_nan = True
        return tags


def _read_columns(X: Any) -> list[np.ndarray]:
    """The columns of a table as arrays, each with the dtype that it has in a DataFrame."""
    if hasattr(X, "iloc") and getattr(X, "ndim", 0) == 2:
        if 0 in X.shape:
            check_array(np.empty(X.shape))  # raises the standard sentence
        columns = (X.iloc[:, j] for j in range(X.shape[1]))
        return [
            check_array(c, ensure_2d=False, dtype=None, ensure_all_finite=False) for c in columns
        ]
    table = check_array(X, dtype=None, ensure_all_finite="allow-nan")
    if table.dtype.kind == "U" and not hasattr(X, "dtype"):
        table = check_array(X, dtype=object, ensure_all_finite="allow-nan")
    return [table[:, j] for j in range(table.shape[1])]


def _given_categories(encoder: Any, columns: list[np.ndarray]) -> list[np.ndarray]:
    """The categories that the caller lists, checked against each other and against the data."""
    if len(encoder.categories) != len(columns):
        raise ValueError(
            "Shape mismatch: if categories is an array, it has to be of shape (n_features,)."
        )
    out = []
    for j, (given, column) in enumerate(zip(encoder.categories, columns, strict=True)):
        kind = object if column.dtype.kind == "U" else column.dtype  # U would cut long names
        categories = np.array(given, dtype=kind)
        _check_given(categories, column, j)
        if encoder.handle_unknown == "error":
            _refuse_unknown(column, categories, j, "fit")
        out.append(categories)
    return out


def _check_given(categories: np.ndarray, column: np.ndarray, j: int) -> None:
    """Refuse given categories that are of another type, repeated, or out of order."""
    if not categories.size:
        raise ValueError(f"categories[{j}] is empty: list at least one value.")
    if categories.dtype == object and isinstance(categories[0], bytes) and column.dtype.kind != "S":
        raise ValueError(
            f"In column {j}, the predefined categories have type 'bytes' which is incompatible with"
            f" values of type '{type(column[0]).__name__}'. Decode one of them."
        )
    if any(is_nan(value) for value in categories[:-1].tolist()):
        raise ValueError(
            "Nan should be the last element in user provided categories, see categories"
            f" {categories} in column #{j}"
        )
    if len(distinct(categories)) != len(categories):
        raise ValueError(f"In column {j}, the predefined categories contain duplicate elements.")
    if categories.dtype.kind not in "OUS" and np.any(np.sort(categories)[:-1] != categories[:-1]):
        raise ValueError(
            "Unsorted categories are not supported for numerical categories: sort them."
        )


def _refuse_unknown(column: np.ndarray, categories: np.ndarray, j: int, when: str) -> None:
    """Raise with the values of the column that are not among the categories, if there are any."""
    places = np.arange(len(categories) + 1)
    places[-1] = -1
    strange = lookup(column, categories, places) < 0
    if strange.any():
        found = distinct(column[strange]).tolist()
        raise ValueError(
            f"Found unknown categories {found} in column {j} during {when}: correct them, or pass"
            ' handle_unknown="ignore".'
        )


def _find_dropped(categories: list[np.ndarray], drop: Any) -> np.ndarray | None:
    """Position of the category to leave out of each column; None where all are kept."""
    if drop is None:
        return None
    if isinstance(drop, str):
        keep_all = [drop == "if_binary" and len(known) != 2 for known in categories]
        return np.array([None if keep else 0 for keep in keep_all], dtype=object)
    wanted = np.asarray(drop, dtype=object)
    if wanted.ndim != 1 or len(wanted) != len(categories):
        raise ValueError(
            f"`drop` should have length equal to the number of features ({len(categories)}), got"
            f" {wanted.size}"
        )
    found = [_position(value, known) for value, known in zip(wanted, categories, strict=True)]
    if lost := [(j, wanted[j]) for j, position in enumerate(found) if position is None]:
        lines = "\n".join(f"Category: {value}, Feature: {j}" for j, value in lost)
        raise ValueError(
            "The following categories were supposed to be dropped, but were not found in the"
            f" training data.\n{lines}"
        )
    return np.array(found, dtype=object)


def _position(value: Any, categories: np.ndarray) -> int | None:
    if is_nan(value):
        return len(categories) - 1 if is_nan(categories[-1]) else None
    matches = np.flatnonzero(categories == value)
    return int(matches[0]) if matches.size else None


def _output_columns(
    categories: list[np.ndarray], dropped: np.ndarray | None
) -> tuple[list[np.ndarray], np.ndarray]:
    """For each column: the output column of each category, then `UNKNOWN`; and where each starts.

    Examples
    --------
    >>> categories = [np.array([5, 6, 7]), np.array([0, 1])]
    >>> places, starts = _output_columns(categories, np.array([1, None]))
    >>> [p.tolist() for p in places], starts.tolist()
    ([[0, -1, 1, -2], [2, 3, -2]], [0, 2, 4])
    """
    out, starts = [], [0]
    for j, known in enumerate(categories):
        kept = np.ones(len(known), dtype=bool)
        if dropped is not None and dropped[j] is not None:
            kept[dropped[j]] = False
        numbers = np.where(kept, starts[-1] + np.cumsum(kept) - 1, DROPPED)
        out.append(np.append(numbers, UNKNOWN).astype(np.int32))
        starts.append(starts[-1] + int(kept.sum()))
    return out, np.array(starts)


def _sparse_ones(places: np.ndarray, width: int, dtype: Any) -> Any:
    """CSR matrix with a 1 in each cell's place; a negative place writes nothing.

    Examples
    --------
    >>> _sparse_ones(np.array([[0, 2], [UNKNOWN, 1]]), 3, int).toarray()
    array([[1, 0, 1],
           [0, 1, 0]])
    """
    n, per_row = places.shape
    if places.min() >= 0:
        indices, starts = places.ravel(), np.arange(n + 1) * per_row
    else:
        written = places >= 0
        indices, starts = places[written], np.append(0, np.cumsum(written.sum(axis=1)))
    if len(indices) < np.iinfo(np.int32).max:
        starts = starts.astype(np.int32)
    matrix = sparse.csr_matrix
    if get_config().get("sparse_interface") == "sparray":
        matrix = sparse.csr_array
    return matrix((np.ones(len(indices), dtype=dtype), indices, starts), shape=(n, width))


def _dense_ones(places: np.ndarray, width: int, dtype: Any) -> np.ndarray:
    """Array with a 1 in each cell's place; a negative place writes nothing."""
    out = np.zeros((len(places), width), dtype=dtype)
    for column in places.T:
        rows = np.flatnonzero(column >= 0)
        out[rows, column[rows]] = 1
    return out


def _invert(ones: Any, kept: np.ndarray, dropped: np.ndarray | None, ignore: bool) -> np.ndarray:
    """The column that a block of output columns stands for.

    Parameters
    ----------
    ones : ndarray or sparse matrix of shape (n_samples, n_kept)
    kept : ndarray of shape (n_kept,)
        Category of each output column.
    dropped : ndarray of shape (1,) or None
        Category without an output column: what a row of zeros means.
    ignore : bool
        Without a dropped category, whether a row of zeros is None or an error.

    Examples
    --------
    >>> _invert(np.array([[0, 1], [0, 0]]), np.array([7, 8]), np.array([5]), False)
    array([8, 5])
    """
    if not len(kept) and dropped is not None:
        return np.repeat(dropped, ones.shape[0])
    out = kept[np.asarray(ones.argmax(axis=1)).ravel()]
    empty = np.asarray(ones.sum(axis=1) == 0).ravel()
    if not empty.any():
        return out
    if dropped is not None:
        out[empty] = dropped[0]
        return out
    if not ignore:
        raise ValueError(
            f"Samples {np.flatnonzero(empty)} can not be inverted when drop=None and"
            " handle_unknown='error' because they contain all zeros"
        )
    out = out.astype(object)
    out[empty] = None
    return out


def _name_combiner(combiner: str | Callable[[Any, Any], str]) -> Callable[[Any, Any], str]:
    """The function that names an output column, tried out once."""
    if isinstance(combiner, str):
        return lambda feature, category: f"{feature}_{category}"
    trial = combiner("feature", "category")
    if not isinstance(trial, str):
        raise TypeError(
            "When `feature_name_combiner` is a callable, it should return a Python string. Got"
            f" {type(trial)} instead."
        )
    return combiner


def _check_output(encoder: Any) -> None:
    """Refuse to put a sparse matrix into a DataFrame."""
    container = _get_output_config("transform", estimator=encoder)["dense"]
    if container != "default" and encoder.sparse_output:
        name = container.capitalize()
        raise ValueError(
            f"{name} output does not support sparse data. Set sparse_output=False to output"
            f" {container} dataframes or disable {name} output via"
            '` ohe.set_output(transform="default").'
        )
