"""Categories of one column: find them, and say which one each cell holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd

BLOCK = 1 << 17
"""Rows handled at a time, so that temporary arrays stay in the processor's cache."""

_WIDEST_TABLE = 1 << 20


def blocks(values: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """The rows in pieces of `BLOCK`; fixed-width strings become objects, which can be hashed."""
    for start in range(0, len(values), BLOCK):
        rows = slice(start, start + BLOCK)
        piece = values[rows]
        yield rows, piece.astype(object) if piece.dtype.kind in "US" else piece


def is_nan(value: Any) -> bool:
    """Whether a scalar is a missing value other than None (NaN, NaT, NA)."""
    return value is not None and pd.isna(value) is True


def distinct(values: np.ndarray) -> np.ndarray:
    """Sorted distinct values of a column, missing ones (None, then NaN) last.

    By hashing, O(n), where sorting the column would cost O(n log n); whole numbers of a small range
    are only ticked off in a table.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        Numbers, booleans, texts, or objects that are all of one kind.

    Returns
    -------
    ndarray of shape (n_categories,)
        Of the column's dtype.

    Raises
    ------
    TypeError
        If the objects are of several kinds and so have no order.

    Examples
    --------
    >>> distinct(np.array([3, 1, 3]))
    array([1, 3])
    >>> distinct(np.array(["b", None, "a", np.nan, "b"], dtype=object))
    array(['a', 'b', None, nan], dtype=object)
    """
    if (table := _Range.around(values)) is not None:
        return table.seen(values)
    with _one_kind(values):
        found = pd.unique(np.concatenate([pd.unique(piece) for _, piece in blocks(values)]))
        if values.dtype.kind in "fmM":
            return np.unique(found)  # collapses NaN and NaT into one, at the end
        ordered = sorted(value for value in found if not (value is None or is_nan(value)))
    missing: list[Any] = [None] if any(value is None for value in found) else []
    missing += [np.nan] if any(is_nan(value) for value in found) else []
    out = np.empty(len(ordered) + len(missing), dtype=values.dtype)
    out[:] = ordered + missing
    return out


@contextmanager
def _one_kind(values: np.ndarray) -> Iterator[None]:
    """Values that cannot be hashed or compared have several kinds: say so."""
    try:
        yield
    except TypeError:
        kinds = sorted({type(value).__name__ for value in values})
        raise TypeError(
            f"The input argument must be uniformly strings or numbers in each column, got {kinds}:"
            " convert the column to one type."
        ) from None


def encode(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sorted categories of a column and the number of each cell's category, in one pass.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        The column.

    Returns
    -------
    categories : ndarray of shape (n_categories,)
        As from `distinct`.
    codes : ndarray of shape (n_samples,), dtype int32
        ``categories[codes]`` is the column.

    Examples
    --------
    >>> encode(np.array(["b", "a", "b"], dtype=object))
    (array(['a', 'b'], dtype=object), array([1, 0, 1], dtype=int32))
    """
    if _Range.around(values) is not None or values.dtype.kind in "mM":
        categories = distinct(values)
        return categories, lookup(
            values, categories, np.arange(len(categories) + 1, dtype=np.int32)
        )
    codes = np.empty(len(values), dtype=np.int32)
    numbers: dict[Any, int] = {}  # in order of appearance; sorted at the end
    for rows, piece in blocks(values):
        with _one_kind(values):
            found, uniques = pd.factorize(piece)
        known = [numbers.setdefault(value, len(numbers)) for value in uniques.tolist()]
        codes[rows] = np.array([*known, -1], dtype=np.int32)[found]
        if (missing := np.flatnonzero(found < 0)).size:
            kinds = [None if v is None else np.nan for v in piece[missing].tolist()]
            codes[rows][missing] = [numbers.setdefault(kind, len(numbers)) for kind in kinds]
    seen = np.empty(len(numbers), dtype=values.dtype)
    seen[:] = list(numbers)
    categories = distinct(seen)
    return categories, lookup(seen, categories, np.arange(len(seen) + 1, dtype=np.int32))[codes]


def lookup(values: np.ndarray, categories: np.ndarray, places: np.ndarray) -> np.ndarray:
    """``places[c]`` for each cell that holds category number c, ``places[-1]`` for unknown cells.

    The textbook form is ``[places[list(categories).index(v)] for v in values]``, O(n * categories).

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        The column.
    categories : ndarray of shape (n_categories,)
        Distinct values; numbers sorted, a missing value last.
    places : ndarray of shape (n_categories + 1,)
        What to write for each category, and at the end for a cell that holds none of them.

    Returns
    -------
    ndarray of shape (n_samples,)
        Of the dtype of ``places``.

    Examples
    --------
    >>> lookup(np.array(["b", "z", "a"], dtype=object), np.array(["a", "b"]), np.array([0, 1, -1]))
    array([ 1, -1,  0])
    """
    out = np.empty(len(values), dtype=places.dtype)
    if values.dtype.kind in "biu" and (table := _Range.around(categories)) is not None:
        return table.write(values, categories, places, out)
    if values.dtype.kind in "mM" and values.dtype.kind == categories.dtype.kind:
        return places[_moments(values, categories)]
    for rows, piece in blocks(values):
        codes, uniques = pd.factorize(piece)
        missing = codes < 0
        out[rows] = _positions(uniques, categories, places)[codes]
        if missing.any():
            out[rows][missing] = _positions(piece[missing], categories, places)[:-1]
    return out


def _positions(values: np.ndarray, categories: np.ndarray, places: np.ndarray) -> np.ndarray:
    """``places`` of a few values, and once more ``places[-1]`` at the end."""
    known = {value: i for i, value in enumerate(categories.tolist()) if not is_nan(value)}
    nan = len(categories) - 1 if len(categories) and is_nan(categories[-1]) else -1
    found = [nan if is_nan(value) else known.get(value, -1) for value in values.tolist()]
    return places[np.array([*found, -1], dtype=np.intp)]


def _moments(values: np.ndarray, categories: np.ndarray) -> np.ndarray:
    """Number of each date's category, -1 for none: the same moment, whatever the unit of either.

    Both are compared in the coarser of the two units, which every date of the finer one fits into;
    one that loses something on the way there equals no date of the other.
    """
    finer = np.promote_types(values.dtype, categories.dtype)
    coarser = values.dtype if finer == categories.dtype else categories.dtype
    known, asked = categories.astype(coarser), values.astype(coarser)
    numbers = np.flatnonzero(known.astype(categories.dtype) == categories)  # NaT equals nothing
    known = known[numbers]
    out = np.full(len(values), -1, dtype=np.intp)
    if len(known):
        place = np.minimum(np.searchsorted(known, asked), len(known) - 1)
        same = (known[place] == asked) & (asked.astype(values.dtype) == values)
        out[same] = numbers[place[same]]
    if len(categories) and np.isnat(categories[-1]):
        out[np.isnat(values)] = len(categories) - 1
    return out


class _Range:
    """Whole numbers between ``low`` and ``low + width - 1``, each with a slot in a table."""

    def __init__(self, low: Any, width: int) -> None:
        self.low, self.width = low, width

    @classmethod
    def around(cls, values: np.ndarray) -> _Range | None:
        """The range of the values; None if they are no whole numbers or lie too far apart."""
        if values.dtype.kind not in "biu" or not len(values):
            return None
        low, high = values.min(), values.max()
        width = int(high) - int(low) + 1
        return cls(low, width) if width <= max(_WIDEST_TABLE, len(values) // 4) else None

    def slots(self, values: np.ndarray) -> np.ndarray:
        # 64-bit arithmetic that wraps: right for int8 (whose range exceeds itself) and for uint64
        return values.astype(np.int64) - np.asarray(self.low).astype(np.int64)

    def seen(self, values: np.ndarray) -> np.ndarray:
        """Sorted distinct values."""
        ticked = np.zeros(self.width, dtype=bool)
        for _, piece in blocks(values):
            ticked[self.slots(piece)] = True
        with np.errstate(over="ignore"):
            found = np.flatnonzero(ticked).astype(np.int64) + np.asarray(self.low).astype(np.int64)
        return found.astype(values.dtype)

    def write(
        self, values: np.ndarray, categories: np.ndarray, places: np.ndarray, out: np.ndarray
    ) -> np.ndarray:
        table = np.full(self.width + 1, places[-1], dtype=places.dtype)
        table[self.slots(categories)] = places[:-1]
        for rows, piece in blocks(values):
            slots = self.slots(piece)
            low, high = slots.min(), slots.max()
            if low < 0 or high >= self.width:
                slots[(slots < 0) | (slots >= self.width)] = self.width
            np.take(table, slots, out=out[rows])
        return out
