"""Days of an A/B test."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.units import Q


def ab_duration(users_per_arm: float, arms: int, users_per_day: float) -> Q:
    """The users of all arms over the users of a day.

    Parameters
    ----------
    users_per_arm : float
        Users each arm needs.
    arms : int
        Number of arms, the control included.
    users_per_day : float
        New users a day in the whole test.

    Returns
    -------
    Q
        The duration.
    """
    raise NotImplementedError("write ab_duration")
