"""Requests a second from daily users."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.units import Q


def average_qps(daily_users: int, requests_per_user: float) -> Q:
    """Users times requests, over the seconds of a day.

    Parameters
    ----------
    daily_users : int
        Users a day.
    requests_per_user : float
        Requests a user makes in a day.

    Returns
    -------
    Q
        The average rate.
    """
    raise NotImplementedError("write average_qps")
