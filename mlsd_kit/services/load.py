"""Offer load to a system and measure what becomes of it, without flattering it.

The timetable is *open*: every request is due at a time of its own, whatever became of those before,
and its latency counts from then. A driver that waits for answers slows down together with the
system it measures, and hides the delays it is there to find (coordinated omission).

Every request counts, and no window is measured again because its figure was bad. A window is set
aside for one reason only, which the load cannot cause: other programs took too much of the
machine, by their processor time, in it or in the one before. Where too little is left, the
measurement is *undecided*, and says so in a sentence that `mlsd_kit.curriculum.claim` takes.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import math
import threading
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlsd_kit.services.outside_work import MOST, OutsideWork, Sample

LEAD = 0.05  # seconds until the first request: threads start, connections open
BEYOND = 10  # requests that must lie beyond a percentile: 1,000 behind a p99
ENOUGH = 1000  # requests that must be left for a measurement to be decided

Answer = Mapping[str, Any] | None
"""What a request tells of itself beside its latency: columns. ``{"ok": False}`` is a failure."""


@dataclass(frozen=True)
class Load:
    """A timetable of requests, and how to keep it.

    Parameters
    ----------
    rate : float
        Requests a second.
    seconds : float
        How long. Five or more for a figure: queues take time to build up.
    poisson : bool, default=True
        Requests come at random moments, as those of many people do; False spaces them evenly.
    seed : int, default=0
        Of the moments.
    window : float, default=1.0
        Seconds of one window, about: windows divide the time evenly.
    most_outside : float in [0, 1], default=0.25
        Share of the machine that outside work may take in a window that counts.

    Raises
    ------
    ValueError
        If a figure is not positive, or the share not between 0 and 1.

    Examples
    --------
    >>> Load(rate=4, seconds=1, poisson=False).due.tolist()
    [0.0, 0.25, 0.5, 0.75]
    >>> measured = Load(rate=500, seconds=0.1).call(lambda k: time.sleep(0.001))
    >>> measured.failed, measured.percentile(50) >= 1
    (0, True)
    """

    rate: float
    seconds: float
    poisson: bool = True
    seed: int = 0
    window: float = 1.0
    most_outside: float = MOST

    def __post_init__(self) -> None:
        for name in ("rate", "seconds", "window"):
            if not 0 < getattr(self, name) < math.inf:
                raise ValueError(f"{name} must be positive; got {getattr(self, name)}.")
        if not 0 <= self.most_outside <= 1:
            raise ValueError(f"most_outside is a share from 0 to 1; got {self.most_outside}.")

    @cached_property
    def due(self) -> NDArray[np.float64]:
        """Seconds from the start at which each request is due, ascending; at least one."""
        if not self.poisson:
            return np.arange(max(1, round(self.rate * self.seconds))) / self.rate
        rng, gap = np.random.default_rng(self.seed), 1 / self.rate
        times = rng.exponential(gap, 1).cumsum()
        while times[-1] < self.seconds:
            more = rng.exponential(gap, 1 + int(self.rate * self.seconds)).cumsum()
            times = np.append(times, times[-1] + more)
        return np.append(times[:1], times[1:][times[1:] < self.seconds])

    def call(self, ask: Callable[[int], Answer], *, connections: int = 16) -> Measured:
        """Make each request in a thread, and wait for its answer there.

        Parameters
        ----------
        ask : callable (number) -> mapping or None
            Makes the request of this number, from 0, and returns columns about it, if any: ``ok``
            among them says whether it was answered. An exception is a failure as well.
        connections : int, default=16
            Requests under way at once. The next ones wait for a thread, and their clocks run.

        Returns
        -------
        Measured
        """
        numbers, lock, notes = itertools.count(), threading.Lock(), _Notes(self)

        def work() -> None:
            while True:
                with lock:
                    number = next(numbers)
                if number >= len(self.due):
                    return
                free = time.monotonic()
                _sleep_until(notes.start + self.due[number])
                notes.sent(number, free)
                try:
                    answer = ask(number)
                except Exception as error:
                    answer = {"ok": False, "error": repr(error)}
                notes.done(number, answer)

        threads = [
            threading.Thread(target=work, daemon=True)
            for _ in range(min(connections, len(self.due)))
        ]
        with notes:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        return notes.measured()

    async def acall(self, ask: Callable[[int], Awaitable[Answer]]) -> Measured:
        """Make each request as a task of the running event loop; as `call` otherwise.

        Nothing bounds the requests under way.
        """
        notes = _Notes(self)

        async def one(number: int) -> None:
            try:
                answer = await ask(number)
            except Exception as error:
                answer = {"ok": False, "error": repr(error)}
            notes.done(number, answer)

        tasks = []
        with notes:
            for number, due in enumerate(self.due):
                free = time.monotonic()
                await asyncio.sleep(max(0.0, notes.start + due - free))
                notes.sent(number, free)
                tasks.append(asyncio.create_task(one(number)))
            await asyncio.gather(*tasks)
        return notes.measured()

    def send(self, put: Callable[[int, float, float], None]) -> Sent:
        """Send each message and go on: what becomes of it is seen later, and elsewhere.

        Parameters
        ----------
        put : callable (number, due, sent) -> None
            Sends the message of this number, from 0; the two times are on the monotonic clock.

        Returns
        -------
        Sent
            Tell it when each message's effect was seen.
        """
        notes = _Notes(self)
        with notes:
            for number, due in enumerate(notes.start + self.due):
                free = time.monotonic()
                _sleep_until(due)
                notes.sent(number, free)
                put(number, float(due), time.monotonic())
        return Sent(notes)


class Sent:
    """Messages that are on their way; see `Load.send`."""

    def __init__(self, notes: _Notes) -> None:
        self._notes = notes

    def seen(
        self, times: Mapping[int, float], told: Mapping[int, Answer] | None = None
    ) -> Measured:
        """The measurement, once the effects have been seen.

        Parameters
        ----------
        times : mapping of int to float
            When the effect of the message of a number was seen, on the monotonic clock. Messages
            that are not in it have failed.
        told : mapping of int to mapping, default=None
            Columns about the messages of some numbers.
        """
        for number, moment in times.items():
            self._notes.done(number, (told or {}).get(number), moment)
        return self._notes.measured()


@dataclass(frozen=True)
class Measured:
    """What became of a load."""

    requests: pd.DataFrame
    """One row a request, as they were due: ``due`` (seconds from the start), ``late`` (ms that the
    driver itself overslept), ``total`` (ms from due until answered; infinite if never), ``ok``, and
    the columns that requests told of themselves."""
    edges: NDArray[np.float64]
    """Where windows begin and end, in seconds from the start; (windows + 1,)."""
    outside: NDArray[np.float64]
    """Share of the machine that other work took in each window; (windows,)."""
    most_outside: float
    """From which share on a window is set aside."""

    @cached_property
    def _window(self) -> NDArray[np.intp]:
        inside = np.searchsorted(self.edges, self.requests["due"], side="right") - 1
        return np.clip(inside, 0, len(self.outside) - 1)

    @cached_property
    def _beside(self) -> NDArray[np.bool_]:
        """In which windows outside work took too much; (windows,)."""
        return self.outside > self.most_outside

    @cached_property
    def aside(self) -> NDArray[np.bool_]:
        """Which windows are set aside, and for one reason only: outside work; (windows,).

        The next one is, too: it begins with the queue that the outside work has left.
        """
        return self._beside | np.append(False, self._beside[:-1])

    @cached_property
    def windows(self) -> pd.DataFrame:
        """All windows in order: from (s), requests, failed, p50 and worst (ms), late (the most
        that the driver overslept, ms), outside (share of the machine) and aside."""
        groups = self.requests.groupby(self._window)
        table = pd.DataFrame(
            {
                "requests": groups.size(),
                "failed": groups["ok"].agg(lambda ok: int((~ok).sum())),
                "p50": groups["total"].median(),
                "worst": groups["total"].max(),
                "late": groups["late"].max(),
            }
        ).reindex(range(len(self.outside)))
        table.insert(0, "from", self.edges[:-1])
        counts = ["requests", "failed"]
        table[counts] = table[counts].fillna(0).astype(int)
        return table.assign(outside=self.outside, aside=self.aside).rename_axis("window")

    @cached_property
    def counted(self) -> pd.DataFrame:
        """The requests that count; all of them where the measurement is undecided."""
        if self.undecided:
            return self.requests
        return self.requests[~self.aside[self._window]]

    @property
    def failed(self) -> int:
        """Requests without an answer or with a bad one, in all windows."""
        return int((~self.requests["ok"]).sum())

    @property
    def late(self) -> float:
        """Milliseconds that the driver itself overslept at most. It is reported, no more: a busy
        system makes its driver late, so that leaving late windows out would hide the load."""
        return float(self.requests["late"].max())

    @cached_property
    def undecided(self) -> str | None:
        """Why nothing follows from the figures, in a sentence; None if enough is left.

        At least half of the windows must be, and 1,000 requests (or all, where fewer were made).
        """
        left = int((~self.aside[self._window]).sum())
        enough = left >= min(ENOUGH, len(self.requests)) and self.aside.mean() <= 0.5
        if enough:
            return None
        share = self._percent(self.outside[self._beside].mean())
        windows = f"{self._beside.sum()} of {len(self._beside)} windows"
        return f"other work took {share} of the machine in {windows}"

    def percentile(self, q: float) -> float:
        """A percentile of the latency from due time, in ms, over all requests that count.

        Parameters
        ----------
        q : float
            Between 0 and 100.

        Returns
        -------
        float
            A request that was never answered is infinitely late.

        Raises
        ------
        ValueError
            If fewer than ten requests lie beyond it: a p99 takes 1,000.
        """
        need = math.ceil(round(BEYOND / (1 - q / 100), 6)) if q < 100 else math.inf
        if len(self.counted) < need:
            raise ValueError(
                f"a p{q:g} takes {need:,} requests, and there are {len(self.counted):,}: "
                "measure for longer."
            )
        return float(np.quantile(self.counted["total"], q / 100, method="higher"))

    def __str__(self) -> str:
        widths = np.diff(self.edges)
        text = (
            f"{len(self.requests):,} requests in {len(widths)} windows of {widths[0]:.3g} s, "
            f"{self.failed:,} failed; other work took {self._percent(self.outside.mean())} of the "
            f"machine, {self._percent(self.aside.mean())} of the windows set aside for it; the "
            f"driver overslept at most {self.late:.1f} ms"
        )
        return f"{text}: undecided" if self.undecided else text

    @staticmethod
    def _percent(share: float) -> str:
        return f"{100 * share:.0f} %"


@dataclass
class _Notes:
    """What a driver writes down; samples the machine meanwhile."""

    load: Load
    start: float = 0.0
    _free: NDArray[np.float64] = field(init=False)
    _sent: NDArray[np.float64] = field(init=False)
    _done: NDArray[np.float64] = field(init=False)
    _answers: list[dict[str, Any]] = field(init=False)
    _samples: list[Sample] = field(default_factory=list)

    def __post_init__(self) -> None:
        count = len(self.load.due)
        self._free, self._sent, self._done = (np.full(count, math.inf) for _ in range(3))
        self._answers = [{"ok": False} for _ in range(count)]
        windows = max(1, round(self.load.seconds / self.load.window))
        self.edges = np.linspace(0, self.load.seconds, windows + 1)
        self._watch = OutsideWork()
        self._watch.sample()  # the first look finds all processes, which takes longest
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> _Notes:
        self.start = time.monotonic() + LEAD
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join()

    def _sample(self) -> None:
        for edge in self.edges:
            _sleep_until(self.start + edge)
            self._samples.append(self._watch.sample())

    def sent(self, number: int, free: float) -> None:
        """The driver was free to send this from ``free`` on, and does so now."""
        self._free[number], self._sent[number] = free, time.monotonic()

    def done(self, number: int, answer: Answer, moment: float | None = None) -> None:
        self._done[number] = time.monotonic() if moment is None else moment
        self._answers[number] = {"ok": True, **(answer or {})}

    def measured(self) -> Measured:
        due = self.start + self.load.due
        table = pd.DataFrame(
            {
                "due": self.load.due,
                "late": 1e3 * (self._sent - np.maximum(due, self._free)),
                "total": 1e3 * (self._done - due),
            }
        )
        told = pd.DataFrame(self._answers, index=table.index)
        told["ok"] = told["ok"].astype(bool)
        pairs = itertools.pairwise(self._samples)
        outside = np.array([self._watch.share(first, last) for first, last in pairs])
        return Measured(table.join(told), self.edges, outside, self.load.most_outside)


def getting(
    url: str,
    paths: Sequence[str],
    tell: Callable[[Any], Answer] | None = None,
    *,
    timeout: float = 5.0,
) -> Callable[[int], Answer]:
    """GET requests for `Load.call`, over one connection a thread that is kept open.

    Parameters
    ----------
    url : str
        The service.
    paths : sequence of str
        Request k asks for the k-th; after the last one they start again.
    tell : callable (parsed JSON) -> mapping, default=None
        Columns from an answer of status 200.
    timeout : float, default=5
        Seconds until a request counts as failed.

    Returns
    -------
    callable (number) -> mapping
        With ``ok`` and ``status``: 0 if there was no answer.
    """
    where, kept = urlsplit(url), threading.local()

    def ask(number: int) -> Answer:
        if not hasattr(kept, "link"):
            kept.link = HTTPConnection(str(where.hostname), where.port, timeout=timeout)
        try:
            kept.link.request("GET", paths[number % len(paths)])
            answer = kept.link.getresponse()
            body, status = answer.read(), answer.status
        except (OSError, HTTPException):
            kept.link.close()  # the next request opens a new connection
            return {"ok": False, "status": 0}
        if status != 200:
            return {"ok": False, "status": status}
        told = tell(json.loads(body)) if tell else None
        return {"ok": True, "status": status, **(told or {})}

    return ask


def _sleep_until(moment: float) -> None:
    left = moment - time.monotonic()
    if left > 0:
        time.sleep(left)
