"""Correct solutions in other styles: the checks must accept every one."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy import stats


def with_scipy(control: tuple, treatment: tuple, mde: float, alpha: float, power: float) -> dict:
    """The chi-squared test of the 2 × 2 table is the square of the z-test."""
    (a, n), (b, m) = control, treatment
    table = [[a, n - a], [b, m - b]]
    if 0 in np.sum(table, axis=0):
        p_value = 1.0
    else:
        p_value = stats.chi2_contingency(table, correction=False).pvalue
    error = math.sqrt(a * (n - a) / n**3 + b * (m - b) / m**3)
    low, high = (b / m - a / n + stats.norm.ppf([alpha / 2, 1 - alpha / 2]) * error).tolist()
    p, q = a / n, a / n + mde
    null = stats.norm.isf(alpha / 2) * math.sqrt((p + q) * (2 - p - q) / 2)
    alternative = stats.norm.isf(1 - power) * math.sqrt(p - p * p + q - q * q)
    return {
        "users_per_arm": math.ceil((null + alternative) ** 2 / mde**2),
        "difference": b / m - a / n,
        "p_value": p_value,
        "low": low,
        "high": high,
    }


def with_numpy(control: tuple, treatment: tuple, mde: float, alpha: float, power: float) -> dict:
    """Both arms as arrays."""
    hits, users = np.array([control, treatment], dtype=float).T
    rates = hits / users
    variance = rates * (1 - rates)
    pooled = hits.sum() / users.sum()
    error = np.sqrt(pooled * (1 - pooled) * (1 / users).sum())
    difference = np.diff(rates)[0]
    half = stats.norm.ppf(1 - alpha / 2) * np.sqrt((variance / users).sum())
    plan = np.array([rates[0], rates[0] + mde])
    p_bar = plan.mean()
    needed = stats.norm.ppf(1 - alpha / 2) * np.sqrt(2 * p_bar * (1 - p_bar))
    needed += stats.norm.ppf(power) * np.sqrt((plan * (1 - plan)).sum())
    return {
        "difference": difference,
        "p_value": 2 * stats.norm.sf(abs(difference) / error) if error else 1.0,
        "low": difference - half,
        "high": difference + half,
        "users_per_arm": int(np.ceil((needed / mde) ** 2)),
    }


def with_pandas(control: tuple, treatment: tuple, mde: float, alpha: float, power: float) -> dict:
    """A frame of two arms, and erfc for the tail."""
    arms = pd.DataFrame([control, treatment], columns=["hits", "users"], index=["old", "new"])
    rate = arms["hits"] / arms["users"]
    variance = rate * (1 - rate)
    difference = rate["new"] - rate["old"]
    pooled = arms["hits"].sum() / arms["users"].sum()
    error = math.sqrt(pooled * (1 - pooled) * (1 / arms["users"]).sum())
    z = abs(difference) / error if error > 0 else 0.0
    critical = stats.norm.isf(alpha / 2)
    half = critical * math.sqrt((variance / arms["users"]).sum())
    goal = rate["old"] + mde
    p_bar = rate["old"] + mde / 2
    needed = critical * math.sqrt(2 * p_bar * (1 - p_bar))
    needed += stats.norm.ppf(power) * math.sqrt(variance["old"] + goal * (1 - goal))
    return {
        "difference": difference,
        "p_value": math.erfc(z / math.sqrt(2)),
        "low": difference - half,
        "high": difference + half,
        "users_per_arm": math.ceil((needed / mde) ** 2),
    }
