"""One experiment: a fresh broker, the pipeline, a producer and a reader, and all ended after it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
from confluent_kafka import Producer

from mlsd_kit.services import broker
from mlsd_kit.services.load import Load, Measured
from mlsd_kit.systems.fraud import load, log
from mlsd_kit.systems.fraud.pipeline import Pipeline, pipeline

WARM_UP = 1.0  # seconds of load that no figure counts: connections open, caches fill
AT_FIRST = 100  # payments a second, while warming up


class Trial:
    """A running system and the payments that are still to be sent to it."""

    def __init__(
        self,
        servers: str,
        system: Pipeline,
        reader: load.Reader,
        out: Producer,
        messages: list[dict[str, Any]],
    ) -> None:
        self.servers, self.system, self.reader = servers, system, reader
        self.measured: Measured | None = None
        """What the last offer measured."""
        self._out, self._messages = out, iter(messages)

    def take(self, count: int) -> list[dict[str, Any]]:
        """The next payments that nobody has sent yet."""
        return [next(self._messages) for _ in range(count)]

    def offer(
        self, messages: list[dict[str, Any]], timetable: Load | float
    ) -> list[dict[str, Any]]:
        """Send these and return all decisions on them.

        Parameters
        ----------
        messages : list of dict
            Payments.
        timetable : Load or float
            When each is due; a number is payments a second, at even distances.

        Returns
        -------
        list of dict
            Payments without a decision after 30 seconds are left out: count.
        """
        if not isinstance(timetable, Load):
            timetable = Load(timetable, len(messages) / timetable, poisson=False)
        sent = load.send(self._out, messages, timetable)
        decisions = self.reader.wait({message["id"] for message in messages})
        self.measured = load.measured(sent, messages, decisions)
        return decisions


@contextlib.contextmanager
def trial(
    past: Path, live: pd.DataFrame, confirmed: pd.DataFrame | None = None, **settings: Any
) -> Iterator[Trial]:
    """Start everything, warm it up, and end it with the block.

    Each trial has a log of its own, because a long one slows this broker down.

    Parameters
    ----------
    past : Path
        The store's history.
    live : DataFrame
        The payments to be sent, in order; the first hundred warm the system up.
    confirmed : DataFrame, default=None
        Payments whose labels the analysts send first.
    **settings
        For `mlsd_kit.systems.fraud.pipeline.pipeline`.

    Yields
    ------
    Trial
    """
    with broker() as servers, pipeline(servers, past, **settings) as system:
        if confirmed is not None:
            load.send_labels(servers, confirmed)
        reader, out = load.Reader(servers), log.producer(servers)
        try:
            running = Trial(servers, system, reader, out, load.messages(live))
            running.offer(running.take(int(WARM_UP * AT_FIRST)), AT_FIRST)
            yield running
        finally:
            reader.close()
            out.close()  # a broker waits five seconds for connections that are left open
