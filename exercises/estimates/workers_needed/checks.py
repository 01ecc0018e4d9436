"""Workers for a load: the formula, and the numbers to try it on."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.estimates import Estimate, span


def truth(requests_per_s, service_ms, utilisation):
    """The answer in worker, before rounding."""
    return requests_per_s * service_ms / 1000 / utilisation


ESTIMATE = Estimate(
    function="workers_needed",
    truth=truth,
    unit="worker",
    inputs={
        "requests_per_s": span(10_000, 100, 200_000),
        "service_ms": [4, 0.5, 1.3, 2.3, 7.7, 13, 31],
        "utilisation": [0.7, 0.5, 0.6, 0.8, 0.9],
    },
    published=58,
    rounding="up",
)
