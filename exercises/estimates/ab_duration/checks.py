"""Days of an A/B test: the formula, and the numbers to try it on."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.estimates import Estimate, span


def truth(users_per_arm, arms, users_per_day):
    """The answer in day."""
    return sum(users_per_arm for _ in range(arms)) / users_per_day


ESTIMATE = Estimate(
    function="ab_duration",
    truth=truth,
    unit="day",
    inputs={
        "users_per_arm": span(745_600, 2_000, 5_000_000),
        "arms": [2, 3, 4, 6],
        "users_per_day": span(100_000, 1_000, 3_000_000),
    },
    published=14.9,
)
