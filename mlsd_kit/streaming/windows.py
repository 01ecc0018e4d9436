"""Windows on event time: when it happened, not when it arrived."""

from __future__ import annotations

import heapq
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable
from itertools import count
from math import inf, isfinite
from typing import Any, NamedTuple, Protocol

from mlsd_kit.streaming.moments import Mean


def _is_time(time: float) -> bool:
    """True for a finite number; None, NaN, NaT and pandas' NA are none."""
    try:
        return isfinite(time)
    except TypeError:
        return False


class Statistic(Protocol):
    """What a window aggregates with; session windows also need ``merge``."""

    def update(self, x: Any) -> None: ...

    def get(self) -> Any: ...


class WindowResult(NamedTuple):
    """``value`` of the ``n`` events of ``key`` with start ≤ time < end.

    ``revision`` 0 is the first result; a higher one replaces it, because late events came in.
    """

    key: Hashable
    start: float
    end: float
    value: Any
    n: int
    revision: int


class Window:
    """An open window: its span, running statistic, and the event ids it has counted."""

    __slots__ = (
        "alive",
        "closed",
        "end",
        "ids",
        "key",
        "look",
        "n",
        "revision",
        "start",
        "statistic",
    )

    def __init__(self, key: Hashable, start: float, end: float, statistic: Any) -> None:
        self.key, self.start, self.end, self.statistic = key, start, end, statistic
        self.n, self.revision, self.closed, self.alive = 0, 0, False, True
        self.look: float = inf  # when to look at it again; other entries of the queue are stale
        self.ids: set[Hashable] = set()

    def add(self, value: Any, event_id: Hashable | None) -> None:
        self.statistic.update(value)
        self.n += 1
        if event_id is not None:
            self.ids.add(event_id)

    def result(self) -> WindowResult:
        return WindowResult(
            self.key, self.start, self.end, self.statistic.get(), self.n, self.revision
        )


class EventTimeWindows(ABC):
    """What tumbling, sliding and session windows share: watermark, lateness, duplicates.

    The *watermark* says "no earlier event is expected": the largest event time seen minus
    ``delay``. A window ``[start, end)`` closes, and its result is returned, when the watermark
    reaches ``end``. Its state stays for another ``allowed_lateness``: an event that comes in then
    gives a revised result; one that comes later still is dropped and counted in ``n_late``.

    An ``event_id`` seen before in the same window is a duplicate: not counted again, but counted in
    ``n_duplicates``; a resent event must carry the time of the first. Ids live as long as their
    window, so the state is bounded by the events of ``delay + allowed_lateness`` plus one window,
    whatever the length of the stream.

    Windows without events do not exist: they return nothing and take no memory.
    Times are plain numbers (seconds, or better integer milliseconds: exact at the edges). One event
    with a time far in the future moves the watermark there: check clocks before.
    """

    def __init__(
        self,
        statistic: Callable[[], Statistic] = Mean,
        *,
        delay: float = 0,
        allowed_lateness: float = 0,
    ) -> None:
        for name, value in (("delay", delay), ("allowed_lateness", allowed_lateness)):
            if not 0 <= value < inf:
                raise ValueError(f"{name} must be a finite time of at least 0, got {value!r}.")
        self.statistic = statistic
        self.delay = delay
        self.allowed_lateness = allowed_lateness
        self.watermark: float = -inf
        self.n_late = 0
        self.n_duplicates = 0
        self._windows: dict[Hashable, list[Window]] = {}
        self._queue: list[tuple[float, int, Window]] = []  # (when to look at it again, tie, window)
        self._tie = count()

    @abstractmethod
    def _place(self, key: Hashable, time: float) -> list[Window]:
        """The open windows an event belongs to, made where needed; none if it is too late."""

    @property
    def n_open(self) -> int:
        """Windows held in memory."""
        return sum(map(len, self._windows.values()))

    def update(
        self, time: float, value: Any, *, key: Hashable = None, event_id: Hashable | None = None
    ) -> list[WindowResult]:
        """Take in one event; returns the windows that it closes or revises, earliest end first."""
        if not _is_time(time):
            raise ValueError(f"time must be finite, got {time!r}; drop events without a time.")
        windows = self._place(key, time)
        fresh = [w for w in windows if event_id is None or event_id not in w.ids]
        self.n_late += not windows
        self.n_duplicates += bool(windows) and not fresh
        revised = []
        for window in fresh:
            window.add(value, event_id)
            if window.closed:
                window.revision += 1
                revised.append(window.result())
        return revised + self.advance(time - self.delay)

    def advance(self, watermark: float) -> list[WindowResult]:
        """Move the watermark (never back), as a clock does when no events come; returns results."""
        if watermark != watermark:
            raise ValueError("watermark is NaN; pass a time.")
        self.watermark = max(self.watermark, watermark)
        results = []
        while self._queue and self._queue[0][0] <= self.watermark:
            when, _, window = heapq.heappop(self._queue)
            if not window.alive or when != window.look:
                continue
            if not window.closed and window.end <= self.watermark:
                window.closed = True
                results.append(window.result())
            if window.closed and window.end + self.allowed_lateness <= self.watermark:
                self._forget(window)
            else:
                self._look_again(window)
        return results

    def flush(self) -> list[WindowResult]:
        """Close and forget everything: the end of the stream."""
        return self.advance(inf)

    def get(self) -> list[WindowResult]:
        """What every window in memory holds so far, by start."""
        held = [w.result() for windows in self._windows.values() for w in windows]
        return sorted(held, key=lambda result: (result.start, result.end))

    def _open(self, key: Hashable, start: float, end: float) -> Window:
        window = Window(key, start, end, self.statistic())
        self._windows.setdefault(key, []).append(window)
        self._look_again(window)
        return window

    def _look_again(self, window: Window) -> None:
        window.look = window.end + (self.allowed_lateness if window.closed else 0)
        heapq.heappush(self._queue, (window.look, next(self._tie), window))

    def _forget(self, window: Window) -> None:
        window.alive = False
        self._windows[window.key].remove(window)
        if not self._windows[window.key]:
            del self._windows[window.key]

    def _expired(self, end: float) -> bool:
        return end + self.allowed_lateness <= self.watermark
