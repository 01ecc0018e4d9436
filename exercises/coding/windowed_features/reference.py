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
    # >>> your code
    held: dict[str, list[tuple[int, int, int]]] = defaultdict(list)  # (time, event, amount), sorted
    newest = float("-inf")
    rows = []
    for event, user, time, amount in events:
        newest = max(newest, time)
        past = held[user]
        place = bisect_left(past, (time, event))
        if time < newest - lateness or past[place : place + 1] == [(time, event, amount)]:
            continue
        first, last = bisect_left(past, (time - window,)), bisect_left(past, (time,))
        rows.append((event, last - first, sum(amount for _, _, amount in past[first:last])))
        past.insert(place, (time, event, amount))
        # no event to come reaches back further than this
        del past[: bisect_left(past, (newest - lateness - window,))]
    return rows
    # <<< your code
