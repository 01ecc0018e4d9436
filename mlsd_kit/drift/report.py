"""The monthly check: every feature of a model, then and now, in one table."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from typing import NamedTuple

import numpy as np
import pandas as pd

from mlsd_kit._vector import as_vector, check_fraction
from mlsd_kit.drift.bins import is_categorical
from mlsd_kit.drift.correlation import same_columns
from mlsd_kit.drift.divergence import jensen_shannon, psi
from mlsd_kit.drift.multiple import Method, adjust_pvalues
from mlsd_kit.drift.two_sample import TwoSampleResult, chi_squared, ks_test


class _Row(NamedTuple):
    kind: str
    missing_reference: float
    missing_current: float
    psi: float
    jensen_shannon: float
    test: str
    statistic: float
    pvalue: float


def drift_report(
    reference: pd.DataFrame,
    current: pd.DataFrame,
    *,
    categorical: Collection[str] | None = None,
    bins: int = 10,
    alpha: float = 0.05,
    correction: Method = "fdr_bh",
    min_psi: float = 0.0,
) -> pd.DataFrame:
    """Drift of every feature: how much (PSI, Jensen-Shannon) and whether chance explains it (test).

    Numbers are tested by Kolmogorov-Smirnov on the values present; where either side has missing
    values, a chi-squared test of the missing share is added and the smaller of the two p-values
    doubled (Bonferroni). Categories are tested by chi-squared, missing being one category. P-values
    are then adjusted over all features.

    A feature has ``drifted`` when its adjusted p-value is at most ``alpha`` *and* its PSI at least
    ``min_psi``: with a million rows every test rejects, and only the size of the change says
    whether anybody should care.

    Parameters
    ----------
    reference, current : DataFrame of shape (n, d) and (m, d)
        Training-time and recent features: the same columns in any order.
    categorical : collection of str or None, default=None
        Columns to compare by category; ``None`` takes those that are not numeric, and booleans.
    bins : int, default=10
        Quantile bins of PSI and Jensen-Shannon, taken from the reference.
    alpha : float, default=0.05
        Error rate over the family of features, in the sense of ``correction``.
    correction : {"fdr_bh", "holm", "bonferroni"}, default="fdr_bh"
    min_psi : float, default=0.0
        Smallest PSI worth an alarm.

    Returns
    -------
    DataFrame indexed by feature, in the order of ``reference``, with the columns kind,
    missing_reference, missing_current (shares), psi, jensen_shannon, test, statistic, pvalue,
    adjusted_pvalue, drifted.

    Raises
    ------
    ValueError
        If a frame is empty, the columns differ, a numeric column is infinite, a column of the
        reference is all missing, or an argument is out of range.

    >>> then = pd.DataFrame({"age": range(200), "plan": ["basic", "plus"] * 100})
    >>> now = pd.DataFrame({"age": range(100, 300), "plan": ["basic", "plus"] * 100})
    >>> drift_report(then, now)[["kind", "test", "drifted"]]
                    kind         test  drifted
    age          numeric           ks     True
    plan     categorical  chi_squared    False
    """
    check_fraction(alpha, "alpha")
    if not min_psi >= 0:
        raise ValueError(f"min_psi must be at least 0, got {min_psi!r}.")
    then, now = same_columns(reference, current)
    unknown = set(categorical or ()) - set(then.columns)
    if unknown:
        raise ValueError(f"categorical names {sorted(unknown)}, which reference does not have.")
    rows = [
        _feature(then[name], now[name], _by_category(then[name], name, categorical), bins)
        for name in then
    ]
    report = pd.DataFrame(
        rows, index=pd.Index(then.columns, name=then.columns.name), columns=list(_Row._fields)
    )
    report["adjusted_pvalue"] = adjust_pvalues(report["pvalue"], correction)
    report["drifted"] = (report["adjusted_pvalue"] <= alpha) & (report["psi"] >= min_psi)
    return report


def _by_category(column: pd.Series, name: Hashable, categorical: Collection[str] | None) -> bool:
    return is_categorical(column) if categorical is None else name in categorical


def _feature(then: pd.Series, now: pd.Series, by_category: bool, bins: int) -> _Row:
    try:
        test, result = (
            ("chi_squared", chi_squared(then, now, categorical=True))
            if by_category
            else ("ks", _numeric_test(then, now))
        )
        return _Row(
            "categorical" if by_category else "numeric",
            float(then.isna().mean()),
            float(now.isna().mean()),
            psi(then, now, bins=bins, categorical=by_category),
            jensen_shannon(then, now, bins=bins, categorical=by_category),
            test,
            result.statistic,
            result.pvalue,
        )
    except ValueError as error:
        raise ValueError(f"column {then.name!r}: {error}") from None


def _numeric_test(then: pd.Series, now: pd.Series) -> TwoSampleResult:
    x = as_vector(then, "reference", allow_nan=True)
    y = as_vector(now, "current", allow_nan=True)
    gone_x, gone_y = np.isnan(x), np.isnan(y)
    if gone_x.all():
        raise ValueError("reference holds only missing values; there is nothing to compare with.")
    if not (gone_x.any() or gone_y.any()):
        return ks_test(x, y)
    absence = chi_squared(gone_x, gone_y, min_expected=1)
    if gone_y.all():
        return absence
    presence = ks_test(x[~gone_x], y[~gone_y])
    return TwoSampleResult(presence.statistic, min(1.0, 2 * min(presence.pvalue, absence.pvalue)))
