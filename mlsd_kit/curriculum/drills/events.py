"""What feeds back needs an event loop: copies of requests that depend on answers.

A `Loop` calls functions in order of time; a `Station` is servers behind one queue, inside it.
Hedging and retrying are the same few lines: send a copy of what has not been answered.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from math import inf
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlsd_kit.curriculum.drills.stages import Passage


class Loop:
    """Calls in order of time; those of the same time in the order they were made.

    >>> loop = Loop()
    >>> loop.at(2.0, print, "second"), loop.at(1.0, print, "first")
    (None, None)
    >>> loop.run()
    first
    second
    """

    def __init__(self) -> None:
        self.now = 0.0
        self._calls: list[tuple[float, int, Callable[..., Any], tuple[Any, ...]]] = []
        self._order = count()

    def at(self, time: float, call: Callable[..., Any], *args: Any) -> None:
        """Call ``call(*args)`` at ``time``."""
        heappush(self._calls, (time, next(self._order), call, args))

    def run(self) -> None:
        """Until nothing is left to call."""
        while self._calls:
            self.now, _, call, args = heappop(self._calls)
            call(*args)


class Job:
    """One piece of work at a station: ``state`` is waiting, running, done or cancelled."""

    __slots__ = ("done", "seconds", "started", "state")

    def __init__(self, seconds: float, done: Callable[[Job], None]) -> None:
        self.seconds, self.done = seconds, done
        self.started, self.state = inf, "waiting"


class Station:
    """Servers behind one queue, first come first served; work can be called back."""

    def __init__(self, loop: Loop, servers: int = 1) -> None:
        self.loop, self.idle, self.busy = loop, servers, 0.0
        self._queue: deque[Job] = deque()

    def submit(self, seconds: float, done: Callable[[Job], None]) -> Job:
        """Queue a job; ``done(job)`` is called when it has been served."""
        job = Job(seconds, done)
        self._queue.append(job)
        self._start()
        return job

    def cancel(self, job: Job) -> None:
        """Take a waiting job out of the queue, a running one off its server."""
        if job.state == "running":
            self._release(self.loop.now - job.started)
        if job.state in ("waiting", "running"):
            job.state = "cancelled"
            self._start()

    def _start(self) -> None:
        while self.idle and self._queue:
            job = self._queue.popleft()
            if job.state == "waiting":
                self.idle -= 1
                job.started, job.state = self.loop.now, "running"
                self.loop.at(self.loop.now + job.seconds, self._finish, job)

    def _finish(self, job: Job) -> None:
        if job.state == "running":
            job.state = "done"
            self._release(job.seconds)
            job.done(job)
            self._start()

    def _release(self, seconds: float) -> None:
        self.busy += seconds
        self.idle += 1


class Answers(NamedTuple):
    """What became of each request: its passage (departs = inf: never answered), copies sent."""

    passage: Passage
    copies: NDArray[np.int64]


def hedge(
    arrives: ArrayLike,
    service: ArrayLike,
    after: float,
    *,
    servers: int = 1,
    route: ArrayLike = 0,
    cancel: bool = True,
    budget: float = inf,
) -> Answers:
    """Ask again what is not answered after so long; the first answer counts.

    ``service`` and ``route`` are (requests, copies): the service time of each copy [s] and the
    station it goes to, each with ``servers`` servers. ``cancel`` calls the losers back. ``budget``
    bounds the extra copies, as a share of the requests so far. (Dean and Barroso 2013.)

    >>> hedge([0.0], [[9.0, 1.0]], after=2.0, servers=2).passage.departs
    array([3.])
    """
    return _resend(arrives, service, after, servers, route, cancel, budget, 0.0, gives_up=False)


def retry(
    arrives: ArrayLike,
    service: ArrayLike,
    timeout: float,
    *,
    servers: int = 1,
    route: ArrayLike = 0,
    cancel: bool = False,
    budget: float = inf,
    backoff: ArrayLike = 0.0,
) -> Answers:
    """As `hedge`, but each attempt is given up after ``timeout``, the next ``backoff`` s later.

    An answer to an attempt given up counts for nothing; unless it is called back, its work is
    done all the same.

    >>> retry([0.0], [[9.0, 1.0]], timeout=2.0, backoff=0.5, servers=2).passage.departs
    array([3.5])
    """
    return _resend(arrives, service, timeout, servers, route, cancel, budget, backoff, True)


def _resend(
    arrives: ArrayLike,
    service: ArrayLike,
    after: float,
    servers: int,
    route: ArrayLike,
    cancel: bool,
    budget: float,
    backoff: ArrayLike,
    gives_up: bool,
) -> Answers:
    a, table = np.asarray(arrives, dtype=float), np.asarray(service, dtype=float)
    seconds, (n, most) = table.tolist(), table.shape
    to, pause = (np.broadcast_to(x, table.shape).tolist() for x in (route, backoff))
    loop = Loop()
    stations = [Station(loop, servers) for _ in range(int(np.max(route)) + 1)]
    departs, work, copies, begun, extra = [inf] * n, [0.0] * n, [0] * n, 0, 0
    sent: list[list[tuple[Station, Job]]] = [[] for _ in range(n)]  # and not given up

    def send(i: int, k: int) -> None:
        nonlocal begun, extra
        if departs[i] < inf or (k and extra >= budget * begun):
            return
        begun, extra, copies[i] = begun + (k == 0), extra + (k > 0), copies[i] + 1
        station = stations[to[i][k]]
        sent[i].append((station, station.submit(seconds[i][k], lambda job: answer(i, job))))
        loop.at(loop.now + after, overdue, i, k)

    def overdue(i: int, k: int) -> None:
        if departs[i] == inf:
            if gives_up:
                call_back(i)
            if k + 1 < most:
                loop.at(loop.now + pause[i][k], send, i, k + 1)

    def answer(i: int, job: Job) -> None:
        if any(job is mine for _, mine in sent[i]):
            departs[i], work[i] = loop.now, job.seconds
            call_back(i)

    def call_back(i: int) -> None:
        for station, job in sent[i] if cancel else ():
            station.cancel(job)
        sent[i].clear()

    for i in np.argsort(a, kind="stable").tolist():
        loop.at(a[i], send, i, 0)
    loop.run()
    end, own = np.array(departs), np.array(work)
    busy = float(sum(station.busy for station in stations))
    return Answers(Passage(end, end - a - own, np.zeros(n), own, busy), np.array(copies))
