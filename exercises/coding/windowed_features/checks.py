"""What windowed features over a stream must do, from simple to subtle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from mlsd_kit.curriculum.grading import check, require, same

Given = dict[str, Any]


def oracle(events: list, window: int, lateness: int) -> list[tuple[int, int, int]]:
    """The definition: for each event, every event that was kept before it."""
    kept: list[tuple[int, str, int, int]] = []
    rows = []
    for i, (event, user, time, amount) in enumerate(events):
        newest = max(t for _, _, t, _ in events[: i + 1])
        if time < newest - lateness or any(e == event for e, _, _, _ in kept):
            continue
        inside = [a for _, u, t, a in kept if u == user and time - window <= t < time]
        rows.append((event, len(inside), sum(inside)))
        kept.append((event, user, time, amount))
    return rows


def judge(call: Callable, given: Given) -> None:
    """Which events have a row, then each row's features, in words that name the event."""
    got, expected = call(**given), oracle(**given)
    if not isinstance(got, list | tuple | np.ndarray) or any(np.shape(row) != (3,) for row in got):
        same(got, expected)
    ids, wanted = [row[0] for row in got], [row[0] for row in expected]
    for event in dict.fromkeys(e[0] for e in given["events"]):
        rows, right = ids.count(event), wanted.count(event)
        require(
            rows == right, f"expected {right or 'no'} row for event {event}, got {rows or 'none'}"
        )
    same(ids, wanted, what="events that have a row, in order of arrival")
    facts = {event: (user, time) for event, user, time, _ in given["events"]}
    for mine, right in zip(got, expected, strict=True):
        user, time = facts[right[0]]
        if tuple(mine) != right:
            require(
                False,
                f"event {right[0]} of {user!r}, window [{time - given['window']}, {time}): expected"
                f" count {right[1]} and total {right[2]}, got {mine[1]} and {mine[2]}",
            )


@st.composite
def logs(
    draw: st.DrawFn, users: str = "ab", disorder: bool = False, late: bool = False, again: int = 0
) -> Given:
    """Few events within few seconds: equal times, edges and repeats turn up often."""
    n = draw(st.integers(1, 8))
    times = draw(st.lists(st.integers(0, 12), min_size=n, max_size=n))
    events = [
        (10 + i, draw(st.sampled_from(users)), time, draw(st.integers(-3, 9)))
        for i, time in enumerate(times if disorder else sorted(times))
    ]
    for _ in range(draw(st.integers(0, again))):
        again_at = draw(st.integers(0, len(events) - 1))
        events.insert(draw(st.integers(again_at + 1, len(events))), events[again_at])
    lateness = draw(st.integers(0, 6)) if late else 12
    return {"events": events, "window": draw(st.integers(1, 6)), "lateness": lateness}


def _log(*events: tuple, window: int = 5, lateness: int = 100) -> Given:
    return {"events": list(events), "window": window, "lateness": lateness}


@check(
    logs(),
    always=[
        _log((1, "ann", 10, 500), (2, "ann", 13, 200), (3, "ann", 16, 50), (4, "ann", 30, 5)),
        _log((1, "ann", 10, 500), (2, "bob", 12, 200), (3, "ann", 14, 50)),
        _log((1, "ann", 10, 500), (2, "ann", 12, -500), (3, "ann", 14, 50)),
        _log((1, "ann", 10, -500), (2, "ann", 12, 70)),
        _log(),
    ],
)
def the_events_of_the_user_in_the_window(call: Callable, given: Given) -> None:
    """Each event gets count and sum of its own user's events within the window before it."""
    judge(call, given)


@check(
    logs(users="a"),
    always=[
        _log((1, "ann", 10, 500), (2, "ann", 10, 200)),
        _log((1, "ann", 10, 500), (2, "ann", 15, 200)),
        _log((1, "ann", 10, 500), (2, "ann", 16, 200)),
    ],
)
def the_left_edge_counts_and_the_right_edge_does_not(call: Callable, given: Given) -> None:
    """The window is [time - window, time): an event of the same second is not in it."""
    judge(call, given)


@check(
    logs(disorder=True),
    always=[
        _log((1, "ann", 10, 500), (2, "ann", 8, 200)),
        _log((1, "ann", 10, 500), (2, "ann", 12, 70), (3, "ann", 8, 200), (4, "ann", 11, 1)),
        _log((1, "ann", 10, 500), (2, "ann", 16, 70), (3, "ann", 12, 200)),
        _log((1, "ann", 10, 500), (2, "ann", 8, 30), (3, "ann", 12, 70), (4, "ann", 9, 200)),
        # event 3 needs what was too old for event 2
        _log((1, "ann", 5, 500), (2, "ann", 30, 70), (3, "ann", 9, 20)),
    ],
)
def only_what_had_arrived_is_used(call: Callable, given: Given) -> None:
    """An event out of order sees the window before its own time, filled by earlier arrivals."""
    judge(call, given)


@check(
    logs(disorder=True, late=True),
    always=[
        _log((1, "ann", 10, 500), (2, "ann", 6, 70), (3, "ann", 9, 20), lateness=3),
        _log((1, "ann", 10, 500), (2, "ann", 7, 70), (3, "ann", 11, 20), lateness=3),
        _log((1, "ann", 10, 500), (2, "bob", 6, 70), (3, "bob", 11, 20), lateness=3),
        _log((1, "ann", 10, 500), (2, "ann", 9, 70), (3, "ann", 11, 20), lateness=0),
        _log((1, "ann", -9, 500), (2, "ann", -20, 5), (3, "ann", -7, 20), lateness=3),
    ],
)
def an_event_that_is_too_late_is_dropped(call: Callable, given: Given) -> None:
    """Below the newest time of all users minus lateness an event has no row, counts nowhere."""
    judge(call, given)


@check(
    logs(disorder=True, late=True, again=3),
    always=[
        _log((1, "ann", 10, 500), (1, "ann", 10, 500), (2, "ann", 12, 70)),
        _log((1, "ann", 10, 500), (2, "ann", 12, 70), (1, "ann", 10, 500), (3, "ann", 13, 5)),
        _log((1, "ann", 10, 5), (2, "ann", 10, 5), (3, "ann", 13, 5), lateness=0),
        _log((2, "ann", 10, 5), (1, "ann", 10, 5), (2, "ann", 10, 5), (3, "ann", 12, 5)),
        # the second delivery comes after many other events
        _log(*[(i, "ann", 10, i) for i in range(1, 41)], (1, "ann", 10, 1), (50, "ann", 12, 7)),
        _log(
            *[(i, "abc"[i % 3], 10 + i, i) for i in range(1, 9)],
            (2, "c", 12, 2),
            (9, "c", 19, 4),
            window=20,
        ),
    ],
)
def a_second_delivery_changes_nothing(call: Callable, given: Given) -> None:
    """An event that was kept already has no second row and counts once."""
    judge(call, given)


@check(
    logs(disorder=True, late=True, again=2),
    always=[_log((1, "ann", 10, 500), (2, "ann", 8, 200), (3, "ann", 12, 70), lateness=4)],
)
def what_comes_later_changes_no_row(call: Callable, given: Given) -> None:
    """The rows of the first events are the same whether or not more events follow."""
    rows = call(**given)
    before = call(**{**given, "events": given["events"][:-1]})
    same(list(before), list(rows)[: len(before)], what="rows without the last event")
    judge(call, given)


def speed_inputs(rng: np.random.Generator) -> Given:
    """An hour of payments of 300 users, up to half a minute out of order."""
    n = 30_000
    happened = np.sort(rng.integers(0, 3600, n))
    order = np.argsort(happened + rng.integers(0, 30, n), kind="stable")
    users, amounts = rng.integers(0, 300, n), rng.integers(100, 10_000, n)
    events = [(int(i), f"u{users[i]}", int(happened[i]), int(amounts[i])) for i in order]
    return {"events": events, "window": 600, "lateness": 30}
