"""The same features from a stream of flows, one at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Set
from typing import Any, NamedTuple

from mlsd_kit.streaming import TumblingWindows
from mlsd_kit.systems.network_anomaly.features import (
    BROKEN,
    FAILED,
    LOGIN,
    PERSISTENCE,
    PRIVATE,
    UPLOAD,
    WINDOW,
)

MILLISECONDS = 1000  # event times are whole milliseconds: exact at the edges of windows


class HostWindow(NamedTuple):
    """A closed window of a host: its start [s since 1970] and its features."""

    host: str
    start: int
    features: list[float]


class _OneWindow:
    """What one host did in one window: a statistic of `mlsd_kit.streaming`."""

    def __init__(self) -> None:
        self.counts = [0] * 8  # the first eight features
        self.targets: set[tuple[str, int]] = set()
        self.rare: dict[str, int] = {}

    def update(self, x: tuple[bool, bool, Mapping[str, Any]]) -> None:
        outgoing, rare, flow = x
        counts, failed = self.counts, flow["state"] in FAILED
        if outgoing:
            self.targets.add((flow["destination"], flow["port"]))
            counts[0] += 1
            counts[1] += failed
            counts[2] = len(self.targets)
            counts[3] += flow["bytes_out"]
            if rare:
                name = flow["destination"]
                self.rare[name] = self.rare.get(name, 0) + flow["bytes_out"]
        else:
            counts[4] += 1
            counts[5] += failed
            if flow["port"] == LOGIN:
                counts[6] += 1
                counts[7] += flow["state"] == BROKEN

    def get(self) -> _OneWindow:
        return self


class HostWindows:
    """Features of every internal host, window by window, as flows come in.

    Parameters
    ----------
    known : set of str
        As in `host_windows`, with which the result agrees.
    delay : float, default=0
        Seconds that a flow may come in behind the newest one.

    >>> flow = {"source": "10.0.0.1", "destination": "10.0.1.1", "port": 22, "state": "SF"}
    >>> windows = HostWindows()
    >>> windows.update({**flow, "time": 0, "bytes_out": 70})
    []
    >>> [(w.host, w.start) for w in windows.update({**flow, "time": 300_000, "bytes_out": 70})]
    [('10.0.0.1', 0), ('10.0.1.1', 0)]
    """

    def __init__(self, known: Set[str] = frozenset(), *, delay: float = 0) -> None:
        self.known = known
        self.windows = TumblingWindows(
            WINDOW * MILLISECONDS, _OneWindow, delay=delay * MILLISECONDS
        )
        self._past: dict[str, dict[str, deque[tuple[int, int]]]] = {}

    def update(self, flow: Mapping[str, Any]) -> list[HostWindow]:
        """Take in one flow, with its ``time`` in ms since 1970; returns the windows it closes.

        A flow with an ``id`` that was seen before in the same window is not counted again.
        """
        closed = []
        source, destination = flow["source"], flow["destination"]
        outside = not destination.startswith(PRIVATE)
        for host, outgoing in ((source, True), (destination, False)):
            if host.startswith(PRIVATE):
                rare = outgoing and outside and destination not in self.known
                number = flow.get("id")
                closed += self.windows.update(
                    flow["time"],
                    (outgoing, rare, flow),
                    key=host,
                    event_id=None if number is None else (number, outgoing),
                )
        return self._finish(closed)

    def advance(self, time: int) -> list[HostWindow]:
        """No flow before ``time`` [ms] is expected any more: close what ends by then."""
        return self._finish(self.windows.advance(time))

    def flush(self) -> list[HostWindow]:
        """Close all windows: the end of the stream."""
        return self._finish(self.windows.flush())

    def _finish(self, closed: list[Any]) -> list[HostWindow]:
        done = []
        for result in sorted(closed, key=lambda r: (r.start, r.key)):
            start = int(result.start) // MILLISECONDS
            contacts, uploads = self._rare(result.key, start // WINDOW, result.value.rare)
            values = [float(x) for x in (*result.value.counts, contacts, uploads)]
            done.append(HostWindow(result.key, start, values))
        return done

    def _rare(self, host: str, window: int, rare: dict[str, int]) -> tuple[int, int]:
        """Contacts and uploads; what is too old to count is forgotten."""
        past = self._past.setdefault(host, {})
        for name, sent in rare.items():
            past.setdefault(name, deque()).append((window, sent))
        for name in list(past):
            while past[name] and past[name][0][0] <= window - UPLOAD:
                past[name].popleft()
            if not past[name]:
                del past[name]
        contacts = [sum(w > window - PERSISTENCE for w, _ in past[name]) for name in rare]
        uploads = [sum(sent for _, sent in past[name]) for name in rare]
        return max(contacts, default=0), max(uploads, default=0)
