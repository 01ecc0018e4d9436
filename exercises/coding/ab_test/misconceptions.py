"""Wrong solutions that people really write; each name and first line go to the learner."""

from __future__ import annotations

from math import ceil, floor, sqrt
from statistics import NormalDist
from typing import Any

Arm = tuple[int, int]
Z = NormalDist()


def _test(control: Arm, treatment: Arm, alpha: float) -> dict[str, Any]:
    """The test and the interval, done right."""
    (a, n), (b, m) = control, treatment
    difference, error = b / m - a / n, _pooled(control, treatment)
    half = Z.inv_cdf(1 - alpha / 2) * _unpooled(control, treatment)
    return {
        "difference": difference,
        "p_value": 2 * Z.cdf(-abs(difference) / error) if error > 0 else 1.0,
        "low": difference - half,
        "high": difference + half,
    }


def _pooled(control: Arm, treatment: Arm) -> float:
    (a, n), (b, m) = control, treatment
    p = (a + b) / (n + m)
    return sqrt(p * (1 - p) * (1 / n + 1 / m))


def _unpooled(control: Arm, treatment: Arm) -> float:
    (a, n), (b, m) = control, treatment
    return sqrt(a / n * (1 - a / n) / n + b / m * (1 - b / m) / m)


def _users(p: float, q: float, tail: float, power: float) -> float:
    """Users an arm for p → q, with ``tail`` in the upper tail."""
    mean = (p + q) / 2
    spread = Z.inv_cdf(1 - tail) * sqrt(2 * mean * (1 - mean))
    return ((spread + Z.inv_cdf(power) * sqrt(p * (1 - p) + q * (1 - q))) / (q - p)) ** 2


def _all(
    control: Arm, treatment: Arm, mde: float, alpha: float, power: float, **changed: Any
) -> dict[str, Any]:
    """Everything right but for what is ``changed``."""
    rate = control[0] / control[1]
    users = ceil(_users(rate, rate + mde, alpha / 2, power))
    return {**_test(control, treatment, alpha), "users_per_arm": users, **changed}


def one_sided_p_value(
    control: Arm, treatment: Arm, mde: float, alpha: float, power: float
) -> dict[str, Any]:
    """The p-value covers one tail only: a two-sided test doubles it."""
    right = _all(control, treatment, mde, alpha, power)
    flat = _pooled(control, treatment) == 0
    return {**right, "p_value": 1.0 if flat else right["p_value"] / 2}


def unpooled_error_in_the_test(
    control: Arm, treatment: Arm, mde: float, alpha: float, power: float
) -> dict[str, Any]:
    """The p-value uses the unpooled standard error: the test assumes one common rate."""
    right = _all(control, treatment, mde, alpha, power)
    error = _unpooled(control, treatment)
    if error > 0:
        return {**right, "p_value": 2 * Z.cdf(-abs(right["difference"]) / error)}
    return {**right, "p_value": float(right["difference"] == 0)}


def pooled_error_in_the_interval(
    control: Arm, treatment: Arm, mde: float, alpha: float, power: float
) -> dict[str, Any]:
    """The interval uses the pooled standard error: it must not assume that the rates are equal."""
    right = _all(control, treatment, mde, alpha, power)
    half = Z.inv_cdf(1 - alpha / 2) * _pooled(control, treatment)
    low, high = right["difference"] - half, right["difference"] + half
    return {**right, "low": low, "high": high}


def alpha_not_halved(
    control: Arm, treatment: Arm, mde: float, alpha: float, power: float
) -> dict[str, Any]:
    """The quantile leaves all of alpha in one tail: two-sided means alpha / 2 in each."""
    rate = control[0] / control[1]
    half = Z.inv_cdf(1 - alpha) * _unpooled(control, treatment)
    right = _test(control, treatment, alpha)
    low, high = right["difference"] - half, right["difference"] + half
    users = ceil(_users(rate, rate + mde, alpha, power))
    return {**right, "low": low, "high": high, "users_per_arm": users}


def quantile_fixed_at_95_percent(
    control: Arm, treatment: Arm, mde: float, alpha: float, power: float
) -> dict[str, Any]:
    """The quantile is 1.96 whatever alpha is: compute it from alpha."""
    return _all(control, treatment, mde, 0.05, power)


def relative_effect(
    control: Arm, treatment: Arm, mde: float, alpha: float, power: float
) -> dict[str, Any]:
    """The effect was taken as relative to the rate: mde is in absolute points of the rate."""
    rate = control[0] / control[1]
    users = ceil(_users(rate, rate * (1 + mde), alpha / 2, power)) if rate > 0 else 0
    return _all(control, treatment, mde, alpha, power, users_per_arm=users)


def both_arms_together(
    control: Arm, treatment: Arm, mde: float, alpha: float, power: float
) -> dict[str, Any]:
    """The number of users is that of both arms together: state it for one arm."""
    right = _all(control, treatment, mde, alpha, power)
    return {**right, "users_per_arm": 2 * right["users_per_arm"]}


def variance_of_one_arm_only(
    control: Arm, treatment: Arm, mde: float, alpha: float, power: float
) -> dict[str, Any]:
    """The sample size has the variance of one arm: a difference has the variances of both."""
    p = control[0] / control[1]
    spread = (Z.inv_cdf(1 - alpha / 2) + Z.inv_cdf(power)) * sqrt(p * (1 - p))
    return _all(control, treatment, mde, alpha, power, users_per_arm=ceil((spread / mde) ** 2))


def power_left_out(
    control: Arm, treatment: Arm, mde: float, alpha: float, power: float
) -> dict[str, Any]:
    """The quantile of the power is missing: such a test finds the effect half of the time."""
    rate = control[0] / control[1]
    users = ceil(_users(rate, rate + mde, alpha / 2, 0.5))
    return _all(control, treatment, mde, alpha, power, users_per_arm=users)


def observed_rates_in_the_plan(
    control: Arm, treatment: Arm, mde: float, alpha: float, power: float
) -> dict[str, Any]:
    """The sample size uses the rate that the treatment showed: plan with the control's and mde."""
    p, q = control[0] / control[1], treatment[0] / treatment[1]
    users = ceil(_users(p, q, alpha / 2, power)) if p != q else 0
    return _all(control, treatment, mde, alpha, power, users_per_arm=users)


def rounded_down(
    control: Arm, treatment: Arm, mde: float, alpha: float, power: float
) -> dict[str, Any]:
    """The number of users was rounded down: with fewer than needed the power is too low."""
    rate = control[0] / control[1]
    users = floor(_users(rate, rate + mde, alpha / 2, power))
    return _all(control, treatment, mde, alpha, power, users_per_arm=users)


def control_minus_treatment(
    control: Arm, treatment: Arm, mde: float, alpha: float, power: float
) -> dict[str, Any]:
    """The difference is control minus treatment: a better new page must give a positive one."""
    turned = _test(treatment, control, alpha)
    return _all(control, treatment, mde, alpha, power, **turned)


def no_variance_no_answer(
    control: Arm, treatment: Arm, mde: float, alpha: float, power: float
) -> dict[str, Any]:
    """Where nobody or everybody converted the p-value is 0 / 0: say 1, the arms do not differ."""
    if _pooled(control, treatment) > 0:
        return _all(control, treatment, mde, alpha, power)
    return _all(control, treatment, mde, alpha, power, p_value=float("nan"))
