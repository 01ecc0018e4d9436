"""Two means with unequal variances: Welch's t-test."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from mlsd_kit._vector import as_vector, check_fraction
from mlsd_kit.experiments.effect import Effect


def welch_test(control: ArrayLike, treatment: ArrayLike, *, alpha: float = 0.05) -> Effect:
    """Difference of two means, with Welch's t interval and p-value.

    t = (ȳ₂ - ȳ₁) / √(s₁²/n₁ + s₂²/n₂), with the degrees of freedom of Welch and Satterthwaite. The
    arms may differ in size and variance. Units must be independent: for users with many sessions,
    or groups treated together, use `clustered_difference`.

    Parameters
    ----------
    control, treatment : array-like of shape (n,) and (m,)
        One value for each user; at least 2 an arm.
    alpha : float, default=0.05
        One minus the confidence of the interval.

    Returns
    -------
    Effect

    Raises
    ------
    ValueError
        If an arm has fewer than 2 values or holds NaN or infinity, or both arms are constant: with
        zero variance there is no noise to compare the difference with.

    >>> effect = welch_test([1, 2, 3, 4], [2, 4, 6, 8])
    >>> effect.estimate, round(effect.pvalue, 3)
    (2.5, 0.152)
    """
    check_fraction(alpha, "alpha")
    x = as_vector(control, "control", min_size=2)
    y = as_vector(treatment, "treatment", min_size=2)
    scale = max(np.ptp(x), np.ptp(y))  # squares of tiny or huge values leave the floats' range
    if scale == 0:
        raise ValueError(
            "control and treatment are both constant: zero variance leaves no noise to test "
            "against; check the metric or wait for more data."
        )
    per_x, per_y = (x / scale).var(ddof=1) / x.size, (y / scale).var(ddof=1) / y.size
    error = scale * np.sqrt(per_x + per_y)
    freedom = (per_x + per_y) ** 2 / (per_x**2 / (x.size - 1) + per_y**2 / (y.size - 1))
    return t_effect(float(y.mean() - x.mean()), float(error), float(freedom), alpha)


def t_effect(estimate: float, std_error: float, freedom: float, alpha: float) -> Effect:
    """Effect whose estimate over its standard error follows Student's t."""
    half = float(stats.t.isf(alpha / 2, freedom)) * std_error
    pvalue = float(2 * stats.t.sf(abs(estimate) / std_error, freedom))
    return Effect(estimate, estimate - half, estimate + half, std_error, pvalue)
