"""Two conversion rates: is the difference more than chance?"""

from __future__ import annotations

from math import sqrt
from typing import Literal

from scipy import stats

from mlsd_kit._vector import check_fraction
from mlsd_kit.experiments.effect import Effect

SMALL = 5
"""Below this expected count of successes or failures the normal approximation is not trusted."""


def two_proportion_test(
    successes_control: int,
    n_control: int,
    successes_treatment: int,
    n_treatment: int,
    *,
    alpha: float = 0.05,
    method: Literal["auto", "normal", "exact"] = "auto",
) -> Effect:
    """Difference of two rates, with Newcombe's interval and a z-test or Fisher's exact test.

    z = (p₂ - p₁) / √(p (1 - p) (1/n₁ + 1/n₂)) with p the pooled rate. The interval joins the Wilson
    intervals of the two arms (Newcombe 1998, method 10): unlike p ± 1.96 s it stays within [-1, 1]
    and keeps its width where an arm has no success at all. Interval and p-value come from different
    formulas, so near the border they may disagree by a hair.

    Parameters
    ----------
    successes_control, n_control : int
        Conversions and users of the control arm.
    successes_treatment, n_treatment : int
        The same for the treatment arm.
    alpha : float, default=0.05
        One minus the confidence of the interval.
    method : {"auto", "normal", "exact"}, default="auto"
        P-value by z, by Fisher's exact test, or the exact one where an expected count is below 5.

    Returns
    -------
    Effect
        ``std_error`` is the unpooled one, √(p₁(1-p₁)/n₁ + p₂(1-p₂)/n₂). No success (or no failure)
        in either arm: p-value 1.

    Raises
    ------
    ValueError
        If an arm is empty, a count is not a whole number in [0, n], or an option is unknown.

    >>> effect = two_proportion_test(200, 2000, 250, 2000)
    >>> round(effect.estimate, 3), round(effect.low, 4), round(effect.high, 4)
    (0.025, 0.0054, 0.0446)
    >>> round(effect.pvalue, 4)
    0.0124
    """
    check_fraction(alpha, "alpha")
    if method not in ("auto", "normal", "exact"):
        raise ValueError(f'method must be "auto", "normal" or "exact", got {method!r}.')
    a, n = _check_arm(successes_control, n_control, "control")
    b, m = _check_arm(successes_treatment, n_treatment, "treatment")
    p, q = a / n, b / m
    low_p, high_p = wilson_interval(a, n, alpha=alpha)
    low_q, high_q = wilson_interval(b, m, alpha=alpha)
    pooled = (a + b) / (n + m)
    if method == "auto":
        smallest = min(n, m) * min(pooled, 1 - pooled)
        method = "exact" if smallest < SMALL else "normal"
    return Effect(
        q - p,
        q - p - sqrt((q - low_q) ** 2 + (high_p - p) ** 2),
        q - p + sqrt((high_q - q) ** 2 + (p - low_p) ** 2),
        sqrt(p * (1 - p) / n + q * (1 - q) / m),
        _pvalue(a, n, b, m, method),
    )


def wilson_interval(successes: int, n: int, *, alpha: float = 0.05) -> tuple[float, float]:
    """Interval of one rate: all p that a z-test at level alpha would not reject (Wilson 1927).

    >>> low, high = wilson_interval(0, 10)
    >>> low, round(high, 3)
    (0.0, 0.278)
    """
    z = stats.norm.isf(alpha / 2)
    p = successes / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low = 0.0 if successes == 0 else max(0.0, float(centre - half))
    high = 1.0 if successes == n else min(1.0, float(centre + half))
    return low, high


def _pvalue(a: int, n: int, b: int, m: int, method: str) -> float:
    pooled = (a + b) / (n + m)
    if pooled in (0, 1):  # every user did the same
        return 1.0
    if method == "exact":
        return min(1.0, float(stats.fisher_exact([[a, n - a], [b, m - b]]).pvalue))
    z = (b / m - a / n) / sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    return float(2 * stats.norm.sf(abs(z)))


def _check_arm(successes: int, n: int, arm: str) -> tuple[int, int]:
    for name, value in ((f"successes_{arm}", successes), (f"n_{arm}", n)):
        if not value >= 0 or value != int(value):  # NaN fails the first
            raise ValueError(f"{name} must be a whole number of at least 0, got {value!r}.")
    if n == 0:
        raise ValueError(f"n_{arm} is 0: an empty arm has no rate; wait for users or drop the arm.")
    if successes > n:
        raise ValueError(
            f"successes_{arm} ({successes}) exceeds n_{arm} ({n}); count each user once."
        )
    return int(successes), int(n)
