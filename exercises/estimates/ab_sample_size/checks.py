"""Users an arm of an A/B test: the formula, and the numbers to try it on."""

from __future__ import annotations

from scipy import stats

from mlsd_kit.curriculum.grading.estimates import Estimate


def truth(base_rate, relative_lift, alpha, power):
    """The answer in user."""
    z = stats.norm.isf(alpha / 2) + stats.norm.ppf(power)
    effect = base_rate * relative_lift
    return z**2 * 2 * base_rate * (1 - base_rate) / effect**2


ESTIMATE = Estimate(
    function="ab_sample_size",
    truth=truth,
    unit="user",
    inputs={
        "base_rate": [0.05, 0.005, 0.01, 0.02, 0.1, 0.2],
        "relative_lift": [0.02, 0.01, 0.03, 0.05],
        "alpha": [0.05, 0.01, 0.1],
        "power": [0.8, 0.9, 0.95],
    },
    published=745.6e3,
)
