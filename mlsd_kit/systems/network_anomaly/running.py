"""The running system: broker, worker, sender and receiver, started together and ended together."""

from __future__ import annotations

import json
import os
import signal
import tempfile
import time
from collections.abc import Iterable, Iterator, Set
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pandas as pd

from mlsd_kit.services import Process, broker, http_service, process
from mlsd_kit.services.alerts import AlertStore, receiver
from mlsd_kit.services.contracts import Topic
from mlsd_kit.systems.network_anomaly.limits import Limits
from mlsd_kit.systems.network_anomaly.models import Models
from mlsd_kit.systems.network_anomaly.worker import PARTITION, deliver, work

FIELDS = {"time": "int", "source": "str", "destination": "str", "port": "int", "state": "str"}
FLOWS = Topic("flows", FIELDS | {"bytes_out": "int"}, "source", 1, "while the broker runs")
"""``time`` is in ms since 1970; a record with a time alone is a tick of the clock."""


def records(flows: pd.DataFrame) -> list[dict[str, Any]]:
    """Flows of a table as events of the topic."""
    times = flows["time"].to_numpy(dtype="datetime64[ms]").astype(np.int64)
    plain = flows[[name for name, _ in FLOWS.fields]]
    plain = plain.assign(time=times, state=flows["state"].astype(str))
    return [dict(zip(plain.columns, row, strict=True)) for row in plain.to_numpy().tolist()]


class System:
    """What `running` starts."""

    def __init__(self, stack: ExitStack, known: Set[str], releases: dict[str, Limits]) -> None:
        from confluent_kafka import Producer
        from confluent_kafka.admin import AdminClient, NewTopic

        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        self.file = folder / "alerts.db"
        self.store, self.models = AlertStore(self.file), Models(self.file)
        for version, detector in releases.items():
            self.models.register(version, detector)
        self.models.release(next(iter(releases)))
        servers = stack.enter_context(broker())
        admin = AdminClient({"bootstrap.servers": servers, "log_level": 0})
        admin.create_topics([NewTopic(FLOWS.name, FLOWS.partitions)])[FLOWS.name].result(20)
        self._producer = Producer({"bootstrap.servers": servers, "log_level": 0, "linger.ms": 1})
        app = partial(receiver, folder / "inbox.db", lose_answers=2)
        self.url = stack.enter_context(http_service(app))
        job = partial(work, str(servers), FLOWS.name, self.file, None, known)
        send = partial(deliver, self.file, f"{self.url}/alerts")
        self.worker = stack.enter_context(process(job, name="worker"))
        self.sender = stack.enter_context(process(send, name="sender"))
        assert servers.process is not None and self.url.process is not None
        self.broker: Process = servers.process
        self.receiver: Process = self.url.process

    def produce(self, events: Iterable[dict[str, Any]], *, wait: bool = True) -> None:
        """Put events into the topic; with ``wait``, until the broker has taken all of them."""
        for number, event in enumerate(events):
            self._producer.produce(FLOWS.name, json.dumps(event), partition=PARTITION)
            if number % 1000 == 0:
                self._producer.poll(0)
        if wait and (left := self._producer.flush(30)):
            raise TimeoutError(f"the broker has not taken {left} events.")

    def windows(self) -> int:
        """Host-windows that the worker has handled."""
        return self.store.progress("windows", 0)

    def reach(self, windows: int, seconds: float = 120.0) -> int:
        """Wait until so many host-windows are handled and no message waits; how many they are."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.windows() >= windows and not self.store.count("waiting"):
                break
            time.sleep(0.02)
        return self.windows()

    def received(self) -> pd.DataFrame:
        """What the webhook has, one row a message, in the order in which they came."""
        return pd.DataFrame(httpx.get(f"{self.url}/alerts", timeout=30).json())

    def close(self) -> None:
        """Close what is open in this process."""
        self._producer.flush(5)
        del self._producer  # gone before its broker goes
        self.store.close()
        self.models.close()


@contextmanager
def running(known: Set[str], releases: dict[str, Limits]) -> Iterator[System]:
    """Broker, worker, sender and receiver while the block runs.

    Parameters
    ----------
    known : set of str
        As in `HostWindows`.
    releases : dict of str to Limits
        Detectors by version; the first one is released.
    """
    with ExitStack() as stack:
        system = System(stack, known, releases)
        try:
            yield system
        finally:
            system.close()


@contextmanager
def hung(child: Process) -> Iterator[None]:
    """A process that holds still while the block runs, and then goes on."""
    os.kill(child.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(child.pid, signal.SIGCONT)
