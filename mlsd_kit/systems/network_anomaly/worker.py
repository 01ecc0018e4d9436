"""The consumer: flows from the broker, windows, scores, pages; it may be killed at any moment.

What it has in memory is a function of the log, so it is not saved: a restart reads the last six
hours again and goes on. What it *did* (pages, outbox) and how far it came are one transaction of
the alert store: an event is never half handled.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Set
from pathlib import Path
from typing import Any, Protocol

from mlsd_kit.services.alerts import AlertStore
from mlsd_kit.systems.network_anomaly.features import UPLOAD, WINDOW
from mlsd_kit.systems.network_anomaly.online import HostWindow, HostWindows

BATCH, PARTITION = 2000, 0
LOOKBACK = (UPLOAD + 1) * WINDOW  # seconds that the features look back


class Detector(Protocol):
    """What the worker needs of a detector."""

    threshold: float

    def score_one(self, host: str, start: int, features: Any) -> tuple[float, str]: ...


class Pipeline:
    """Flows in, pages out; the part of the worker that knows no broker.

    Parameters
    ----------
    detector : Detector
    known : set of str
        As in `HostWindows`.
    store : AlertStore
        Holds, beside the pages, how far the reading has come.
    """

    def __init__(self, detector: Detector, known: Set[str], store: AlertStore) -> None:
        self.detector, self.store = detector, store
        self.windows = HostWindows(known)
        self._marks: list[tuple[int, int]] = []  # window, offset of the first flow seen in it

    @property
    def start(self) -> int:
        """The offset at which to begin reading."""
        return self.store.progress("offset", 0)

    def handle(self, batch: Iterable[tuple[int, dict[str, Any]]]) -> int:
        """Take in flows with their offsets, in the order of the log; returns how many windows.

        A record with only a ``time`` is a tick of the clock: it closes windows.
        """
        closed: list[HostWindow] = []
        for offset, flow in batch:
            window = flow["time"] // (1000 * WINDOW)
            if not self._marks or window > self._marks[-1][0]:
                self._marks.append((window, offset))
            if "source" in flow:
                closed += self.windows.update(flow | {"id": flow.get("id", offset)})
            else:
                closed += self.windows.advance(flow["time"])
        if closed:
            self._act(closed)
        return len(closed)

    def _act(self, closed: list[HostWindow]) -> None:
        with self.store.transaction():
            done = self.store.progress("done", -1)
            fresh = [window for window in closed if window.start > done]
            if not fresh:
                return  # read again after a restart: all this was acted upon
            for start, score, host, reason in self._anomalies(fresh):
                self.store.observe(host, start, score=score, reason=reason)
            last = fresh[-1].start
            self.store.set_progress("done", last)
            self.store.set_progress("windows", self.store.progress("windows", 0) + len(fresh))
            self.store.set_progress("offset", self._restart_from(last - LOOKBACK))

    def _anomalies(self, windows: list[HostWindow]) -> list[tuple[int, float, str, str]]:
        """Those above the threshold, by time; of one time the worst first, who names the page."""
        found = []
        for host, start, features in windows:
            score, reason = self.detector.score_one(host, start, features)
            if score > self.detector.threshold:
                found.append((start, score / self.detector.threshold, host, reason))
        return sorted(found, key=lambda each: (each[0], -each[1], each[2]))

    def _restart_from(self, second: int) -> int:
        """The offset of the first flow that a reader must see again."""
        while len(self._marks) > 1 and self._marks[1][0] <= second // WINDOW:
            self._marks.pop(0)
        return self._marks[0][1]


def work(servers: str, topic: str, file: str | Path, detector: Detector, known: Set[str]) -> None:
    """Read a topic of one partition from where the store says, for ever."""
    from confluent_kafka import Consumer, TopicPartition

    store = AlertStore(file)
    pipeline = Pipeline(detector, known, store)
    # the position is ours to keep, not the broker's: no group, no commits
    consumer = Consumer(
        {"bootstrap.servers": servers, "group.id": "none", "enable.auto.commit": False}
    )
    consumer.assign([TopicPartition(topic, PARTITION, pipeline.start)])
    while True:
        messages = consumer.consume(BATCH, 0.2)
        good = [m for m in messages if m.error() is None]
        if len(good) < len(messages):
            time.sleep(0.1)  # the broker is away; the client library connects again
        pipeline.handle((m.offset() or 0, json.loads(m.value() or b"{}")) for m in good)
