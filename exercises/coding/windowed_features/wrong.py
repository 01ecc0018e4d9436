"""Wrong solutions that no message names: every run of the checks must reject each of them."""

from __future__ import annotations

import math


def _features(events, window, lateness, newest=-math.inf, remembered=None, forget=False):
    kept: dict[str, list[tuple[int, int]]] = {}
    seen: list[int] = []
    rows = []
    for event, user, time, amount in events:
        newest = max(newest, time)
        known = seen if remembered is None else seen[-remembered:]
        if time < newest - lateness or event in known:
            continue
        seen.append(event)
        mine = kept.setdefault(user, [])
        if forget:
            mine[:] = [pair for pair in mine if pair[0] >= time - window]
        inside = [paid for at, paid in mine if time - window <= at < time]
        rows.append((event, len(inside), sum(inside)))
        mine.append((time, amount))
    return rows


def time_begins_at_zero(events, window, lateness):
    """The newest time starts at 0: times before 0 are too late."""
    return _features(events, window, lateness, newest=0)


def forgets_what_a_late_event_needs(events, window, lateness):
    """What is too old for this event is forgotten, though a late one may still need it."""
    return _features(events, window, lateness, forget=True)


def remembers_the_last_five(events, window, lateness):
    """An event that is delivered again after five others counts twice."""
    return _features(events, window, lateness, remembered=5)


def refunds_are_no_payments(events, window, lateness):
    """Refunds do not count, neither in the number nor in the sum."""
    rows = {row[0]: row for row in _features(events, window, lateness)}
    paid = [each for each in events if each[3] >= 0]
    return [
        (
            event,
            *dict((e, (c, t)) for e, c, t in _features(paid, window, lateness)).get(
                event, rows[event][1:]
            ),
        )
        for event in rows
    ]
