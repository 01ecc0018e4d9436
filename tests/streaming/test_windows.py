"""Event-time windows: edges, disorder, lateness, duplicates, sessions, bounded state."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsd_kit.streaming import Mean, SessionWindows, SlidingWindows, Sum, TumblingWindows

EVENTS = st.lists(st.tuples(st.integers(-50, 200), st.sampled_from("ab")), max_size=40)


def run(windows, events):
    """All results, the last revision of each window, as {(key, start, end): (value, n)}."""
    results = [r for time, key in events for r in windows.update(time, 1.0, key=key)]
    final = {}
    for r in [*results, *windows.flush()]:
        final[r.key, r.start, r.end] = (r.value, r.n)
    return final


def batch(events, size, slide):
    """The slow obvious version: every window, all its events."""
    expected = {}
    for key in {key for _, key in events}:
        for start in range(-60 * slide, 300, slide):
            n = sum(start <= time < start + size for time, k in events if k == key)
            if n:
                expected[key, start, start + size] = (float(n), n)
    return expected


@settings(deadline=None, max_examples=50)
@given(EVENTS, st.sampled_from([(10, 10), (10, 5), (12, 5), (7, 1)]))
def test_out_of_order_events_within_the_delay_change_nothing(events, shape):
    size, slide = shape
    windows = SlidingWindows(size, slide, Sum, delay=300)
    assert run(windows, events) == batch(events, size, slide)
    assert windows.n_late == windows.n_open == 0


@settings(deadline=None, max_examples=50)
@given(EVENTS)
def test_late_events_within_allowed_lateness_end_in_the_same_results(events):
    windows = TumblingWindows(10, Sum, allowed_lateness=300)
    assert run(windows, events) == batch(events, 10, 10)


@settings(deadline=None, max_examples=50)
@given(EVENTS)
def test_sessions_match_the_batch_answer_for_any_order(events):
    sessions = SessionWindows(7, Sum, delay=300)
    expected = {}
    for key in {key for _, key in events}:
        times = sorted(time for time, k in events if k == key)
        groups = [[times[0]]]
        for before, time in pairwise(times):
            groups.append([time]) if time - before >= 7 else groups[-1].append(time)
        for group in groups:
            expected[key, group[0], group[-1] + 7] = (float(len(group)), len(group))
    assert run(sessions, events) == expected


def test_clock_at_the_edge_belongs_to_the_next_window_and_closes_the_last():
    windows = TumblingWindows(10, Sum)
    assert windows.update(0, 1) == windows.update(9, 1) == []
    (closed,) = windows.update(10, 5)
    assert (closed.start, closed.end, closed.value) == (0, 10, 2.0)
    assert [(w.start, w.value) for w in windows.get()] == [(10, 5.0)]
    assert TumblingWindows(10).update(-1, 1.0) == []  # [-10, 0), still open at -1


def test_watermark_waits_for_the_delay_and_never_goes_back():
    windows = TumblingWindows(10, Sum, delay=3)
    assert windows.update(5, 1) == windows.update(12, 1) == windows.update(8, 1) == []
    assert windows.watermark == 9
    (closed,) = windows.update(13, 1)
    assert (closed.start, closed.n) == (0, 2)
    windows.update(11, 1)
    assert windows.watermark == 10


def test_late_event_revises_within_lateness_and_is_dropped_after():
    windows = TumblingWindows(10, Sum, allowed_lateness=5)
    windows.update(1, 1.0)
    assert [r.revision for r in windows.update(10, 1.0)] == [0]
    (revised,) = windows.update(2, 1.0)
    assert (revised.start, revised.value, revised.revision) == (0, 2.0, 1)
    windows.update(15, 1.0)  # watermark 15 = end + lateness: forgotten
    assert windows.update(3, 1.0) == []
    assert windows.n_late == 1
    assert [w.start for w in windows.get()] == [10]


def test_late_event_still_counts_in_the_sliding_windows_that_are_open():
    windows = SlidingWindows(10, 5, Sum)
    windows.update(12, 1.0)
    windows.update(7, 1.0)  # [0, 10) is over, [5, 15) is not
    assert windows.n_late == 0
    assert [(w.start, w.value) for w in windows.flush()] == [(5, 2.0), (10, 1.0)]


def test_duplicated_events_count_once_also_after_the_window_closed():
    windows = TumblingWindows(10, Sum, allowed_lateness=100)
    for _ in range(3):
        windows.update(1, 1.0, event_id="e1")
    windows.update(2, 1.0, event_id="e2")
    (closed,) = windows.update(10, 1.0)
    assert closed.n == 2
    assert windows.update(1, 1.0, event_id="e1") == []
    assert windows.n_duplicates == 3 and windows.n_late == 0
    (other,) = windows.update(1, 1.0, key="other", event_id="e1")  # late, and its window's first
    assert (other.n, other.revision) == (1, 0)
    assert windows.n_duplicates == 3  # another key is another event


def test_duplicates_in_sliding_windows_and_sessions():
    for windows in (SlidingWindows(10, 5, Sum), SessionWindows(10, Sum)):
        windows.update(6, 1.0, event_id=1)
        windows.update(6, 1.0, event_id=1)
        assert windows.n_duplicates == 1
        assert all(w.n == 1 for w in windows.flush())


def test_empty_windows_return_nothing_and_take_no_memory():
    windows = TumblingWindows(10, Mean)
    windows.update(5, 1.0)
    (closed,) = windows.update(10_000_005, 1.0)
    assert closed.start == 0 and windows.n_open == 1
    assert windows.advance(20_000_000)[0].start == 10_000_000
    assert windows.advance(30_000_000) == windows.flush() == windows.get() == []


def test_state_stays_bounded_on_an_endless_stream():
    for windows, most in (
        (TumblingWindows(10, Sum, delay=5, allowed_lateness=10), 4),
        (SlidingWindows(10, 2, Sum, delay=5, allowed_lateness=10), 16),
        (SessionWindows(3, Sum, delay=5, allowed_lateness=10), 8),
    ):
        for time in range(0, 9000, 3):
            windows.update(time, 1.0, event_id=time, key=time % 2)
            assert windows.n_open <= 2 * most
            assert len(windows._queue) <= 6 * most
            assert len(windows._windows) <= 2
        held = [len(w.ids) for per_key in windows._windows.values() for w in per_key]
        assert sum(held) <= 50


def test_endless_session_that_is_reopened_again_and_again_keeps_a_short_queue():
    sessions = SessionWindows(5, Sum, allowed_lateness=10)
    for time in range(0, 3000, 4):
        sessions.update(time + 5, 1.0, key="clock")
        sessions.update(time, 1.0, key="bot")
    assert len(sessions._queue) < 30


def test_session_edge_gap_and_revision_of_a_joined_session():
    sessions = SessionWindows(10, Sum, allowed_lateness=100)
    assert sessions.update(0, 1.0) == []
    (first,) = sessions.update(10, 1.0)  # exactly the gap later: a new session
    assert (first.start, first.end, first.revision) == (0, 10, 0)
    sessions.update(40, 1.0)
    (joined,) = sessions.update(5, 1.0)  # late: joins both, and both were closed
    assert (joined.start, joined.end, joined.n, joined.revision) == (0, 20, 3, 1)
    assert sessions.update(45, 1.0) == []
    assert [(s.start, s.n) for s in sessions.flush()] == [(40, 2)]


def test_closed_session_that_goes_on_closes_again_with_a_higher_revision():
    sessions = SessionWindows(10, Sum, allowed_lateness=100)
    sessions.update(0, 1.0, key="a")
    assert [s.key for s in sessions.update(12, 1.0, key="b")] == ["a"]
    assert sessions.update(8, 1.0, key="a") == []  # open again until 18
    (again,) = sessions.advance(18)
    assert (again.start, again.end, again.n, again.revision) == (0, 18, 2, 1)


def test_late_session_event_is_dropped_unless_a_session_takes_it():
    sessions = SessionWindows(10, Sum)
    sessions.update(100, 1.0)
    assert sessions.update(50, 1.0) == [] and sessions.n_late == 1
    assert sessions.update(95, 1.0) == [] and sessions.n_late == 1
    assert [(s.start, s.end) for s in sessions.get()] == [(95, 110)]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: TumblingWindows(0), "slide must be positive"),
        (lambda: SlidingWindows(5, 10), "slide must be positive and at most size"),
        (lambda: SlidingWindows(math.inf, 10), "slide must be positive"),
        (lambda: SessionWindows(0), "gap must be positive"),
        (lambda: TumblingWindows(5, delay=-1), "delay must be a finite time"),
        (
            lambda: TumblingWindows(5, allowed_lateness=math.inf),
            "allowed_lateness must be a finite",
        ),
        (lambda: TumblingWindows(5).update(math.nan, 1), "time must be finite"),
        (lambda: TumblingWindows(5).advance(math.nan), "watermark is NaN"),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call()
