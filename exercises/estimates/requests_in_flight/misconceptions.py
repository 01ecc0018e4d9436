"""Wrong answers that people really give; each name and first line go to the learner."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.units import Q


def milliseconds_as_seconds(requests_per_s, latency_ms):
    """Milliseconds are taken for seconds: 40 ms is 0.04 s."""
    return Q(requests_per_s * latency_ms, "request")


def rate_over_time(requests_per_s, latency_ms):
    """The rate is divided by the time: more time in the service means more requests in it."""
    return Q(requests_per_s / latency_ms, "request")


def still_a_rate(requests_per_s, latency_ms):
    """This is a rate: the number in the service is the rate times the time spent in it."""
    return Q(requests_per_s * latency_ms / 1000, "request/s")
