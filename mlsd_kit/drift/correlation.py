"""Features may keep their own distributions and still change how they move together."""

from __future__ import annotations

from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from mlsd_kit._vector import check_fraction
from mlsd_kit.drift.bins import is_categorical
from mlsd_kit.drift.multiple import Method, adjust_pvalues

VARIANCE = {"pearson": 1.0, "spearman": 1.06}
"""Variance of arctanh(r), times n - 3 (Fisher 1921; for ranks Fieller, Hartley, Pearson 1957)."""


def correlation_change(
    reference: pd.DataFrame,
    current: pd.DataFrame,
    *,
    method: Literal["spearman", "pearson"] = "spearman",
    alpha: float = 0.05,
    correction: Method = "fdr_bh",
) -> pd.DataFrame:
    """Correlation of every pair of numeric features, then and now, with a test of the change.

    arctanh(r) is nearly normal with variance c / (n - 3), so the difference of two independent
    samples has a normal test; p-values are adjusted over all pairs. Ranks (the default) keep one
    outlier from deciding; Pearson's needs roughly normal columns.

    Parameters
    ----------
    reference, current : DataFrame of shape (n, d) and (m, d)
        The same columns in any order; columns that are not numeric are left out. Rows with a
        missing value in either feature of a pair are left out of that pair.
    method : {"spearman", "pearson"}, default="spearman"
    alpha : float, default=0.05
        Error rate for ``changed``.
    correction : {"fdr_bh", "holm", "bonferroni"}, default="fdr_bh"

    Returns
    -------
    DataFrame with one row per pair: feature_a, feature_b, reference, current, change, pvalue,
    adjusted_pvalue, changed; largest change first. A correlation with a constant column does not
    exist: NaN, never ``changed``.

    Raises
    ------
    ValueError
        If the columns differ, fewer than two are numeric, or an argument is out of range.

    >>> x = np.arange(40.0)
    >>> noise = np.tile([3.0, -3.0], 20)
    >>> then, now = pd.DataFrame({"x": x, "y": x + noise}), pd.DataFrame({"x": x, "y": noise - x})
    >>> correlation_change(then, now)[["feature_a", "feature_b", "changed"]]
      feature_a feature_b  changed
    0         x         y     True
    """
    if method not in VARIANCE:
        raise ValueError(f'method must be "spearman" or "pearson", got {method!r}.')
    check_fraction(alpha, "alpha")
    then, now = same_columns(reference, current)
    names = [name for name in then if not (is_categorical(then[name]) or is_categorical(now[name]))]
    if len(names) < 2:
        raise ValueError(f"reference has {len(names)} numeric columns; a pair needs at least 2.")
    rows = [(a, b, *_compare(then[[a, b]], now[[a, b]], method)) for a, b in combinations(names, 2)]
    report = pd.DataFrame(
        rows, columns=["feature_a", "feature_b", "reference", "current", "change", "pvalue"]
    )
    exists = report["pvalue"].notna()
    report["adjusted_pvalue"] = np.nan
    if exists.any():
        report.loc[exists, "adjusted_pvalue"] = adjust_pvalues(
            report.loc[exists, "pvalue"], correction
        )
    report["changed"] = report["adjusted_pvalue"] <= alpha  # NaN compares as False
    order = report["change"].abs().sort_values(ascending=False, kind="stable", na_position="last")
    return report.loc[order.index].reset_index(drop=True)


def same_columns(
    reference: pd.DataFrame, current: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both frames with the columns of ``reference``, in its order; a ValueError if they differ."""
    for name, frame in (("reference", reference), ("current", current)):
        if not isinstance(frame, pd.DataFrame):
            raise ValueError(f"{name} must be a DataFrame, got {type(frame).__name__}; wrap it.")
        if frame.shape[0] == 0 or frame.shape[1] == 0:
            raise ValueError(f"{name} is empty (shape {frame.shape}); give it rows and columns.")
        if not frame.columns.is_unique:
            raise ValueError(f"{name} has repeated column names; rename them.")
    only = sorted(map(str, reference.columns.symmetric_difference(current.columns)))
    if only:
        raise ValueError(
            f"reference and current have different columns ({', '.join(only)} in only one of "
            "them); pass the same features in both."
        )
    return reference, current[list(reference.columns)]


def _compare(
    then: pd.DataFrame, now: pd.DataFrame, method: Literal["spearman", "pearson"]
) -> tuple[float, float, float, float]:
    """Correlation before and after, the change and its two-sided p-value."""
    before, n = _correlation(then, method)
    after, m = _correlation(now, method)
    if np.isnan(before) or np.isnan(after) or min(n, m) < 4:
        return before, after, after - before, np.nan
    # |r| = 1 has no finite arctanh; 1 - 1e-12 is as good as certain
    limit = 1 - 1e-12
    gap = np.arctanh(np.clip(after, -limit, limit)) - np.arctanh(np.clip(before, -limit, limit))
    error = np.sqrt(VARIANCE[method] * (1 / (n - 3) + 1 / (m - 3)))
    return before, after, after - before, float(2 * stats.norm.sf(abs(gap) / error))


def _correlation(pair: pd.DataFrame, method: Literal["spearman", "pearson"]) -> tuple[float, int]:
    values = pair.to_numpy(dtype=np.float64, na_value=np.nan)
    if np.isinf(values).any():
        raise ValueError(
            f"{pair.columns[0]!r} or {pair.columns[1]!r} holds infinite values; clip or drop them."
        )
    values = values[~np.isnan(values).any(axis=1)]
    if len(values) < 2 or (values == values[:1]).all(axis=0).any():
        return np.nan, len(values)
    if method == "spearman":
        values = stats.rankdata(values, axis=0)
    centred = values - values.mean(axis=0)
    scale = np.sqrt((centred**2).sum(axis=0))
    r = float((centred[:, 0] / scale[0]) @ (centred[:, 1] / scale[1])) if scale.all() else np.nan
    return float(np.clip(r, -1, 1)), len(values)
