"""Workers for a load."""

from __future__ import annotations

import math

from mlsd_kit.curriculum.grading.units import Q


def workers_needed(requests_per_s: float, service_ms: float, utilisation: float) -> Q:
    """The offered load over the allowed utilisation, rounded up.

    Parameters
    ----------
    requests_per_s : float
        Arrivals a second.
    service_ms : float
        Time a worker needs for one request, in milliseconds.
    utilisation : float
        Share of the time a worker may be busy.

    Returns
    -------
    Q
        The least number of workers.
    """
    raise NotImplementedError("write workers_needed")
