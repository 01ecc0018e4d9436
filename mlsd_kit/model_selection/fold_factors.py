"""What least squares needs to know of a fold's rows, small enough to add and stack.

With Z = [1, X, y] of one fold, every linear model without that fold, and its error on that fold,
follow from one (d+2, d+2) matrix a fold: the Gram matrix ZᵀZ, or the triangle R of Z = QR.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

BLOCK_BYTES = 1 << 20
"""Rows are taken in blocks of this size: small enough for the cache, large enough for BLAS."""


@dataclass(frozen=True)
class Table:
    """X and y as the columns [1, X - shift, y - shift], made a block at a time.

    Shifting to near the mean costs nothing and keeps the digits of data far from the origin.
    """

    X: np.ndarray
    y: np.ndarray
    intercept: bool
    shift: np.ndarray
    """Subtracted from the columns of [X, y]; zeros without an intercept."""

    @classmethod
    def of(cls, X: np.ndarray, y: np.ndarray, intercept: bool) -> Table:
        """Shift by the mean of about a thousand rows spread over the whole."""
        shift = np.zeros(X.shape[1] + 1)
        if intercept:
            step = max(1, len(X) // 1000)
            with np.errstate(invalid="ignore", over="ignore"):  # bad values are told later
                shift[:-1] = X[::step].mean(axis=0, dtype=np.float64)
                shift[-1] = y[::step].mean()
        return cls(X, y, intercept, np.where(np.isfinite(shift), shift, 0.0))

    @property
    def width(self) -> int:
        """Columns of Z."""
        return self.X.shape[1] + 1 + self.intercept

    def blocks(self, rows: np.ndarray) -> Iterator[np.ndarray]:
        """Z of these rows, a block at a time, in one buffer that is written anew each time."""
        size = max(self.width, BLOCK_BYTES // (8 * self.width))
        buffer = np.empty((min(size, len(rows)), self.width))
        first = int(self.intercept)
        buffer[:, :first] = 1.0
        for start in range(0, len(rows), size):
            part = _as_slice(rows[start : start + size])
            block = buffer[: min(size, len(rows) - start)]
            np.subtract(self.X[part], self.shift[:-1], out=block[:, first:-1])
            np.subtract(self.y[part], self.shift[-1], out=block[:, -1])
            yield block


def _as_slice(rows: np.ndarray) -> slice | np.ndarray:
    """Consecutive rows as a slice, which copies nothing."""
    if len(rows) and rows[-1] - rows[0] + 1 == len(rows) and (np.diff(rows) == 1).all():
        return slice(int(rows[0]), int(rows[-1]) + 1)
    return rows


def gram(table: Table, rows: np.ndarray) -> np.ndarray:
    """ZᵀZ of these rows. Squares the condition number. Holds nan or inf if a value does."""
    total = np.zeros((table.width, table.width))
    with np.errstate(invalid="ignore", over="ignore"):
        for block in table.blocks(rows):
            total += block.T @ block
    return total


def triangle(table: Table, rows: np.ndarray) -> np.ndarray:
    """R of Z = QR of these rows, block under block: keeps the condition number as it is."""
    r = np.zeros((0, table.width))
    for block in table.blocks(rows):
        r = stacked(r, block)
    return r


def stacked(*factors: np.ndarray) -> np.ndarray:
    """R of all the rows that the factors stand for."""
    return np.asarray(np.linalg.qr(np.vstack(factors), mode="r"))


def all_but_one(parts: list[np.ndarray]) -> list[np.ndarray]:
    """Sum of all matrices but the i-th, for every i, from running sums of both ends.

    Total minus one part is as cheap, and loses every digit when that part is by far the largest.
    """
    zero = np.zeros_like(parts[0])
    before, after = [zero], [zero]
    for part in parts[:-1]:
        before.append(before[-1] + part)
    for part in parts[:0:-1]:
        after.append(after[-1] + part)
    return [a + b for a, b in zip(before, after[::-1], strict=True)]


def stacked_but_one(parts: list[np.ndarray]) -> list[np.ndarray]:
    """R of all rows but the i-th part's, for every i: QR of stacked triangles, from both ends."""
    empty = parts[0][:0]
    before, after = [empty], [empty]
    for part in parts[:-1]:
        before.append(stacked(before[-1], part))
    for part in parts[:0:-1]:
        after.append(stacked(after[-1], part))
    return [stacked(a, b) for a, b in zip(before, after[::-1], strict=True)]
