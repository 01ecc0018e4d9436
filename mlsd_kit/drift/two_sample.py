"""Could chance alone have made the difference? Kolmogorov-Smirnov and chi-squared tests."""

from __future__ import annotations

import warnings
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from mlsd_kit._vector import as_vector
from mlsd_kit.drift.bins import bin_pair

EXACT_CELLS = 10_000
"""Up to n · m = 10,000 the exact null distribution of KS costs less than its error is worth."""


class TwoSampleResult(NamedTuple):
    """``statistic`` and the probability ``pvalue`` of one at least as large without any change."""

    statistic: float
    pvalue: float


def ks_test(
    reference: ArrayLike,
    current: ArrayLike,
    *,
    method: Literal["auto", "exact", "asymp"] = "auto",
) -> TwoSampleResult:
    """Largest gap between the two empirical distribution functions, and its p-value.

    D = max over x of |F(x) - G(x)|. Ties: both functions are right-continuous and are compared only
    after *all* copies of a value, so equal samples give D = 0. The p-value assumes continuous data;
    with ties it is too large, never too small: the test stays valid and loses power.

    Parameters
    ----------
    reference, current : array-like of shape (n,) and (m,)
        Numbers without missing values.
    method : {"auto", "exact", "asymp"}, default="auto"
        Null distribution: "auto" is exact up to n · m = 10,000 and asymptotic beyond.

    Returns
    -------
    TwoSampleResult(statistic, pvalue)

    Raises
    ------
    ValueError
        If a sample is empty or holds NaN or infinity, or ``method`` is unknown.

    >>> ks_test([1, 2, 2, 3], [1, 2, 2, 3])
    TwoSampleResult(statistic=0.0, pvalue=1.0)
    >>> ks_test([1, 2, 3, 4], [5, 6, 7, 8]).statistic
    1.0
    """
    if method not in ("auto", "exact", "asymp"):
        raise ValueError(f'method must be "auto", "exact" or "asymp", got {method!r}.')
    x = np.sort(as_vector(reference, "reference"))
    y = np.sort(as_vector(current, "current"))
    values = np.concatenate([x, y])
    below_x = np.searchsorted(x, values, side="right") / x.size
    below_y = np.searchsorted(y, values, side="right") / y.size
    statistic = float(np.max(np.abs(below_x - below_y)))
    if method == "auto":
        method = "exact" if x.size * y.size <= EXACT_CELLS else "asymp"
    with warnings.catch_warnings():  # where rounding spoils the exact sum, SciPy goes asymptotic
        warnings.simplefilter("ignore", RuntimeWarning)
        pvalue = stats.ks_2samp(x, y, method=method).pvalue
    return TwoSampleResult(statistic, float(pvalue))


def chi_squared(
    reference: ArrayLike,
    current: ArrayLike,
    *,
    bins: int = 10,
    categorical: bool | None = None,
    min_expected: float = 5.0,
) -> TwoSampleResult:
    """Pearson's chi-squared test that both samples draw their categories from the same shares.

    Σ (observed - expected)² / expected over the 2 × k table, with k - 1 degrees of freedom.
    Categories too rare for the approximation are pooled into one, or a single new value among a
    million would count as drift; a new category with a real share still does.

    Parameters
    ----------
    reference, current : array-like of shape (n,) and (m,)
        Categories, or numbers that are first cut into quantile bins. Missing is a category.
    bins, categorical
        As in `mlsd_kit.drift.psi`.
    min_expected : float, default=5.0
        Smallest expected count that stands alone (Cochran's rule); 0 pools nothing.

    Returns
    -------
    TwoSampleResult(statistic, pvalue); (0, 1) if there is only one category.

    Raises
    ------
    ValueError
        If a sample is empty or the kinds differ, or ``min_expected`` is negative.

    >>> chi_squared(["a"] * 50 + ["b"] * 50, ["a"] * 80 + ["b"] * 20).statistic.__round__(2)
    19.78
    >>> chi_squared(["a"] * 50, ["a"] * 80)
    TwoSampleResult(statistic=0.0, pvalue=1.0)
    """
    if not min_expected >= 0:
        raise ValueError(f"min_expected must be at least 0, got {min_expected!r}.")
    pair = bin_pair(reference, current, bins=bins, categorical=categorical)
    table = _pool_rare(np.array([pair.reference, pair.current], dtype=float), min_expected)
    if table.shape[1] < 2:
        return TwoSampleResult(0.0, 1.0)
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    statistic = float(np.sum((table - expected) ** 2 / expected))
    return TwoSampleResult(statistic, float(stats.chi2.sf(statistic, table.shape[1] - 1)))


def _pool_rare(table: NDArray[np.float64], min_expected: float) -> NDArray[np.float64]:
    """The table (2, k) without empty columns and with those below ``min_expected`` summed up.

    The pool itself may stay too rare; it then joins the smallest column that stands alone.
    """
    totals = table.sum(axis=0)
    table, totals = table[:, totals > 0], totals[totals > 0]
    smaller_side = table.sum(axis=1).min() / table.sum()
    rare = totals * smaller_side < min_expected
    if not rare.any():
        return table
    pool, kept = table[:, rare].sum(axis=1), table[:, ~rare].copy()
    if kept.shape[1] and pool.sum() * smaller_side < min_expected:
        kept[:, np.argmin(totals[~rare])] += pool
        return kept
    return np.column_stack([kept, pool])
