"""Ports of the loopback interface: a free one, and a server on it."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator
from typing import TypeVar

from mlsd_kit.services.errors import ServiceError

HOST = "127.0.0.1"
ATTEMPTS = 3
TAKEN = ("in use", "AddrInUse")  # what servers say of a port that somebody else has

Server = TypeVar("Server")


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody listens on now.

    Another process may take it before you do: who uses it must be ready to try the next one.

    Examples
    --------
    >>> 1024 <= free_port() <= 65535
    True
    """
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def is_taken(port: int) -> bool:
    """True if somebody listens on that port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((HOST, port)) == 0


def refuse_taken(port: int | None) -> None:
    """Raise `ServiceError` if somebody listens on the port that was asked for."""
    if port is not None and is_taken(port):
        raise ServiceError(
            f"port {port} is in use: leave `port` out to get a free one, or end what listens there."
        )


@contextlib.contextmanager
def listening(
    start: Callable[[int], contextlib.AbstractContextManager[Server]], port: int | None = None
) -> Iterator[tuple[int, Server]]:
    """A server on this port, or on a free one; a free one that is lost to another is no error.

    Parameters
    ----------
    start : callable
        Starts the server on a port, as a context manager.
    port : int, default=None
        None takes a free one, and another one if somebody binds it first: three times.

    Yields
    ------
    tuple of int and what ``start`` yields
        The port and the server.

    Raises
    ------
    ServiceError
        If the port is in use, or the server does not start.
    """
    refuse_taken(port)
    with contextlib.ExitStack() as stack:
        for attempt in range(1, ATTEMPTS + 1):
            at = port or free_port()
            try:
                server = stack.enter_context(start(at))
                break
            except ServiceError as error:
                lost = port is None and any(word in str(error) for word in TAKEN)
                if attempt == ATTEMPTS or not lost:
                    raise
        yield at, server
