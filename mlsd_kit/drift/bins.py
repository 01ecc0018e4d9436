"""Two samples counted over the same bins: quantiles of the reference, or categories."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from mlsd_kit._vector import as_vector

MISSING = "missing"


class BinnedPair(NamedTuple):
    """Counts of both samples in every bin; a bin may be empty on one side.

    ``labels`` list of k str · ``reference``, ``current`` ndarray of shape (k,), int64
    """

    labels: list[str]
    reference: NDArray[np.int64]
    current: NDArray[np.int64]

    def shares(self, smoothing: float = 0.0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Both columns as shares that sum to 1, after adding ``smoothing`` counts to every bin."""
        p, q = self.reference + smoothing, self.current + smoothing
        return p / p.sum(), q / q.sum()


def is_categorical(values: ArrayLike) -> bool:
    """Whether a column is compared by category: booleans, strings and everything not a number.

    >>> is_categorical([True, False]), is_categorical([0.5, 2])
    (True, False)
    """
    dtype = values.dtype if isinstance(values, pd.Series) else np.asarray(values).dtype
    if pd.api.types.is_bool_dtype(dtype):
        return True
    return not pd.api.types.is_numeric_dtype(dtype)


def bin_pair(
    reference: ArrayLike,
    current: ArrayLike,
    *,
    bins: int = 10,
    categorical: bool | None = None,
) -> BinnedPair:
    """Count ``reference`` and ``current`` over one set of bins, fixed by the reference alone.

    Numbers: quantile bins ``(low, high]`` of the reference, open at both ends, so no new value
    falls outside. Quantiles that repeat (constant or zero-inflated columns) collapse; a value with
    the share of a whole bin gets one of its own, so moving away from it shows on either side.
    Categories: those seen in either sample; one never seen before has a reference count of 0.
    Missing values form one more bin, where either side has any.

    Parameters
    ----------
    reference, current : array-like of shape (n,) and (m,)
    bins : int, default=10
        Number of quantile bins asked for (numbers only).
    categorical : bool or None, default=None
        ``None`` takes booleans, strings and objects as categories, numbers as numbers.

    Returns
    -------
    BinnedPair

    Raises
    ------
    ValueError
        If a sample is empty, infinite or not one-dimensional, if the two samples are of different
        kinds, or if the reference has no value that is not missing.

    >>> bin_pair(["a", "a", "b"], ["b", "c"])
    BinnedPair(labels=['a', 'b', 'c'], reference=array([2, 1, 0]), current=array([0, 1, 1]))
    >>> bin_pair([5, 5, 5, 5], [4, 5, 6]).current  # below, at, and above the constant
    array([1, 1, 1])
    """
    if categorical is None:
        categorical = is_categorical(reference)
        if categorical != is_categorical(current) and not _all_missing(current):
            raise ValueError(
                "reference and current hold different kinds of values (numbers and categories); "
                "convert one of them or pass categorical=True."
            )
    if categorical:
        return _bin_categories(_as_labels(reference, "reference"), _as_labels(current, "current"))
    return _bin_numbers(
        as_vector(reference, "reference", allow_nan=True),
        as_vector(current, "current", allow_nan=True),
        bins,
    )


def quantile_edges(sample: NDArray[np.float64], bins: int) -> NDArray[np.float64]:
    """Inner edges of ``bins`` quantile bins ``(low, high]`` and of the heavy values' own bins.

    >>> quantile_edges(np.arange(1.0, 9.0), 4)
    array([2.75, 4.5 , 6.25])
    """
    if isinstance(bins, bool) or bins < 2 or bins != int(bins):
        raise ValueError(f"bins must be an integer of at least 2, got {bins!r}.")
    edges = np.quantile(sample, np.arange(1, int(bins)) / int(bins))
    values, counts = np.unique(sample, return_counts=True)
    heavy = values[(counts > 1) & (counts >= sample.size / bins)]
    return np.unique(np.concatenate([edges, heavy, np.nextafter(heavy, -np.inf)]))


def _bin_numbers(
    reference: NDArray[np.float64], current: NDArray[np.float64], bins: int
) -> BinnedPair:
    known = reference[~np.isnan(reference)]
    if known.size == 0:
        raise ValueError("reference holds only missing values; there is nothing to compare with.")
    edges = quantile_edges(known, bins)
    labels = _interval_labels(edges)
    counts = []
    for sample in (reference, current):
        missing = np.isnan(sample)
        cells = np.searchsorted(edges, sample[~missing], side="left")
        counts.append(np.append(np.bincount(cells, minlength=len(labels)), missing.sum()))
    if counts[0][-1] == counts[1][-1] == 0:
        return BinnedPair(labels, counts[0][:-1], counts[1][:-1])
    return BinnedPair([*labels, MISSING], counts[0], counts[1])


def _interval_labels(edges: NDArray[np.float64]) -> list[str]:
    """``≤ a``, ``(a, b]``, ``= b`` (a bin of one value) and ``> z``."""
    labels = []
    bounds = [-np.inf, *edges, np.inf]
    for i, (low, high) in enumerate(pairwise(bounds)):
        follower = bounds[i + 2] if i + 2 < len(bounds) else np.inf
        before_heavy = follower == np.nextafter(high, np.inf) and high != np.inf
        if high == np.inf:
            labels.append(f"> {low:.4g}")
        elif low == -np.inf:
            labels.append(f"< {follower:.4g}" if before_heavy else f"≤ {high:.4g}")
        elif high == np.nextafter(low, np.inf):
            labels.append(f"= {high:.4g}")
        else:
            labels.append(f"({low:.4g}, {high:.4g}" + (")" if before_heavy else "]"))
    return labels


def _bin_categories(reference: pd.Series, current: pd.Series) -> BinnedPair:
    codes, names = pd.factorize(pd.concat([reference, current], ignore_index=True))
    order = np.argsort(np.asarray(names, dtype=str), kind="stable")
    labels = [str(names[i]) for i in order]
    counts = []
    for side in (codes[: len(reference)], codes[len(reference) :]):
        seen = np.bincount(side[side >= 0], minlength=len(names))[order]
        counts.append(np.append(seen, np.sum(side < 0)).astype(np.int64))
    if counts[0].sum() == counts[0][-1]:
        raise ValueError("reference holds only missing values; there is nothing to compare with.")
    if counts[0][-1] == counts[1][-1] == 0:
        return BinnedPair(labels, counts[0][:-1], counts[1][:-1])
    return BinnedPair([*labels, MISSING], counts[0], counts[1])


def _as_labels(values: ArrayLike, name: str) -> pd.Series:
    series = values if isinstance(values, pd.Series) else pd.Series(_one_dimensional(values, name))
    if len(series) == 0:
        raise ValueError(f"{name} holds 0 values; give at least 1 to compute this.")
    return series.astype(object)


def _one_dimensional(values: ArrayLike, name: str) -> NDArray[np.object_]:
    array = np.asarray(values, dtype=object)
    if array.ndim != 1:
        raise ValueError(
            f"{name} must be one-dimensional, got shape {array.shape}; pass one column at a time."
        )
    return array


def _all_missing(values: ArrayLike) -> bool:
    return bool(np.all(pd.isna(np.asarray(values, dtype=object))))
