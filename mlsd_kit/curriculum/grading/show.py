"""Values in a sentence: short, exact where it matters, in the form one would type."""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np

SHOWN = 12
"""Items of an array that a sentence shows; longer ones are cut and counted."""


def number(value: float) -> str:
    """A number as one would write it: no trailing zeros, enough digits to tell it apart.

    >>> [number(x) for x in (3.0, 0.1 + 0.2, float("nan"), 12345678.0, 1e-9)]
    ['3.0', '0.3', 'nan', '12345678.0', '1e-09']
    """
    if not math.isfinite(value):
        return str(value)
    short = float(f"{value:.12g}")
    return repr(short) if abs(short - value) <= 1e-12 * abs(value) else repr(value)


def show(value: Any, most: int = SHOWN) -> str:
    """``value`` for a sentence.

    >>> show(np.array([[1.0, 2.0], [3.0, 0.1 + 0.2]]))
    '[[1.0, 2.0], [3.0, 0.3]]'
    >>> show(list(range(100)), most=3)
    '[0, 1, 2, … 100 values]'
    """
    if isinstance(value, np.generic):
        if value.dtype.kind in "Mm":
            return f"'{value}'"
        return show(value.item(), most)
    if isinstance(value, float):
        return number(value)
    if isinstance(value, str):
        return repr(value if len(value) <= 40 * most else value[: 40 * most] + "…")
    if isinstance(value, np.ndarray):
        return _array(value, most)
    if isinstance(value, list | tuple):
        return _sequence(value, most)
    if isinstance(value, dict):
        items = [f"{show(k, most)}: {show(v, most)}" for k, v in list(value.items())[:most]]
        return "{" + ", ".join(items) + _more(len(value), most) + "}"
    return _pandas(value, most)


def _more(size: int, most: int) -> str:
    return f", … {size} values" if size > most else ""


def _sequence(value: list[Any] | tuple[Any, ...], most: int) -> str:
    inner = ", ".join(show(item, most) for item in value[:most]) + _more(len(value), most)
    if isinstance(value, tuple):
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return f"[{inner}]"


def _array(value: np.ndarray, most: int) -> str:
    if value.ndim == 0:
        return show(value[()], most)
    if value.size == 0:
        return "[]" if value.ndim == 1 else f"an empty array of shape {value.shape}"
    if value.ndim == 1:
        return _sequence(list(value[: most + 1]), most) if len(value) <= most else (
            "[" + ", ".join(show(item, most) for item in value[:most])
            + f", … {len(value)} values]"
        )  # fmt: skip
    rows = ", ".join(_array(row, most) for row in value[:most])
    return f"[{rows}" + (f", … {len(value)} rows]" if len(value) > most else "]")


def _pandas(value: Any, most: int) -> str:
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(value, pandas.Series):
        return f"Series({_array(value.to_numpy(), most)})"
    if pandas is not None and isinstance(value, pandas.DataFrame):
        columns = {str(name): value.iloc[:, i].to_numpy() for i, name in enumerate(value.columns)}
        return f"DataFrame({show(columns, most)})"
    if pandas is not None and isinstance(value, pandas.Timestamp):
        return f"Timestamp('{value}')"
    return repr(value)


def call(function: str, given: dict[str, Any], most: int = SHOWN) -> str:
    """The call in the form one would type it.

    >>> call("mape", {"y_true": np.array([1.0]), "y_pred": [2.0]})
    'mape(y_true=[1.0], y_pred=[2.0])'
    """
    return f"{function}({', '.join(f'{name}={show(v, most)}' for name, v in given.items())})"


def describe(value: Any) -> str:
    """What kind of thing ``value`` is: «an array of shape (3, 2)», «None», «a set».

    >>> [describe(x) for x in (None, 3, [1, 2], {"a": 1}, np.zeros((3, 2)))]
    ['None', 'the int 3', 'a list of 2 values', 'a dict of 1 key', 'an array of shape (3, 2)']
    """
    if value is None:
        return "None"
    name = getattr(value, "type_name", None) or type(value).__name__
    if isinstance(value, bool | int | float | str | np.generic):
        return f"the {name} {show(value, 2)}"
    if isinstance(value, list | tuple):
        return f"a {name} of {len(value)} value{'s' * (len(value) != 1)}"
    if isinstance(value, dict):
        return f"a dict of {len(value)} key{'s' * (len(value) != 1)}"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    shape = getattr(value, "shape", None)
    if shape is not None:
        return f"a {name} of shape {shape}"
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
