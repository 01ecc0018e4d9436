"""The feature store as a process: the log is its truth, a request makes it current.

A request carries payments with their offsets. If they follow on what the store has seen, it counts
them and answers; if there is a gap (it was stalled, or has just started anew), it first reads the
gap from the log. So nothing that the scorer decided without it is missing afterwards.
"""

from __future__ import annotations

import json
import os
import select
import socket
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from mlsd_kit.systems.fraud import history, log
from mlsd_kit.systems.fraud.names import LABELS, PAYMENTS
from mlsd_kit.systems.fraud.state import PaymentState

HOST = "127.0.0.1"
IDLE = 0.02  # seconds between two looks at the labels
CONNECT = 0.05  # seconds


class Store:
    """Keeps a `PaymentState` current: its position is the next offset that it has not counted."""

    def __init__(self, state: PaymentState, servers: str) -> None:
        self.state, self.servers = state, servers
        self.position = 0

    def answer(self, messages: list[log.Message]) -> list[tuple[float, ...]]:
        """Features of these payments, after all payments before them in the log."""
        first, last = messages[0][0], messages[-1][0]
        if first > self.position:
            for _, payment in log.read(self.servers, PAYMENTS, self.position, first):
                self.state.update(payment)
        answers = [self.state.update(payment) for _, payment in messages]
        self.position = max(self.position, last + 1)
        return answers


def serve(servers: str, port: int, past: Path) -> None:
    """Answer requests until the process is ended; take in labels as they come."""
    store, position = Store(history.restore(past), servers), 0
    for offset, label in log.read(servers, LABELS):
        store.state.label(label)
        position = offset + 1
    labels = log.consumer(servers, LABELS, position)
    listener = socket.create_server((HOST, port))
    scorers: list[Connection] = []
    print(f"ready {os.getpid()}", flush=True)
    while True:
        sources: list[Any] = [listener, *scorers]
        ready = select.select(sources, [], [], IDLE)[0]
        for _, label in log.values(labels.consume(500, 0)):
            store.state.label(label)
        for source in ready:
            if source is listener:
                scorers.append(_connection(listener.accept()[0]))
            elif not _served(source, store):
                scorers.remove(source)


def _served(link: Connection, store: Store) -> bool:
    """Answer one request; False if the other side is gone."""
    try:
        number, messages = json.loads(link.recv_bytes())
        link.send_bytes(json.dumps([number, store.answer(messages)]).encode())
    except (EOFError, OSError):
        link.close()
        return False
    return True


class StoreClient:
    """Asks the store, and never waits longer than ``timeout``.

    After one time-out it only looks whether the late answer has come, and asks again from then on:
    a stalled store costs one time-out, not one a batch (a circuit breaker).
    """

    def __init__(self, port: int, timeout: float) -> None:
        self.port, self.timeout = port, timeout
        self._link: Connection | None = None
        self._asked = self._answered = 0

    def ask(self, messages: list[log.Message]) -> list[list[float]] | None:
        """Features of a batch; None if the store does not answer in time."""
        try:
            if self._link is None:
                self._link = _connection(socket.create_connection((HOST, self.port), CONNECT))
                self._answered = self._asked
            if self._asked != self._answered and self._receive(0) is None:
                return None
            self._asked += 1
            self._link.send_bytes(json.dumps([self._asked, messages]).encode())
            return self._receive(self.timeout)
        except (EOFError, OSError):
            self._link = None
            return None

    def _receive(self, timeout: float) -> Any:
        assert self._link is not None
        if not self._link.poll(timeout):
            return None
        self._answered, answers = json.loads(self._link.recv_bytes())
        return answers


def _connection(plain: socket.socket) -> Connection:
    plain.settimeout(None)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a reply is not to wait for more
    return Connection(plain.detach())
