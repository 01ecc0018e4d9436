"""A month of GPUs: the formula, and the numbers to try it on."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.estimates import Estimate


def truth(gpus, usd_per_hour, months):
    """The answer in USD."""
    return gpus * usd_per_hour * months * 365 * 24 / 12


ESTIMATE = Estimate(
    function="gpu_bill",
    truth=truth,
    unit="USD",
    inputs={
        "gpus": [20, 1, 4, 8, 64, 500],
        "usd_per_hour": [1.006, 0.35, 0.526, 2.5, 4.1, 12.0],
        "months": [1, 0.25, 3, 6, 12, 36],
    },
    published=14.7e3,
)
