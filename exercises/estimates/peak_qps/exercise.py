"""Requests a second at the peak."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.units import Q


def peak_qps(daily_users: int, requests_per_user: float, peak_factor: float) -> Q:
    """The average rate over a day, times the peak factor.

    Parameters
    ----------
    daily_users : int
        Users a day.
    requests_per_user : float
        Requests a user makes in a day.
    peak_factor : float
        Rate at the peak over the average rate.

    Returns
    -------
    Q
        The rate at the peak.
    """
    raise NotImplementedError("write peak_qps")
