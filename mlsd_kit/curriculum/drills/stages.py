"""Stages of a service: from the times requests arrive to the times they depart.

A stage takes arrival times and service times and gives a `Passage`; its ``departs`` are the next
stage's arrivals. That is exact for pipelines without feedback. Requests are served in the order
of their arrival, whatever the order of the arrays.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from heapq import heapify, heappop, heappush, heapreplace
from math import inf
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Capacity = int | Sequence[tuple[float, int]]
"""How many servers: a number, or (time in s, number from then on) pairs in order of time."""


class Passage(NamedTuple):
    """What a stage did to each request [s]: departs = arrives + waiting + batching + work."""

    departs: Array
    waiting: Array
    """For a free server."""
    batching: Array
    """Beside a free server for the batch to fill, and served beyond what it takes alone."""
    work: Array
    """Own work: the service time, alone."""
    busy: float
    """Server-seconds spent, all requests together."""


def single_server(arrives: ArrayLike, service: ArrayLike) -> Passage:
    """One server, first come first served: D_i = max(A_i, D_{i-1}) + S_i (Lindley 1952).

    Unrolled, with C the running sum of S: D_i = C_i + max over j ≤ i of (A_j - C_{j-1}),
    which is one running maximum.

    >>> single_server([0, 1, 5], [2, 2, 1]).departs
    array([2., 4., 6.])
    """
    a, s = _checked(arrives, service)
    order = np.argsort(a, kind="stable")
    total = np.cumsum(s[order])
    departs = np.empty_like(a)
    departs[order] = total + np.maximum.accumulate(a[order] - (total - s[order]))
    return _passage(a, np.maximum(departs - s, a), s)


def servers(arrives: ArrayLike, service: ArrayLike, capacity: Capacity = 1) -> Passage:
    """c servers, one queue: start = max(arrival, earliest free server); a heap of free times.

    A schedule adds servers at its times; servers that go finish their work, the idle go first.

    >>> servers([0, 0, 0, 5], [3, 1, 1, 1], 2).departs
    array([3., 1., 2., 6.])
    >>> servers([0, 1, 2], [1, 1, 1], [(0, 1), (1, 0), (10, 1)]).departs  # an outage
    array([ 1., 11., 12.])
    """
    a, s = _checked(arrives, service)
    pool, order = _Pool(capacity), np.argsort(a, kind="stable")
    starts = np.empty_like(a)
    starts[order] = [
        pool.serve(arrive, seconds)
        for arrive, seconds in zip(a[order].tolist(), s[order].tolist(), strict=True)
    ]
    return _passage(a, starts, s)


def priority(
    arrives: ArrayLike, service: ArrayLike, rank: ArrayLike, capacity: Capacity = 1
) -> Passage:
    """A free server takes the waiting request of lowest rank, then the oldest; none is interrupted.

    >>> priority([0, 1, 2], [5, 1, 1], rank=[0, 1, 0]).departs
    array([5., 7., 6.])
    """
    a, s = _checked(arrives, service)
    pool, order = _Pool(capacity), np.argsort(a, kind="stable")
    times, ranks = a[order].tolist(), np.broadcast_to(np.asarray(rank), a.shape)[order].tolist()
    starts, waiting, now, i = np.empty_like(a), list[tuple[float, int]](), -inf, 0
    while i < len(times) or waiting:
        at = now if waiting else max(now, times[i])
        now = max(at, pool.free(at))
        while i < len(times) and times[i] <= now:
            heappush(waiting, (ranks[i], i))
            i += 1
        chosen = order[heappop(waiting)[1]]
        starts[chosen] = pool.serve(now, s[chosen])
    return _passage(a, starts, s)


def batching(
    arrives: ArrayLike,
    seconds: ArrayLike,
    *,
    timeout: float = 0.0,
    replicas: Capacity = 1,
    factor: ArrayLike = 1.0,
) -> Passage:
    """Dynamic batching: a batch starts when it is full or its first request has waited enough.

    start = max(first free replica, min(arrival of the B-th, arrival of the first + timeout)); all
    who have arrived by then, at most B, go along. ``seconds[b - 1]`` is the time of a batch of b,
    and its length is B. ``factor`` (one, or one a request) slows the batch that a request opens.

    >>> batching([0.0, 0.1, 0.2], [1.0, 1.2], timeout=0.5).departs.round(2)
    array([1.3, 1.3, 2.3])
    >>> batching([0.0, 0.1, 0.2], [1.0, 1.2], timeout=0.5).batching.round(2)
    array([0.3, 0.2, 0. ])
    """
    table = np.asarray(seconds, dtype=float)
    if table.ndim != 1 or table.size == 0 or (np.diff(table, prepend=0.0) < 0).any():
        raise ValueError("seconds must hold the times of batches of 1, 2, ..., never falling.")
    a, slow = _checked(arrives, factor)
    pool, order = _Pool(replicas), np.argsort(a, kind="stable")
    times, slows = a[order].tolist(), slow[order].tolist()
    most, n, first = table.size, a.size, 0
    if n == 0:
        return _passage(a, a, a)
    batches = list[tuple[float, float, int]]()
    while first < n:
        full = times[first + most - 1] if first + most <= n else inf
        closes = min(full, times[first] + timeout)
        frees = pool.free(closes)
        starts = max(closes, frees)
        size = bisect_right(times, starts, first, min(first + most, n)) - first
        pool.serve(starts, table[size - 1] * slows[first])
        batches.append((starts, frees, size))
        first += size
    start, free, sizes = (np.array(column) for column in zip(*batches, strict=True))
    opener = slow[order][np.cumsum(sizes) - sizes]
    took, alone = table[sizes - 1] * opener, table[0] * opener
    mine = np.empty(n, dtype=int)  # the batch each request goes with
    mine[order] = np.repeat(np.arange(sizes.size), sizes)
    waiting = np.maximum(free[mine] - a, 0.0)
    shared = start[mine] - a - waiting + (took - alone)[mine]
    return Passage((start + took)[mine], waiting, shared, alone[mine], float(took.sum()))


def fan_out(arrives: ArrayLike, service: ArrayLike, capacity: Capacity = 1) -> Passage:
    """Every request goes to every shard and waits for the slowest: D = max over shards of D_k.

    ``service`` is (requests, shards); ``capacity`` is each shard's. Waiting and work are those of
    the request's slowest shard.

    >>> fan_out([0, 1], [[1, 3], [1, 1]]).departs
    array([3., 4.])
    """
    table = np.asarray(service, dtype=float)
    stage = single_server if capacity == 1 else lambda a, s: servers(a, s, capacity)
    shards = [stage(arrives, column) for column in table.T]
    slowest = np.argmax([shard.departs for shard in shards], axis=0)
    departs, waiting, batching, work = (
        np.array([shard[part] for shard in shards])[slowest, np.arange(len(table))]
        for part in range(4)
    )
    return Passage(departs, waiting, batching, work, sum(shard.busy for shard in shards))


def only(who: ArrayLike, arrives: ArrayLike, stage: Callable[[Array], Passage]) -> Passage:
    """Send some requests through a stage (the cache's misses, say); the others pass at once.

    >>> hit = np.array([True, False])
    >>> only(~hit, [0.0, 1.0], lambda a: servers(a, [2.0])).departs
    array([0., 3.])
    """
    a, mask = np.asarray(arrives, dtype=float), np.asarray(who, dtype=bool)
    inside = stage(a[mask])
    departs, waiting, batching, work = a.copy(), *np.zeros((3, a.size))
    for everyone, part in zip((departs, waiting, batching, work), inside[:4], strict=True):
        everyone[mask] = part
    return Passage(departs, waiting, batching, work, inside.busy)


class _Pool:
    """The times at which servers become free, in a heap, while their number follows a schedule."""

    def __init__(self, capacity: Capacity) -> None:
        steps = [(-inf, capacity)] if isinstance(capacity, int | np.integer) else list(capacity)
        if not steps or min(count for _, count in steps) < 0 or steps[-1][1] < 1:
            raise ValueError(f"capacity must end with at least one server, got {capacity!r}.")
        self._changes = sorted(steps, key=itemgetter(0))[::-1]  # of one time, the last counts
        self._free: list[float] = []

    def free(self, at: float) -> float:
        """When the first server is free, for a request that starts at ``at`` or later."""
        while self._changes and self._changes[-1][0] <= max(at, self._first()):
            time, count = self._changes.pop()
            self._free += [time] * (count - len(self._free))
            heapify(self._free)
            for _ in range(len(self._free) - count):
                heappop(self._free)
        return self._first()

    def serve(self, at: float, seconds: float) -> float:
        """Occupy the first free server; the start of the work."""
        first = self.free(at) if self._changes else self._free[0]
        start = at if at > first else first  # the loop's hot spot: max() takes twice as long
        heapreplace(self._free, start + seconds)
        return start

    def _first(self) -> float:
        return self._free[0] if self._free else inf


def _checked(arrives: ArrayLike, service: ArrayLike) -> tuple[Array, Array]:
    a = np.asarray(arrives, dtype=float)
    s = np.broadcast_to(np.asarray(service, dtype=float), a.shape)
    if a.ndim != 1 or not np.isfinite(a).all() or not (s >= 0).all():
        raise ValueError("arrives must be one column of finite times, service times 0 or more.")
    return a, s


def _passage(arrives: Array, starts: Array, service: Array) -> Passage:
    nothing = np.zeros_like(arrives)
    return Passage(starts + service, starts - arrives, nothing, service, float(service.sum()))
