"""Requests in flight: the formula, and the numbers to try it on."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.estimates import Estimate, span


def truth(requests_per_s, latency_ms):
    """The answer in request."""
    return requests_per_s * (latency_ms / 1000)


ESTIMATE = Estimate(
    function="requests_in_flight",
    truth=truth,
    unit="request",
    inputs={
        "requests_per_s": span(10_000, 10, 1_000_000),
        "latency_ms": [40, 2, 5, 12, 80, 150, 300, 1000],
    },
    published=400,
)
