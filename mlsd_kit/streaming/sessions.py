"""Sessions: events of one key that follow each other closely."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from math import inf
from typing import Any

from mlsd_kit.streaming.moments import Mean
from mlsd_kit.streaming.windows import EventTimeWindows, Window


class SessionWindows(EventTimeWindows):
    """A session of a key lasts until nothing happens for ``gap``: ``[first, last + gap)``.

    Events may come in out of order: one that falls between two sessions joins them into one, so the
    statistic needs ``merge``. A result that was already returned for a part is replaced by that of
    the longer session, which has a higher ``revision`` and overlaps it. An event exactly ``gap``
    after the last one starts a new session.

    Parameters
    ----------
    gap : float
        Silence that ends a session.
    statistic : callable, default=Mean
        Makes a fresh statistic (`update`, `get`, `merge`) for every session.
    delay, allowed_lateness : float, default=0
        As in `mlsd_kit.streaming.SlidingWindows`.

    >>> sessions = SessionWindows(gap=30, delay=60)
    >>> for time in (0, 50, 25):         # 25 arrives last and joins the other two
    ...     closed = sessions.update(time, 1.0, key="ann")
    >>> [(s.start, s.end, s.n) for s in sessions.flush()]
    [(0, 80, 3)]
    """

    def __init__(
        self,
        gap: float,
        statistic: Callable[[], Any] = Mean,
        *,
        delay: float = 0,
        allowed_lateness: float = 0,
    ) -> None:
        super().__init__(statistic, delay=delay, allowed_lateness=allowed_lateness)
        if not 0 < gap < inf:
            raise ValueError(f"gap must be positive and finite, got {gap!r}.")
        self.gap = gap

    def _place(self, key: Hashable, time: float) -> list[Window]:
        end = time + self.gap
        if end <= time:
            raise ValueError(
                f"gap={self.gap!r} is lost beside a time of {time!r}: count time from later on, or "
                "in whole milliseconds."
            )
        near = [w for w in self._windows.get(key, ()) if w.start < end and time < w.end]
        if not near:
            return [] if self._expired(end) else [self._open(key, time, end)]
        session = near[0]
        for other in near[1:]:
            self._absorb(session, other)
        session.start = min(session.start, time)
        if end > session.end:
            session.end = end
        if session.closed and session.end > self.watermark:  # it goes on: close it again later
            session.closed = False
            session.revision += 1
            self._look_again(session)
        return [session]

    def _absorb(self, session: Window, other: Window) -> None:
        session.statistic.merge(other.statistic)
        session.n += other.n
        session.ids |= other.ids
        session.start, session.end = min(session.start, other.start), max(session.end, other.end)
        session.revision = max(session.revision, other.revision)
        session.closed = session.closed or other.closed
        self._forget(other)
