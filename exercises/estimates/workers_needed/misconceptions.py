"""Wrong answers that people really give; each name and first line go to the learner."""

from __future__ import annotations

import math

from mlsd_kit.curriculum.grading.units import Q


def fully_busy(requests_per_s, service_ms, utilisation):
    """Workers are planned at 100 %: the queue never drains; divide by the utilisation."""
    return Q(math.ceil(requests_per_s * service_ms / 1000), "worker")


def rounded_down(requests_per_s, service_ms, utilisation):
    """Rounded down: the workers would be busier than allowed."""
    return Q(math.floor(requests_per_s * service_ms / 1000 / utilisation), "worker")


def utilisation_multiplied(requests_per_s, service_ms, utilisation):
    """Multiplied by the utilisation: headroom takes more workers, not fewer."""
    return Q(math.ceil(requests_per_s * service_ms / 1000 * utilisation), "worker")


def milliseconds_as_seconds(requests_per_s, service_ms, utilisation):
    """Milliseconds are taken for seconds: 4 ms is 0.004 s."""
    return Q(math.ceil(requests_per_s * service_ms / utilisation), "worker")
