"""Wrong solutions that people really write; each name and first line go to the learner."""

from __future__ import annotations

from collections.abc import Callable

Event = tuple[int, str, int, int]
Rows = list[tuple[int, int, int]]


def _features(
    events: list[Event],
    lateness: float,
    inside: Callable[[int, int], bool],
    *,
    by_user: bool = True,
    twice: bool = False,
) -> Rows:
    """The right algorithm, with one step left to the caller: ``inside(past time, time)``."""
    rows: Rows = []
    kept: list[Event] = []
    newest = float("-inf")
    for event, user, time, amount in events:
        newest = max(newest, time)
        if time < newest - lateness or (not twice and any(e == event for e, *_ in kept)):
            continue
        found = [a for _, u, t, a in kept if (u == user or not by_user) and inside(t, time)]
        rows.append((event, len(found), sum(found)))
        kept.append((event, user, time, amount))
    return rows


def window_includes_its_right_edge(events: list[Event], window: int, lateness: int) -> Rows:
    """The window includes its right edge: events of the same second are not part of it."""
    return _features(events, lateness, lambda past, time: time - window <= past <= time)


def the_event_counts_itself(events: list[Event], window: int, lateness: int) -> Rows:
    """Each event is part of its own features: look the window up before you add the event."""
    rows = _features(events, lateness, lambda past, time: time - window <= past < time)
    amounts = {event: amount for event, _, _, amount in events}
    return [(event, count + 1, total + amounts[event]) for event, count, total in rows]


def window_without_its_left_edge(events: list[Event], window: int, lateness: int) -> Rows:
    """The window leaves out its left edge: an event exactly `window` seconds before counts."""
    return _features(events, lateness, lambda past, time: time - window < past < time)


def all_users_in_one_window(events: list[Event], window: int, lateness: int) -> Rows:
    """All users share one window: keep the events of each user apart."""
    return _features(
        events, lateness, lambda past, time: time - window <= past < time, by_user=False
    )


def second_delivery_counted(events: list[Event], window: int, lateness: int) -> Rows:
    """An event that is delivered twice counts twice: remember which ones were kept."""
    return _features(events, lateness, lambda past, time: time - window <= past < time, twice=True)


def late_events_all_kept(events: list[Event], window: int, lateness: int) -> Rows:
    """No event is ever too late: drop what is below the newest time minus the lateness."""
    return _features(events, float("inf"), lambda past, time: time - window <= past < time)


def out_of_order_events_dropped(events: list[Event], window: int, lateness: int) -> Rows:
    """Every event out of order is dropped: up to `lateness` behind the newest it is kept."""
    return _features(events, 0, lambda past, time: time - window <= past < time)


def later_events_in_the_window(events: list[Event], window: int, lateness: int) -> Rows:
    """An event out of order sees later ones: whatever arrived is counted unless it is too old."""
    return _features(events, lateness, lambda past, time: past >= time - window and past != time)


def window_ends_at_the_newest_time(events: list[Event], window: int, lateness: int) -> Rows:
    """Events are forgotten `window` behind the newest: one out of order reaches back further."""
    newest_at: dict[int, int] = {}
    newest: float = float("-inf")
    for event, _, time, _ in events:
        newest = max(newest, time)
        newest_at.setdefault(event, int(newest))
    rows: Rows = []
    kept: list[Event] = []
    for event, user, time, amount in events:
        late = time < newest_at[event] - lateness
        if late or any(e == event for e, *_ in kept):
            continue
        kept = [e for e in kept if e[1] != user or e[2] >= newest_at[event] - window]
        found = [a for _, u, t, a in kept if u == user and time - window <= t < time]
        rows.append((event, len(found), sum(found)))
        kept.append((event, user, time, amount))
    return rows


def newest_time_of_the_user_only(events: list[Event], window: int, lateness: int) -> Rows:
    """Lateness is measured user by user: the newest time is that of all users together."""
    kept: list[Event] = []
    rows: Rows = []
    newest: dict[str, int] = {}
    for event, user, time, amount in events:
        newest[user] = max(newest.get(user, time), time)
        if time < newest[user] - lateness or any(e == event for e, *_ in kept):
            continue
        found = [a for _, u, t, a in kept if u == user and time - window <= t < time]
        rows.append((event, len(found), sum(found)))
        kept.append((event, user, time, amount))
    return rows


def log_sorted_by_time_first(events: list[Event], window: int, lateness: int) -> Rows:
    """The log was sorted by time: features then use events that had not arrived yet."""
    rows = _features(events, lateness, lambda past, time: False)
    kept = {event for event, _, _ in rows}
    log = {event: (user, time, amount) for event, user, time, amount in events if event in kept}
    result: Rows = []
    for event, _, _ in rows:
        user, time, _ = log[event]
        found = [a for u, t, a in log.values() if u == user and time - window <= t < time]
        result.append((event, len(found), sum(found)))
    return result
