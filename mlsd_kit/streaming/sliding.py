"""Sliding and tumbling windows: fixed spans of event time, overlapping or side by side."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from math import inf

from mlsd_kit.streaming.moments import Mean
from mlsd_kit.streaming.windows import EventTimeWindows, Statistic, Window


class SlidingWindows(EventTimeWindows):
    """Windows of ``size`` that start every ``slide``: an event is in size / slide of them.

    Parameters
    ----------
    size, slide : float
        Length of a window and distance between starts, ``slide`` ≤ ``size``; windows start at whole
        multiples of ``slide``.
    statistic : callable, default=Mean
        Makes a fresh statistic (`update`, `get`) for every window.
    delay : float, default=0
        How far behind the newest event others may come in and still be on time.
    allowed_lateness : float, default=0
        For how long a closed window still takes late events.

    >>> windows = SlidingWindows(size=10, slide=5)
    >>> windows.update(3, 1.0), windows.update(7, 3.0)
    ([], [WindowResult(key=None, start=-5, end=5, value=1.0, n=1, revision=0)])
    >>> [(w.start, w.end, w.value) for w in windows.flush()]
    [(0, 10, 2.0), (5, 15, 3.0)]
    """

    def __init__(
        self,
        size: float,
        slide: float,
        statistic: Callable[[], Statistic] = Mean,
        *,
        delay: float = 0,
        allowed_lateness: float = 0,
    ) -> None:
        super().__init__(statistic, delay=delay, allowed_lateness=allowed_lateness)
        if not 0 < slide <= size < inf:
            raise ValueError(
                f"slide must be positive and at most size, got slide={slide!r}, size={size!r}."
            )
        self.size, self.slide = size, slide
        ratio = size / slide
        self._whole = round(ratio) if abs(ratio - round(ratio)) < 1e-9 else None

    def _place(self, key: Hashable, time: float) -> list[Window]:
        held = {window.start: window for window in self._windows.get(key, ())}
        number = self._number(time)
        windows = []
        while (end := self._end(number)) > time:
            if not self._expired(end):
                start = number * self.slide
                windows.append(held.get(start) or self._open(key, start, end))
            number -= 1
        return windows[::-1]

    def _number(self, time: float) -> int:
        """The last window that starts at or before ``time``.

        Every edge is a whole multiple of ``slide``, computed in this one way: a division alone may
        be off by one where ``slide`` is no exact float, and an edge found by subtracting remainders
        differs in its last digit from event to event, so that windows would multiply.
        """
        number = int(time // self.slide)
        while number * self.slide > time:
            number -= 1
        while (number + 1) * self.slide <= time:
            number += 1
        return number

    def _end(self, number: int) -> float:
        """Where a window ends: where another one starts, if ``size`` is a multiple of ``slide``."""
        if self._whole is not None:
            return (number + self._whole) * self.slide
        return number * self.slide + self.size


class TumblingWindows(SlidingWindows):
    """Windows of ``size`` side by side: every event is in exactly one, ``[k·size, (k+1)·size)``.

    Parameters
    ----------
    size : float
    statistic, delay, allowed_lateness
        As in `SlidingWindows`.

    >>> windows = TumblingWindows(60)
    >>> windows.update(0, 1.0), windows.update(59, 3.0)
    ([], [])
    >>> windows.update(60, 9.0)          # 60 is in the next window, and closes this one
    [WindowResult(key=None, start=0, end=60, value=2.0, n=2, revision=0)]
    """

    def __init__(
        self,
        size: float,
        statistic: Callable[[], Statistic] = Mean,
        *,
        delay: float = 0,
        allowed_lateness: float = 0,
    ) -> None:
        super().__init__(size, size, statistic, delay=delay, allowed_lateness=allowed_lateness)
