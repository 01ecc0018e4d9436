"""The consumer: flows from the broker, windows, scores, pages; it may be killed at any moment.

What it has in memory is a function of the log, so it is not saved: a restart reads the last six
hours again and goes on. What it *did* (pages, outbox) and how far it came are one transaction of
the alert store: an event is never half handled.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Set
from pathlib import Path
from typing import Any, Protocol

from mlsd_kit.services.alerts import AlertStore, Delivery
from mlsd_kit.services.errors import ServiceError
from mlsd_kit.services.messages import read_object, require
from mlsd_kit.services.topics import Watch
from mlsd_kit.systems.network_anomaly.features import UPLOAD, WINDOW
from mlsd_kit.systems.network_anomaly.models import Models
from mlsd_kit.systems.network_anomaly.online import HostWindow, HostWindows

BATCH, PARTITION = 2000, 0
WAIT = 0.02  # seconds for a batch to fill: a page waits no longer
PAUSE = 0.5  # seconds before what failed is tried again
SHOWN = 200  # characters of a record that is set aside
LAST = 4_102_444_800_000  # the year 2100, in ms
FLOW = {
    "time": int,
    "source": str,
    "destination": str,
    "port": int,
    "state": str,
    "bytes_out": int,
}
"""The fields of a flow."""
LOOKBACK = (UPLOAD + 1) * WINDOW  # seconds that the features look back


class Detector(Protocol):
    """What the worker needs of a detector."""

    threshold: float

    def score_one(self, host: str, start: int, features: Any) -> tuple[float, str]: ...


class Pipeline:
    """Flows in, pages out; the part of the worker that knows no broker.

    Parameters
    ----------
    detector : Detector, or Models
        The latter is asked before each batch which version is released.
    known : set of str
        As in `HostWindows`.
    store : AlertStore
        Holds, beside the pages, how far the reading has come.
    """

    def __init__(self, detector: Detector | Models, known: Set[str], store: AlertStore) -> None:
        self.detector, self.store = detector, store
        self.windows = HostWindows(known)
        self._marks: list[tuple[int, int]] = []  # window, offset of the first flow seen in it

    @property
    def start(self) -> int:
        """The offset at which to begin reading."""
        return self.store.progress("offset", 0)

    def handle(self, batch: Iterable[tuple[int, dict[str, Any]]]) -> int:
        """Take in flows with their offsets, in the order of the log; returns how many windows.

        A record with only a ``time`` is a tick of the clock: it closes windows. A flow that is
        dated into a window that is closed, as after a clock went back, is left out and counted, in
        the store's progress ``late``.
        """
        closed: list[HostWindow] = []
        late: list[int] = []
        for offset, flow in batch:
            window = flow["time"] // (1000 * WINDOW)
            if not self._marks or window > self._marks[-1][0]:
                self._marks.append((window, offset))
            if "source" in flow:
                before = self.windows.windows.n_late
                closed += self.windows.update(flow | {"id": flow.get("id", offset)})
                late += [offset] * (self.windows.windows.n_late > before)
            else:
                closed += self.windows.advance(flow["time"])
        if closed:
            self._act(closed)
        if late:
            self._count(late)
        return len(closed)

    def _count(self, late: list[int]) -> None:
        """Late flows, each once, though a restart reads them again."""
        with self.store.transaction():
            fresh = [offset for offset in late if offset > self.store.progress("late to", -1)]
            if fresh:
                self.store.set_progress("late", self.store.progress("late", 0) + len(fresh))
                self.store.set_progress("late to", fresh[-1])

    def _act(self, closed: list[HostWindow]) -> None:
        with self.store.transaction():
            done = self.store.progress("done", -1)
            fresh = [window for window in closed if window.start > done]
            if not fresh:
                return  # read again after a restart: all this was acted upon
            version, detector = self._released()
            for start, score, host, reason in _anomalies(detector, fresh):
                self.store.observe(host, start, score=score, reason=reason, model=version)
            last = fresh[-1].start
            self.store.set_progress("done", last)
            self.store.set_progress("windows", self.store.progress("windows", 0) + len(fresh))
            self.store.set_progress("offset", self._restart_from(last - LOOKBACK))

    def _released(self) -> tuple[str, Detector]:
        if isinstance(self.detector, Models):
            return self.detector.released()
        return "", self.detector

    def _restart_from(self, second: int) -> int:
        """The offset of the first flow that a reader must see again."""
        while len(self._marks) > 1 and self._marks[1][0] <= second // WINDOW:
            self._marks.pop(0)
        return self._marks[0][1]


def _anomalies(detector: Detector, windows: list[HostWindow]) -> list[tuple[int, float, str, str]]:
    """Those above the threshold, by time; of one time the worst first, who names the page."""
    found = []
    for host, start, features in windows:
        score, reason = detector.score_one(host, start, features)
        if score > detector.threshold:
            found.append((start, score / detector.threshold, host, reason))
    return sorted(found, key=lambda each: (each[0], -each[1], each[2]))


def work(
    servers: str, topic: str, file: str | Path, detector: Detector | None, known: Set[str]
) -> None:
    """Read a topic of one partition from where the store says, for ever.

    Without a detector it uses the one that is released in the same file.

    A record that cannot be read is set aside in the store. Where the store cannot be written, or
    the broker has lost the topic, the worker says so once and goes on when that is over: from the
    store's position, which is the beginning in a topic that was made anew.
    """
    store, said = AlertStore(file), ""
    while True:
        try:
            _follow(servers, topic, store, Pipeline(detector or Models(file), known, store))
        except ServiceError as error:
            if str(error) != said:
                print(error, flush=True)
            said = str(error)
            time.sleep(PAUSE)


def _follow(servers: str, topic: str, store: AlertStore, pipeline: Pipeline) -> None:
    from confluent_kafka import Consumer, TopicPartition

    watch = Watch(servers, topic)
    identity = watch.identities[topic] or 0
    if store.progress("log", identity) != identity:
        with store.transaction():  # another log: its first record has the offset 0 again
            store.set_progress("offset", 0)
            store.set_progress("late to", -1)
            store.set_progress("log", identity)
    store.set_progress("log", identity)
    source = f"{topic} {identity & 0xFFFFFFFF:08x}"  # offsets mean nothing in another log
    # the position is ours to keep, not the broker's: no group, no commits
    consumer = Consumer(
        {
            "bootstrap.servers": servers,
            "group.id": "none",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "log_level": 0,  # a broker that ends first is no news
        }
    )
    consumer.assign([TopicPartition(topic, PARTITION, pipeline.start)])
    try:
        while True:
            watch.check()
            messages = consumer.consume(BATCH, WAIT)
            good = [m for m in messages if m.error() is None]
            if len(good) < len(messages):
                time.sleep(0.1)  # the broker is away; the client library connects again
            pipeline.handle(_records(good, store, source))
    finally:
        watch.close()
        consumer.close()


def _records(
    messages: Iterable[Any], store: AlertStore, source: str
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Offset and content of those that can be read; the others are set aside in the store."""
    for message in messages:
        try:
            yield message.offset(), record(message.value())
        except ValueError as reason:
            shown = (message.value() or b"")[:SHOWN].decode(errors="replace")
            store.set_aside(source, message.offset(), str(reason), shown)


def record(raw: bytes | None) -> dict[str, Any]:
    """What a message says: a flow, or a tick with nothing but a ``time``, in ms since 1970.

    Raises
    ------
    ValueError
        With the reason, if it cannot be taken.

    Examples
    --------
    >>> record(b'{"time": 1772841600000}')
    {'time': 1772841600000}
    >>> record(b'{"time": NaN}')
    Traceback (most recent call last):
    ValueError: not JSON
    """
    found = read_object(raw)
    require(found, FLOW if "source" in found else {"time": int})
    for name, value in found.items():
        if isinstance(value, str) and not value.isprintable():  # half a character among others
            raise ValueError(f"{name} is no printable text")
    if not 0 <= found["time"] < LAST:  # one flow of the year 9999 would close all windows for good
        raise ValueError("time lies outside 1970 to 2100")
    if not 0 <= found.get("bytes_out", 0) < 2**53:
        raise ValueError("bytes_out is no count of bytes")
    return found


def deliver(file: str | Path, url: str) -> None:
    """Empty the outbox of a store into a webhook, for ever."""
    store = AlertStore(file)
    delivery = Delivery(store, url, base=0.05, longest=0.5, timeout=1.0)
    while True:
        delivery.run_once()
        time.sleep(WAIT)
