"""Validation shared by the metrics: every message names the argument and the cure."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_array

BLOCK = 1 << 15
"""Rows handled at a time: the temporaries of one block stay in the processor's cache."""


def blocks(n: int, rows: int = BLOCK) -> list[slice]:
    """Slices of at most ``rows`` rows that cover ``range(n)`` in order."""
    return [slice(start, min(start + rows, n)) for start in range(0, n, rows)]


def column(values: ArrayLike, name: str) -> np.ndarray:
    """``values`` as a 1-D array of any kind, not copied where it already is one."""
    array = check_array(
        values,
        dtype=None,
        ensure_2d=False,
        allow_nd=True,
        ensure_all_finite=False,
        ensure_min_samples=0,
        ensure_min_features=0,
        input_name=name,
    )
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise ValueError(
            f"{name} must be one-dimensional, got shape {array.shape}: pass one value per sample."
        )
    if array.size == 0:
        raise ValueError(f"{name} is empty: pass at least one sample.")
    return array


def same_length(**arrays: np.ndarray | None) -> None:
    """Raise unless all the arrays given hold the same number of samples."""
    sizes = {name: len(array) for name, array in arrays.items() if array is not None}
    if len(set(sizes.values())) > 1:
        described = ", ".join(f"{name} has {size}" for name, size in sizes.items())
        raise ValueError(
            f"Found input variables with inconsistent numbers of samples: {described}:"
            " pass one value per sample in each."
        )


def require_finite(array: np.ndarray, name: str) -> None:
    """Raise if a value is NaN or infinite; reads one block at a time."""
    for block in blocks(len(array)):
        if not np.isfinite(array[block]).all():
            found = "NaN" if np.isnan(array[block]).any() else "infinity"
            raise ValueError(
                f"Input {name} contains {found}: drop or replace such values before scoring."
            )


def numeric(values: ArrayLike, name: str) -> np.ndarray:
    """``values`` as a finite, real 1-D array of numbers."""
    array = column(values, name)
    if array.dtype.kind not in "buif":
        try:
            array = array.astype(float)
        except (TypeError, ValueError):
            raise ValueError(f"{name} must hold numbers, got dtype {array.dtype}: convert it.")
    if array.dtype.kind == "f":
        require_finite(array, name)
    return array


def probability(values: ArrayLike, name: str) -> np.ndarray:
    """``values`` as a 1-D array of numbers within [0, 1]."""
    array = numeric(values, name)
    in_unit_interval(array, name)
    return array if array.dtype.kind == "f" else array.astype(float)


def in_unit_interval(array: np.ndarray, name: str) -> None:
    """Raise if a value lies outside [0, 1]."""
    if array.max() > 1:
        raise ValueError(
            f"{name} contains values greater than 1: {array.max()}; pass probabilities in [0, 1]."
        )
    if array.min() < 0:
        raise ValueError(
            f"{name} contains values less than 0: {array.min()}; pass probabilities in [0, 1]."
        )


def weights(values: ArrayLike | None, n: int, name: str = "sample_weight") -> np.ndarray | None:
    """``values`` as ``n`` finite weights, not all zero; None stays None."""
    if values is None:
        return None
    array = np.asarray(values)
    if array.shape != (n,):
        raise ValueError(f"{name}.shape == {array.shape}, expected {(n,)}: one weight per sample.")
    array = numeric(array, name)
    if not array.any():
        raise ValueError(f"{name} must hold at least one non-zero number: all weights are 0.")
    cancels(array, name)
    return array


def trimmed(score: float) -> float:
    """``score`` without what rounding has put on top of 1, the largest that it can be.

    >>> trimmed(1.0000000000000002), trimmed(0.5), trimmed(1.5)
    (1.0, 0.5, 1.5)
    """
    return 1.0 if 1 < score < 1 + 1e-9 else score


def cancels(array: np.ndarray, name: str) -> None:
    """Raise if weights add up to nothing but rounding: there is no mean to divide."""
    total, size = float(array.sum(dtype=float)), float(np.abs(array).sum(dtype=float))
    if abs(total) <= 1e-12 * size:
        raise ValueError(f"{name} adds up to 0: a weighted mean needs weights with another sum.")
