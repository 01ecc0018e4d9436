"""Is the answer the expected one? Type, then shape, then value; the first difference in words."""

from __future__ import annotations

import builtins
import math
from typing import Any

import numpy as np

from mlsd_kit.curriculum.grading import alike
from mlsd_kit.curriculum.grading.errors import Wrong
from mlsd_kit.curriculum.grading.show import describe, show
from mlsd_kit.curriculum.grading.wire import Foreign

FORGOT = ": did you forget to return?"


def same(
    got: Any,
    expected: Any,
    *,
    what: str = "",
    rel: float = 1e-9,
    abs: float = 1e-12,
    order: bool = True,
    up_to_sign: bool | str = False,
    exact_type: bool = False,
) -> None:
    """Reject ``got`` unless it equals ``expected``; the sentence names the first difference.

    Lists, tuples, arrays and Series of the same values are alike, so are ``1``, ``1.0`` and
    ``np.int64(1)``. NaN equals NaN only; alike.missing values in tables (None, NaN, NaT) are alike.

    Parameters
    ----------
    got, expected : plain data
        Numbers, text, None, arrays, lists, tuples, dicts, DataFrames, Series, nested.
    what : str
        What is compared, in the plural or singular of the task: ``"labels"``.
    rel, abs : float
        Numbers a, b agree if ``|a - b| <= max(rel * |b|, abs)``.
    order : bool
        False: the values (or rows) may come in any order.
    up_to_sign : bool or {"rows", "columns"}
        Each row (True, "rows"; a 1-D array as a whole) or column may be multiplied by -1.
    exact_type : bool
        Also ask for the same type and kind of dtype, and for tables the same index.

    Raises
    ------
    Wrong
        With the sentence for the learner.
    """
    _Comparison(what, rel, abs, order, up_to_sign, exact_type).values(got, expected, "")


def equal(got: Any, expected: Any, rel: float = 1e-9, abs: float = 1e-12) -> bool:
    """True if `same` has nothing to say."""
    try:
        same(got, expected, rel=rel, abs=abs)
    except Wrong:
        return False
    return True


class _Comparison:
    def __init__(
        self, what: str, rel: float, abs: float, order: bool, sign: bool | str, exact: bool
    ) -> None:
        self.what, self.rel, self.abs = what, rel, abs
        self.order, self.sign, self.exact = order, sign, exact

    def wrong(self, sentence: str) -> None:
        raise Wrong(f"{self.what}: {sentence}" if self.what else sentence)

    def values(self, got: Any, expected: Any, at: str) -> None:
        if self.exact:
            self.types(got, expected, at)
        if alike.is_table(expected):
            self.tables(got, expected, at)
        elif isinstance(expected, dict):
            self.dicts(got, expected, at)
        elif alike.is_flat(expected):
            self.arrays(got, expected, at)
        elif isinstance(expected, list | tuple):
            self.sequences(got, expected, at)
        else:
            self.scalars(got, expected, at)

    def types(self, got: Any, expected: Any, at: str) -> None:
        if type(got) is not type(expected):
            self.wrong(f"expected {describe(expected)}{at}, got {describe(got)}")
        kinds = [value.dtype.kind for value in (got, expected) if hasattr(value, "dtype")]
        if len(set(kinds)) > 1:
            self.wrong(f"expected the dtype {expected.dtype}{at}, got {got.dtype}")

    def kind(self, got: Any, expected: str, at: str) -> None:
        self.wrong(f"expected {expected}{at}, got {describe(got)}{FORGOT if got is None else ''}")

    def scalars(self, got: Any, expected: Any, at: str) -> None:
        if isinstance(got, np.ndarray) and got.ndim == 0:
            got = got[()]
        if expected is None or got is None or isinstance(got, Foreign):
            if not (got is None and expected is None):
                self.kind(got, alike.a_scalar(expected), at)
        elif alike.is_flat(got) or isinstance(got, list | tuple | dict) or alike.is_table(got):
            self.kind(got, alike.a_scalar(expected), at)
        elif not self.agree(got, expected):
            self.wrong(f"expected {show(expected)}{at}, got {show(got)}")

    def agree(self, a: Any, b: Any) -> bool:
        if alike.missing(a) or alike.missing(b):
            return alike.missing(a) and alike.missing(b)
        if isinstance(b, np.ndarray | list | tuple) or isinstance(a, np.ndarray | list | tuple):
            return equal(a, b, self.rel, self.abs)
        if alike.kind(a) == "number" and alike.kind(b) == "number":
            a, b = float(a), float(b)
            if math.isinf(a) or math.isinf(b):
                return a == b
            return builtins.abs(a - b) <= max(self.rel * builtins.abs(b), self.abs)
        if isinstance(a, str) != isinstance(b, str) and {type(a), type(b)} & {float, int, bool}:
            return False
        try:
            return bool(a == b)
        except (TypeError, ValueError):
            return False

    def dicts(self, got: Any, expected: dict[Any, Any], at: str) -> None:
        if not isinstance(got, dict):
            self.kind(got, f"a dict with the keys {show(list(expected))}", at)
        lacking = [key for key in expected if key not in got]
        extra = [key for key in got if key not in expected]
        if lacking:
            self.wrong(f"expected the key {show(lacking[0])}{at}, got the keys {show(list(got))}")
        if extra:
            self.wrong(f"expected no key {show(extra[0])}{at}, only {show(list(expected))}")
        for key in expected:
            self.values(got[key], expected[key], f"{at} at [{show(key)}]")

    def sequences(self, got: Any, expected: Any, at: str) -> None:
        if isinstance(got, np.ndarray) and got.ndim:
            got = list(got)
        if not isinstance(got, list | tuple):
            self.kind(got, f"{describe(expected)}", at)
        if len(got) != len(expected):
            self.wrong(f"expected {len(expected)} values{at}, got {len(got)}")
        for i, (mine, theirs) in enumerate(zip(got, expected, strict=True)):
            self.values(mine, theirs, f"{at} at [{i}]")

    def arrays(self, got: Any, expected: Any, at: str) -> None:
        right = alike.as_array(expected)
        if not alike.is_flat(got):
            if isinstance(got, list | tuple):
                self.wrong(
                    f"expected {alike.an_array(right)}{at}, got a ragged {type(got).__name__}"
                )
            self.kind(got, alike.an_array(right), at)
        left = alike.as_array(got)
        if left.shape != right.shape:
            turned = right.ndim == 2 and left.shape == right.shape[::-1]
            self.wrong(
                f"expected {alike.an_array(right)}{at}, got shape {left.shape}"
                + (": is it transposed?" if turned else "")
            )
        if right.size == 0:
            return
        if not self.order:
            left, right = alike.in_order(left), alike.in_order(right)
        if self.sign and left.dtype.kind in "biuf":
            left = alike.align(left, right, "columns" if self.sign == "columns" else "rows")
        self.elements(left, right, at)

    def elements(self, left: np.ndarray, right: np.ndarray, at: str) -> None:
        if left.dtype.kind in "biuf" and right.dtype.kind in "biuf":
            bad = ~alike.close(left, right, self.rel, self.abs)
        else:
            pairs = zip(left.ravel(), right.ravel(), strict=True)
            flat = [not self.agree(a, b) for a, b in pairs]
            bad = np.array(flat).reshape(right.shape)
        if not bad.any():
            return
        where = tuple(int(i) for i in np.argwhere(bad)[0])
        place = f"[{', '.join(map(str, where))}]" if where else ""
        some = "" if self.order else " once both are sorted"
        sentence = f"expected {show(right[where])} at {place}{some}{at}, got {show(left[where])}"
        count = int(bad.sum())
        if count > 1:
            sentence += f" ({count} of {right.size} differ)"
        self.wrong(sentence)

    def tables(self, got: Any, expected: Any, at: str) -> None:
        if not alike.is_table(got):
            self.kind(got, f"a DataFrame of shape {expected.shape}", at)
        names, wanted = list(got.columns), list(expected.columns)
        if names != wanted:
            self.wrong(f"expected the columns {show(wanted)}{at}, got {show(names)}")
        if len(got) != len(expected):
            self.wrong(f"expected {len(expected)} rows{at}, got {len(got)}")
        if not self.order:
            got, expected = alike.sorted_rows(got), alike.sorted_rows(expected)
        for i, name in enumerate(wanted):
            left, right = got.iloc[:, i], expected.iloc[:, i]
            self.elements(alike.cells(left), alike.cells(right), f" in column {show(name)}{at}")
        if self.exact and not equal(list(got.index), list(expected.index)):
            self.wrong(f"expected the index {show(list(expected.index))}{at}")
