"""Requests a second at the peak: the formula, and the numbers to try it on."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.estimates import Estimate, span


def truth(daily_users, requests_per_user, peak_factor):
    """The answer in request/s."""
    return peak_factor * daily_users * requests_per_user / 86_400


ESTIMATE = Estimate(
    function="peak_qps",
    truth=truth,
    unit="request/s",
    inputs={
        "daily_users": span(100_000_000, 10_000, 2_000_000_000),
        "requests_per_user": [20, 1, 2, 5, 8, 50, 120],
        "peak_factor": [3, 1.5, 2, 4, 5, 10],
    },
    published=69.4e3,
)
