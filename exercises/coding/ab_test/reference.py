"""A/B test of two conversion rates: p-value, interval and the users a test needs."""

from __future__ import annotations

from math import ceil, sqrt
from statistics import NormalDist

Arm = tuple[int, int]


def ab_test(
    control: Arm, treatment: Arm, mde: float, alpha: float, power: float
) -> dict[str, float]:
    """Two-sided two-proportion z-test, interval of the difference, and sample size per arm.

    Parameters
    ----------
    control, treatment : (conversions, users)
        Counts of both arms.
    mde : float
        Smallest absolute rise over the control's rate worth finding.
    alpha, power : float
        Chance of a false alarm (two-sided), and of finding a rise of ``mde``.

    Returns
    -------
    dict
        ``difference`` (treatment - control), ``p_value``, ``low``, ``high``, ``users_per_arm``.
    """
    # >>> your code
    (a, n), (b, m) = control, treatment
    normal = NormalDist()
    p1, p2 = a / n, b / m
    difference = p2 - p1

    pooled = (a + b) / (n + m)
    error = sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))  # if both rates are equal
    p_value = 2 * normal.cdf(-abs(difference) / error) if error > 0 else 1.0

    critical = normal.inv_cdf(1 - alpha / 2)
    half = critical * sqrt(p1 * (1 - p1) / n + p2 * (1 - p2) / m)  # whatever the rates are

    goal = p1 + mde
    mean = (p1 + goal) / 2
    spread = critical * sqrt(2 * mean * (1 - mean))
    spread += normal.inv_cdf(power) * sqrt(p1 * (1 - p1) + goal * (1 - goal))
    return {
        "difference": difference,
        "p_value": p_value,
        "low": difference - half,
        "high": difference + half,
        "users_per_arm": ceil((spread / mde) ** 2),
    }
    # <<< your code
