"""When owning pays: the formula, and the numbers to try it on."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.estimates import Estimate, span


def truth(price, gpus, rent_per_gpu_hour, running_per_gpu_hour, busy_share):
    """The answer in month."""
    saved_an_hour = gpus * (rent_per_gpu_hour * busy_share - running_per_gpu_hour)
    return price / saved_an_hour / 730


ESTIMATE = Estimate(
    function="own_or_rent",
    truth=truth,
    unit="month",
    inputs={
        "price": span(250_000, 50_000, 500_000),
        "gpus": [8, 2, 4, 16],
        "rent_per_gpu_hour": [5.0, 2.5, 3.2, 4.0, 7.0],
        "running_per_gpu_hour": [0.65, 0.2, 0.4, 0.9],
        "busy_share": [0.8, 0.5, 0.65, 1.0],
    },
    published=12.8,
)
