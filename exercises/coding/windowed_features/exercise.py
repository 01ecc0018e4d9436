"""Windowed features over a stream: what each event's user did in the seconds before it."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict

Event = tuple[int, str, int, int]


def windowed_features(
    events: list[Event], window: int, lateness: int
) -> list[tuple[int, int, int]]:
    """Count and sum of the user's events in [time - window, time), for each event that is kept.

    Parameters
    ----------
    events : list of (event, user, time, amount)
        In order of arrival; times in seconds, amounts in cents.
    window : int
        Length of the window in seconds; its right edge, the event's own time, is excluded.
    lateness : int
        How many seconds behind the newest time an event may be; later ones are dropped.

    Returns
    -------
    list of (event, count, total)
        In order of arrival, from events that arrived before; a second delivery has no row.
    """
    raise NotImplementedError("write windowed_features")
