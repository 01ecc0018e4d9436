"""Requests a second from daily users: the formula, and the numbers to try it on."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.estimates import Estimate, span


def truth(daily_users, requests_per_user):
    """The answer in request/s."""
    return daily_users * requests_per_user / (24 * 60 * 60)


ESTIMATE = Estimate(
    function="average_qps",
    truth=truth,
    unit="request/s",
    inputs={
        "daily_users": span(100_000_000, 10_000, 2_000_000_000),
        "requests_per_user": [20, 1, 2, 5, 8, 50, 120],
    },
    published=23.1e3,
)
