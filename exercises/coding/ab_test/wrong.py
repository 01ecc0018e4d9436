"""Wrong solutions that no message names: every run of the checks must reject each of them."""

from __future__ import annotations

import math
from typing import Any

from scipy.stats import norm

Arm = tuple[int, int]


def _right(control: Arm, treatment: Arm, mde: float, alpha: float, power: float) -> dict[str, Any]:
    (a, n), (b, m) = control, treatment
    p, q, pooled = a / n, b / m, (a + b) / (n + m)
    error = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    half = norm.ppf(1 - alpha / 2) * math.sqrt(p * (1 - p) / n + q * (1 - q) / m)
    goal, middle = p + mde, p + mde / 2
    spread = norm.ppf(1 - alpha / 2) * math.sqrt(2 * middle * (1 - middle))
    spread += norm.ppf(power) * math.sqrt(p * (1 - p) + goal * (1 - goal))
    return {
        "difference": q - p,
        "p_value": 2 * norm.sf(abs(q - p) / error) if error else 1.0,
        "low": q - p - half,
        "high": q - p + half,
        "users_per_arm": (spread / mde) ** 2,
    }


def users_rounded_to_the_nearest(control, treatment, mde, alpha, power):
    """The users are rounded to the nearest whole number, half of the time down."""
    right = _right(control, treatment, mde, alpha, power)
    return {**right, "users_per_arm": round(right["users_per_arm"])}


def interval_kept_between_minus_one_and_one(control, treatment, mde, alpha, power):
    """The interval is cut off where no difference can be."""
    right = _right(control, treatment, mde, alpha, power)
    low, high = max(-1.0, right["low"]), min(1.0, right["high"])
    return {**right, "low": low, "high": high, "users_per_arm": math.ceil(right["users_per_arm"])}


def no_test_where_one_arm_has_no_conversion(control, treatment, mde, alpha, power):
    """The p-value is 1 if one of the arms has no conversion, not only if both have none."""
    right = _right(control, treatment, mde, alpha, power)
    flat = control[0] == 0 or treatment[0] == 0
    users = math.ceil(right["users_per_arm"])
    return {**right, "p_value": 1.0 if flat else right["p_value"], "users_per_arm": users}


def the_statistic_as_a_sixth_key(control, treatment, mde, alpha, power):
    """The dict also holds z: whoever writes it to a table of five columns fails."""
    right = _right(control, treatment, mde, alpha, power)
    users = math.ceil(right["users_per_arm"])
    z = math.copysign(norm.isf(right["p_value"] / 2), right["difference"])
    return {**right, "users_per_arm": users, "z": z}
