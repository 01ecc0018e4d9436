"""What counts as alike: lists and arrays, 1 and 1.0, None and NaN; and how to line values up."""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np

from mlsd_kit.curriculum.grading.show import describe
from mlsd_kit.curriculum.grading.wire import Foreign


def is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) or type(value).__name__ == "Series"


def is_table(value: Any) -> bool:
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, pandas.DataFrame)


def is_flat(value: Any) -> bool:
    """An array, or a (nested, rectangular) list of scalars that stands for one."""
    if is_array(value):
        return True
    if not isinstance(value, list | tuple):
        return False
    if not value:
        return True
    if any(isinstance(item, list | tuple) for item in value):
        if not all(isinstance(item, list | tuple) and is_flat(item) for item in value):
            return False
        return len({np.shape(as_array(item)) for item in value}) == 1
    return not any(is_array(i) or isinstance(i, dict | Foreign) or is_table(i) for i in value)


def as_array(value: Any) -> np.ndarray:
    if isinstance(value, np.ndarray):
        return value
    if is_array(value):
        return np.asarray(value.to_numpy())
    kinds = {kind(item) for item in leaves(value)}
    # NumPy would turn [1, "a"] into text and [True, 2] into numbers without a word
    return np.array(value, dtype=object if len(kinds) > 1 else None)


def leaves(value: Any) -> list[Any]:
    if isinstance(value, list | tuple):
        return [leaf for item in value for leaf in leaves(item)]
    return [value]


def kind(value: Any) -> str:
    if isinstance(value, bool | np.bool_ | int | float | np.number):
        return "number"
    return "text" if isinstance(value, str) else type(value).__name__


def missing(value: Any) -> bool:
    """None, NaN, NaT or NA: the ways of saying that a cell is empty."""
    if value is None or type(value).__name__ in ("NaTType", "NAType"):
        return True
    if isinstance(value, np.datetime64 | np.timedelta64):
        return bool(np.isnat(value))
    return isinstance(value, float | np.floating) and math.isnan(value)


def a_scalar(expected: Any) -> str:
    if expected is None or isinstance(expected, Foreign):
        return describe(expected)
    if kind(expected) == "number":
        return "True or False" if isinstance(expected, bool | np.bool_) else "a number"
    return f"a {kind(expected)}"


def an_array(right: np.ndarray) -> str:
    if right.ndim == 1:
        return f"an array of {len(right)} value{'s' * (len(right) != 1)}"
    return f"an array of shape {right.shape}"


def close(left: np.ndarray, right: np.ndarray, rel: float, abs: float) -> np.ndarray:
    a, b = left.astype(float), right.astype(float)
    with np.errstate(invalid="ignore", over="ignore"):
        near = np.abs(a - b) <= np.maximum(rel * np.abs(b), abs)
    infinite = np.isinf(a) | np.isinf(b)
    near = np.where(infinite, a == b, near)
    return near | (np.isnan(a) & np.isnan(b))


def cells(column: Any) -> np.ndarray:
    values = column.to_numpy()
    return values if values.dtype.kind in "biuf" else np.asarray(column.astype(object))


def key(value: Any) -> tuple[str, Any]:
    if missing(value):
        return "~", 0
    number = isinstance(value, bool | int | float | np.number | np.bool_)
    return ("number", float(value)) if number else ("text", str(value))


def in_order(values: np.ndarray) -> np.ndarray:
    if values.ndim == 1:
        return values[sorted(range(len(values)), key=lambda i: key(values[i]))]
    keys = [[key(item) for item in row.ravel()] for row in values]
    return values[sorted(range(len(values)), key=keys.__getitem__)]


def sorted_rows(table: Any) -> Any:
    keys = [[key(item) for item in row] for row in table.itertuples(index=False)]
    return table.iloc[sorted(range(len(table)), key=keys.__getitem__)]


def align(left: np.ndarray, right: np.ndarray, axis: str) -> np.ndarray:
    """``left`` with the sign of each row (or column) that is nearest to ``right``."""
    if left.ndim == 1:
        return left * (1.0 if left @ right >= 0 else -1.0)
    across = 1 if axis == "rows" else 0
    signs = np.where((left * right).sum(axis=across, keepdims=True) >= 0, 1.0, -1.0)
    return left * signs
