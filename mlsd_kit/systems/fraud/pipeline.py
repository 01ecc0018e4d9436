"""Store and scorer as supervised processes, started and ended together."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mlsd_kit.services import Process, process
from mlsd_kit.services.ports import listening
from mlsd_kit.systems.fraud import log, scorer, store
from mlsd_kit.systems.fraud.names import DEAD, DECISIONS, LABELS, PAYMENTS


@dataclass(frozen=True)
class Pipeline:
    """The two processes, for experiments with them."""

    store: Process
    scorer: Process

    @contextlib.contextmanager
    def stalled_store(self) -> Iterator[None]:
        """The store hangs while the block runs: alive, its port open, and silent."""
        os.kill(self.store.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.store.pid, signal.SIGCONT)


@contextlib.contextmanager
def pipeline(
    servers: str,
    past: Path,
    *,
    champion: Path,
    fallback: Path,
    shadow: Path | None = None,
    alarm: float = 5.0,
) -> Iterator[Pipeline]:
    """A feature store and a scorer between the topics of a broker.

    Parameters
    ----------
    servers : str
        The broker, as `mlsd_kit.services.broker` yields it.
    past : Path
        The history that the store starts with, as `mlsd_kit.systems.fraud.history.save` wrote it.
    champion, fallback : Path
        Models in ONNX: of the 15 features, and of the first three for a silent store.
    shadow : Path, default=None
        A model that scores everything and decides nothing.
    alarm : float, default=5.0
        Dollars that blocking a genuine payment costs.

    Yields
    ------
    Pipeline
        With `store` and `scorer`, each with `kill()`, `restart()`, `pid`, `log`.

    Raises
    ------
    ServiceError
        If one of the processes does not start.
    """
    log.create(servers, PAYMENTS, LABELS, DECISIONS, DEAD)

    def start_store(port: int) -> contextlib.AbstractContextManager[Process]:
        serve = functools.partial(store.serve, str(servers), port, past)
        return process(serve, name="store", ready=_ready)

    with listening(start_store) as (port, one):
        settings = scorer.Settings(str(servers), port, champion, fallback, shadow, alarm)
        serve = functools.partial(scorer.serve, settings)
        with process(serve, name="scorer", ready=_ready) as other:
            yield Pipeline(one, other)


def _ready(child: Process) -> bool:
    return f"ready {child.pid}" in child.tail()  # the log holds what earlier starts said
