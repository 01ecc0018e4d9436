"""Requests in flight."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.units import Q


def requests_in_flight(requests_per_s: float, latency_ms: float) -> Q:
    """Little's law: the arrival rate times the time spent in the system.

    Parameters
    ----------
    requests_per_s : float
        Arrivals a second.
    latency_ms : float
        Mean time a request spends in the service, in milliseconds.

    Returns
    -------
    Q
        The mean number of requests in the service.
    """
    raise NotImplementedError("write requests_in_flight")
