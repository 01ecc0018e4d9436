"""The rules of one-hot encoding that are no method of the encoder: read, check, drop, place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import sparse
from sklearn import get_config
from sklearn.utils import check_array
from sklearn.utils._set_output import _get_output_config

from mlsd_kit.preprocessing.categories import distinct, is_nan, lookup

UNKNOWN, DROPPED = -2, -1
"""Written in place of an output column: the cell's category was never seen, or is left out."""


def read_columns(X: Any) -> list[np.ndarray]:
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


def given_categories(encoder: Any, columns: list[np.ndarray]) -> list[np.ndarray]:
    """The categories that the caller lists, checked against each other and against the data."""
    if len(encoder.categories) != len(columns):
        raise ValueError(
            "Shape mismatch: if categories is an array, it has to be of shape (n_features,)."
        )
    out = []
    for j, (given, column) in enumerate(zip(encoder.categories, columns, strict=True)):
        kind = object if column.dtype.kind == "U" else column.dtype  # U would cut long names
        categories = np.array(given, dtype=kind)
        check_given(categories, column, j)
        if encoder.handle_unknown == "error":
            refuse_unknown(column, categories, j, "fit")
        out.append(categories)
    return out


def check_given(categories: np.ndarray, column: np.ndarray, j: int) -> None:
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


def refuse_unknown(column: np.ndarray, categories: np.ndarray, j: int, when: str) -> None:
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


def find_dropped(categories: list[np.ndarray], drop: Any) -> np.ndarray | None:
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


def output_columns(
    categories: list[np.ndarray], dropped: np.ndarray | None
) -> tuple[list[np.ndarray], np.ndarray]:
    """For each column: the output column of each category, then `UNKNOWN`; and where each starts.

    Examples
    --------
    >>> categories = [np.array([5, 6, 7]), np.array([0, 1])]
    >>> places, starts = output_columns(categories, np.array([1, None]))
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


def sparse_ones(places: np.ndarray, width: int, dtype: Any) -> Any:
    """CSR matrix with a 1 in each cell's place; a negative place writes nothing.

    Examples
    --------
    >>> sparse_ones(np.array([[0, 2], [UNKNOWN, 1]]), 3, int).toarray()
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


def dense_ones(places: np.ndarray, width: int, dtype: Any) -> np.ndarray:
    """Array with a 1 in each cell's place; a negative place writes nothing."""
    out = np.zeros((len(places), width), dtype=dtype)
    for column in places.T:
        rows = np.flatnonzero(column >= 0)
        out[rows, column[rows]] = 1
    return out


def invert(ones: Any, kept: np.ndarray, dropped: np.ndarray | None, ignore: bool) -> np.ndarray:
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
    >>> invert(np.array([[0, 1], [0, 0]]), np.array([7, 8]), np.array([5]), False)
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


def name_combiner(combiner: str | Callable[[Any, Any], str]) -> Callable[[Any, Any], str]:
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


def check_output(encoder: Any) -> None:
    """Refuse to put a sparse matrix into a DataFrame."""
    container = _get_output_config("transform", estimator=encoder)["dense"]
    if container != "default" and encoder.sparse_output:
        name = container.capitalize()
        raise ValueError(
            f"{name} output does not support sparse data. Set sparse_output=False to output"
            f" {container} dataframes or disable {name} output via"
            '` ohe.set_output(transform="default").'
        )
