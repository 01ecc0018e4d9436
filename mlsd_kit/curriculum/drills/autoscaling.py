"""Autoscaling: a controller that sees the load late, and servers that start later still."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush, heapreplace
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mlsd_kit.curriculum.drills.stages import Array, Passage, _checked, _passage


@dataclass(frozen=True)
class Autoscaler:
    """Keeps the utilisation near a target: wanted = ceil(ready × utilisation / target).

    Every ``tick`` seconds it looks at the tick that has passed. More servers are ready after
    ``cold_start`` seconds and paid from the start; fewer only if that many sufficed for
    ``scale_in_after`` seconds (Kubernetes' horizontal pod autoscaler, and its stabilisation).
    A saturated service shows a utilisation of 1: it asks for 1 / target times what is ready, at
    most. With ``sees_queue`` waiting requests count as busy servers (Knative's concurrency).
    """

    target: float
    fewest: int
    most: int
    tick: float = 15.0
    cold_start: float = 30.0
    scale_in_after: float = 300.0
    sees_queue: bool = False


class Scaled(NamedTuple):
    """What became of the requests, the servers ready in each tick, and the bill."""

    passage: Passage
    time: Array
    """End of each tick [s]."""
    ready: Array
    paid: float
    """Server-seconds, cold starts included."""


def autoscale(
    arrives: ArrayLike,
    service: ArrayLike,
    scaler: Autoscaler,
    losses: Sequence[tuple[float, float]] = (),
    *,
    looks_at: float | None = None,
) -> Scaled:
    """Servers behind one queue whose number follows the load.

    Within a tick a request starts at max(arrival, first free server), as in `servers`; a server
    that is starting up is one that is free later. ``losses`` takes servers away: (time [s], number,
    or share below 1) pairs; the controller sees it at its next look. One of the looks is, or would
    be, at the time ``looks_at``; by default the first one comes a tick after the first request.

    >>> scaler = Autoscaler(target=0.8, fewest=1, most=9, cold_start=60)
    >>> autoscale(np.arange(300.0), np.full(300, 3.2), scaler).ready[::5]  # and a backlog
    array([1., 2., 3., 4., 5.])
    """
    a, s = _checked(arrives, service)
    order = np.argsort(a, kind="stable")
    times, seconds = a[order].tolist(), s[order].tolist()
    now = times[0] if times else 0.0
    if looks_at is not None:
        now = looks_at - scaler.tick * ceil((looks_at - now) / scaler.tick)
    free, starting = [now] * scaler.fewest, list[float]()  # both hold when a server is free
    enough: deque[int] = deque(maxlen=max(1, ceil(scaler.scale_in_after / scaler.tick)))
    starts, history, i, paid = np.empty_like(a), list[tuple[float, int]](), 0, 0.0
    while i < len(times):
        before, now, begun = now, now + scaler.tick, 0.0
        paid += len(free) * scaler.tick
        starting = [at for at in starting if at >= now]
        history.append((now, len(free) - len(starting)))
        lost = sorted((at, n) for at, n in losses if before <= at < now)
        for until, number in (*lost, (now, 0.0)):
            while i < len(times) and free and (start := max(times[i], free[0])) < until:
                heapreplace(free, start + seconds[i])
                starts[order[i]] = start
                begun += seconds[i]
                i += 1
            gone = number if number >= 1 else number * len(free)
            for _ in range(min(len(free), ceil(gone))):
                heappop(free)  # the idle first
        carried = min(begun / scaler.tick, history[-1][1])  # busy servers, on average
        queue = bisect_right(times, now, i) - i if scaler.sees_queue else 0
        wanted = ceil((carried + queue) / scaler.target - 1e-9)
        enough.append(min(max(wanted, scaler.fewest), scaler.most))
        for _ in range(enough[-1] - len(free)):
            heappush(free, now + scaler.cold_start)
            starting.append(now + scaler.cold_start)
        for _ in range(len(free) - max(enough)):
            heappop(free)
    time, ready = np.array(history, dtype=float).reshape(-1, 2).T
    return Scaled(_passage(a, starts, s), time, ready, paid)
