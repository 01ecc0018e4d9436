"""Correct solutions in other styles: the checks must accept every one."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter

import numpy as np
import pandas as pd


def with_loops(reference: list, current: list, bins: int) -> float:
    """Quantiles by hand, bins by bisection."""
    ordered = sorted(reference)
    borders = []
    for i in range(1, bins):
        whole, rest = divmod((len(ordered) - 1) * i, bins)
        low, high = ordered[whole], ordered[min(whole + 1, len(ordered) - 1)]
        borders.append(low + (high - low) * rest / bins)
    p = Counter(bisect_left(borders, value) for value in reference)
    q = Counter(bisect_left(borders, value) for value in current)
    total = 0.0
    for cell in range(bins):
        a = max(p[cell] / len(reference), 1e-4)
        b = max(q[cell] / len(current), 1e-4)
        total += (b - a) * math.log(b / a)
    return total


def with_pandas(reference: list, current: list, bins: int) -> float:
    """Intervals by `cut`, shares by `value_counts`."""
    borders = pd.Series(reference).quantile([i / bins for i in range(1, bins)])
    edges = [-np.inf, *borders.drop_duplicates(), np.inf]
    p, q = (
        pd.cut(pd.Series(values, dtype=float), edges).value_counts(normalize=True).clip(lower=1e-4)
        for values in (reference, current)
    )
    q = q.reindex(p.index)
    return ((q - p) * np.log(q / p)).sum()


def with_numpy_comparisons(reference: list, current: list, bins: int) -> np.float64:
    """Shares as differences of the distribution functions at the borders."""
    borders = np.percentile(reference, 100 * np.arange(1, bins) / bins)
    shares = []
    for values in (np.asarray(reference), np.asarray(current)):
        below = (values[None, :] <= borders[:, None]).sum(axis=1)
        counts = np.diff(np.concatenate([[0], below, [len(values)]]))
        shares.append(np.clip(counts / len(values), 1e-4, None))
    p, q = shares
    return np.dot(q - p, np.log(q) - np.log(p))
