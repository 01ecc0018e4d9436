"""The feature store as a process: the log is its truth, a request makes it current.

A request carries payments with their offsets. If they follow on what the store has seen, it counts
them and answers; if there is a gap (it was stalled, or has just started anew), it first reads the
gap from the log. So nothing that the scorer decided without it is missing afterwards.
"""

from __future__ import annotations

import functools
import json
import os
import selectors
import socket
import struct
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from mlsd_kit.services.topics import Watch
from mlsd_kit.systems.fraud import history, log
from mlsd_kit.systems.fraud.names import DEAD, LABELS, PAYMENTS
from mlsd_kit.systems.fraud.state import PaymentState

HOST = "127.0.0.1"
IDLE = 0.02  # seconds between two looks at the labels
CONNECT = 0.05  # seconds
MOST_LINKS = 64  # connections kept at once: the one that was silent for longest makes room
MOST_BYTES = 1 << 20  # of a request: 64 payments take about ten thousand
STALL = 0.2  # seconds that a request may stop in the middle, while all others wait


class Store:
    """Keeps a `PaymentState` current: its position is the next offset that it has not counted."""

    def __init__(self, state: PaymentState, servers: str) -> None:
        self.state, self.servers = state, servers
        self.position = 0

    def answer(self, messages: Sequence[log.Entry]) -> list[tuple[float, ...]]:
        """Features of these payments, after all payments before them in the log."""
        first, last = messages[0][0], messages[-1][0]
        if first > self.position:
            for _, payment in log.read(self.servers, PAYMENTS, self.position, first):
                self.state.update(payment)
        answers = [self.state.update(payment) for _, payment in messages if payment is not None]
        self.position = max(self.position, last + 1)
        return answers


def serve(servers: str, port: int, past: Path) -> None:
    """Answer requests until the process is ended; take in labels as they come.

    Raises
    ------
    LogLostError
        If the broker has lost its log: the state would no longer be what it was made from.
    """
    log.create(servers, PAYMENTS, LABELS, DEAD)  # a broker restarted empty has none
    watch, out = Watch(servers, PAYMENTS, LABELS), log.producer(servers)
    bury = functools.partial(log.bury, out)
    store, position = Store(history.restore(past), servers), 0
    for offset, label in log.read(servers, LABELS, aside=bury):
        store.state.label(label)
        position = offset + 1
    labels = log.consumer(servers, LABELS, position)
    links = Links(socket.create_server((HOST, port)), store)
    print(f"ready {os.getpid()}", flush=True)
    while True:
        watch.check()
        links.wait(IDLE)
        for _, label in log.values(labels.consume(500, 0), bury):
            store.state.label(label)
        links.serve()
        out.poll(0)


class Links:
    """The store's connections: a client that sends nonsense, half a request or nothing hurts none.

    Parameters
    ----------
    listener : socket
        Listening.
    store : Store
    """

    def __init__(self, listener: socket.socket, store: Store) -> None:
        self._listener, self._store = listener, store
        self._open: dict[int, Connection] = {}  # by file number; the one used last stands last
        self._ready: list[int] = []
        self._selector = selectors.DefaultSelector()  # select() would fail from file 1024 on
        self._selector.register(listener, selectors.EVENT_READ)

    def wait(self, seconds: float) -> None:
        """Wait until somebody has sent something, or the time is over."""
        self._ready = [key.fd for key, _ in self._selector.select(seconds)]

    def serve(self) -> None:
        """Answer whoever has sent something, and let new ones in."""
        for number in self._ready:
            if number == self._listener.fileno():
                self._accept()
            elif number in self._open:  # a new one may have taken its place meanwhile
                link = self._open.pop(number)
                self._open[number] = link
                if not _served(link, self._store):
                    self._close(number)
        self._ready = []

    def _accept(self) -> None:
        plain = self._listener.accept()[0]
        if len(self._open) >= MOST_LINKS:
            self._close(next(iter(self._open)))
        link = _connection(plain, STALL)
        self._open[link.fileno()] = link
        self._selector.register(link, selectors.EVENT_READ)

    def _close(self, number: int) -> None:
        self._selector.unregister(number)
        self._open.pop(number).close()


def _served(link: Connection, store: Store) -> bool:
    """Answer one request; False if the other side is gone, or sends what is none."""
    try:
        number, messages = json.loads(link.recv_bytes(MOST_BYTES))
        link.send_bytes(json.dumps([number, store.answer(messages)]).encode())
    except (EOFError, OSError):
        return False
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        print(f"hung up on a client that sent no request: {error!r}", flush=True)
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

    def ask(self, messages: Sequence[log.Entry]) -> list[list[float]] | None:
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


def _connection(plain: socket.socket, stall: float = 0.0) -> Connection:
    """The socket as a connection; one that stops in the middle for too long is an OSError."""
    plain.settimeout(None)
    if stall:
        wait = struct.pack("ll", int(stall), int(1e6 * (stall % 1)))
        for way in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            plain.setsockopt(socket.SOL_SOCKET, way, wait)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a reply is not to wait for more
    return Connection(plain.detach())
