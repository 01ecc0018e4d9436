"""A load balancer, as a context manager, and its runtime socket."""

from __future__ import annotations

import contextlib
import csv
import os
import re
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mlsd_kit.services.address import Address
from mlsd_kit.services.errors import ServiceError
from mlsd_kit.services.ports import HOST, listening
from mlsd_kit.services.process import Process, new_folder, supervised
from mlsd_kit.services.programs import programs

ENVIRONMENT = "MLSD_BALANCER_URL"
SOCKET = "MLSD_BALANCER_SOCKET"
PROXY = "servers"  # what the backends' section is called, here and in a balancer of the user's own
MOST_WEIGHT = 256
LONGEST_PATH = 100  # bytes: the system takes a few more for a socket's address
POLL = 0.02  # seconds between two looks at a backend that is waited for


@dataclass(frozen=True)
class Backend:
    """What the balancer says of one backend."""

    state: str
    """``"up"``; ``"down"`` (its checks fail); ``"drain"`` (nothing new comes, also at weight 0);
    ``"maint"`` (taken out)."""
    weight: int
    """Its share of the traffic is this over the sum of those that are up."""
    busy: int
    """Requests that it works on."""
    queued: int
    """Requests that wait for it."""
    requests: int
    """Requests that it was given since the start."""
    errors: int
    """Connections that failed and answers that did not come since the start."""


@contextlib.contextmanager
def balancer(
    backends: Mapping[str, str],
    *,
    balance: str = "roundrobin",
    weights: Mapping[str, int] | None = None,
    at_once: int | None = None,
    queue: float = 5.0,
    answer: float = 30.0,
    retries: int = 2,
    check: str | None = None,
    errors: int | None = None,
    port: int | None = None,
    timeout: float = 20.0,
) -> Iterator[Balancer]:
    """A real load balancer (HAProxy) before web services while the block runs.

    Parameters
    ----------
    backends : mapping of str to str
        Names and addresses: ``{"v1": "http://127.0.0.1:8001"}``.
    balance : str, default="roundrobin"
        HAProxy's rule: ``"roundrobin"``, ``"leastconn"``, ``"random(1)"``.
    weights : mapping of str to int, default=None
        0 to 256; those that are not named have 100.
    at_once : int, default=None
        Requests that one backend gets at a time: more wait in a queue. None sets no limit.
    queue : float, default=5
        Seconds that a request waits in it before it is answered with 503.
    answer : float, default=30
        Seconds that a backend has for an answer before the client hears 504.
    retries : int, default=2
        How often a request goes to another backend when one refuses the connection or ends it
        without an answer.
    check : str, default=None
        A path that is asked for once a second; a backend whose status is not 2xx or 3xx three times
        is left out, and is back after two good ones. None only connects.
    errors : int, default=None
        A backend is also left out after so many failures (5xx, nothing) in a row. None: only checks
        decide.
    port : int, default=None
        None takes a free one.
    timeout : float, default=20
        Seconds until it must answer.

    Yields
    ------
    Balancer
        ``"http://127.0.0.1:PORT"``, with its `process`, and `states()`, `weigh()`, `drain()` and
        `ready()`. A restarted one has the same address, and the weights and states of its start.
        If ``$MLSD_BALANCER_URL`` is set, that is yielded and nothing is started: it must have the
        backends in a section ``servers``, and ``$MLSD_BALANCER_SOCKET`` must name its runtime
        socket (a path or ``HOST:PORT``) for whoever looks at states or sets them.

    Raises
    ------
    ServiceError
        If a backend has no host and port, a weight is out of range, the port is in use, the
        program is missing, or it does not answer in time.

    Notes
    -----
    A backend that died may have done what it was asked: with retries it is done again elsewhere.
    Use ``retries=0`` where twice is worse than not at all. Clients have five seconds to send a
    request's head.

    Examples
    --------
    >>> import httpx
    >>> from mlsd_kit.services import http_service
    >>> def hello():
    ...     from fastapi import FastAPI
    ...     app = FastAPI()
    ...     app.get("/")(lambda: "hello")
    ...     return app
    >>> with http_service(hello) as one, balancer({"one": one}) as url:
    ...     httpx.get(url).json(), url.states()["one"].state
    ('hello', 'up')
    """
    own = os.environ.get(ENVIRONMENT)
    if own:
        yield Balancer(own.rstrip("/"), None, os.environ.get(SOCKET, ""))
        return
    servers = _servers(backends, dict(weights or {}), at_once, check is not None, errors)
    settings = [
        f"balance {balance}",
        f"timeout queue {_ms(queue)}",
        f"timeout server {_ms(answer)}",
        f"retries {retries}",
        *(["option redispatch 1", "retry-on conn-failure empty-response"] if retries else []),
        *([] if check is None else [f"option httpchk GET {check}"]),
    ]
    for word in (balance, check or ""):
        if len(word.splitlines()) > 1:
            raise ServiceError(f"{word!r} has more than one line: `balance` and `check` have one.")
    with listening(lambda at: _haproxy([*settings, *servers], at, timeout), port) as (at, child):
        yield Balancer(f"http://{HOST}:{at}", child, str(child.folder / "socket"))


class Balancer(Address):
    """A balancer's address, which also looks at its backends and sets their weights and states.

    Attributes
    ----------
    process : Process or None
        As every `Address` has it.
    socket : str
        Its runtime socket: a path or ``HOST:PORT``.
    """

    socket: str

    def __new__(cls, text: str, process: Process | None = None, socket: str = "") -> Balancer:
        """The address ``text``, served by ``process``, told what to do by ``socket``."""
        address = super().__new__(cls, text, process)
        assert isinstance(address, Balancer)
        address.socket = socket
        return address

    def states(self) -> dict[str, Backend]:
        """Every backend by its name, as the balancer sees it now.

        Raises
        ------
        ServiceError
            If the runtime socket does not answer.
        """
        lines = tell(self.socket, "show stat").lstrip("# ").splitlines()
        rows = csv.DictReader(lines)
        return {
            row["svname"]: Backend(
                state=_state(row["status"]),
                weight=int(row["weight"]),
                busy=int(row["scur"]),
                queued=int(row["qcur"]),
                requests=int(row["stot"]),
                errors=int(row["econ"]) + int(row["eresp"]),
            )
            for row in rows
            if row["pxname"] == PROXY and row["svname"] not in ("FRONTEND", "BACKEND")
        }

    def weigh(self, name: str, weight: int) -> None:
        """Give a backend another weight, 0 to 256, from the next request on.

        Raises
        ------
        ServiceError
            If there is no such backend, or the weight is out of range.
        """
        _check_weight(name, weight)
        self._set(name, f"weight {weight}")

    def drain(self, name: str, timeout: float = 30.0) -> None:
        """Send it nothing new, and wait until it has answered what it has.

        Raises
        ------
        ServiceError
            If there is no such backend, or it still works after ``timeout`` seconds.
        """
        self._set(name, "state drain")
        self._wait(name, timeout, "still works", lambda now: now.busy + now.queued == 0)

    def ready(self, name: str, timeout: float = 30.0) -> None:
        """Send it requests again, and wait until the balancer finds it well.

        Raises
        ------
        ServiceError
            If there is no such backend, or it does not pass its checks within ``timeout`` seconds.
        """
        self._set(name, "state ready")
        self._wait(name, timeout, "is not up", lambda now: now.state in ("up", "drain"))

    def _set(self, name: str, what: str) -> None:
        if said := tell(self.socket, f"set server {PROXY}/{name} {what}"):
            raise ServiceError(f"the balancer did not take `{what}` for {name!r}: {said}")

    def _wait(
        self, name: str, timeout: float, otherwise: str, good: Callable[[Backend], bool]
    ) -> None:
        end = time.monotonic() + timeout
        while not good(now := self.states()[name]):
            if time.monotonic() > end:
                raise ServiceError(
                    f"the balancer's backend {name!r} {otherwise} after {timeout:g} s ({now})."
                )
            time.sleep(POLL)


def tell(place: str, command: str) -> str:
    """One command to a runtime socket, and what it says.

    Raises
    ------
    ServiceError
        If nothing answers there.
    """
    if not place:
        raise ServiceError(
            f"this balancer has no runtime socket: set {SOCKET} to its path or HOST:PORT."
        )
    try:
        with _connect(place) as link:
            link.sendall(f"{command}\n".encode())
            return b"".join(iter(lambda: link.recv(65536), b"")).decode(errors="replace").strip()
    except OSError as error:
        raise ServiceError(
            f"the balancer's runtime socket {place} does not answer ({error.strerror or error}): "
            "start the balancer, or correct the address."
        )


@contextlib.contextmanager
def _connect(place: str) -> Iterator[socket.socket]:
    """A connection to a socket, also where its path is longer than the system takes."""
    with contextlib.ExitStack() as stack:
        host, _, port = place.rpartition(":")
        if port.isdigit() and "/" not in place:
            yield stack.enter_context(socket.create_connection((host, int(port)), timeout=5))
            return
        link = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        link.settimeout(5)
        if len(os.fsencode(place)) > LONGEST_PATH and Path("/proc/self/fd").is_dir():
            folder = os.open(Path(place).parent, os.O_RDONLY)
            stack.callback(os.close, folder)
            place = f"/proc/self/fd/{folder}/{Path(place).name}"
        link.connect(place)
        yield link


def _state(status: str) -> str:
    """The first word: ``"UP 1/3"`` is up until all three checks have failed."""
    word = status.split()[0].lower()
    return "up" if status == "no check" else word


def _ms(seconds: float) -> int:
    """Milliseconds; HAProxy takes 0 for no limit, so at least one."""
    return max(1, round(1000 * seconds))


def _check_weight(name: str, weight: int) -> None:
    if not 0 <= weight <= MOST_WEIGHT:
        raise ServiceError(f"{name!r} has the weight {weight}: give 0 to {MOST_WEIGHT}.")


def _servers(
    backends: Mapping[str, str],
    weights: dict[str, int],
    at_once: int | None,
    http: bool,
    errors: int | None,
) -> list[str]:
    """The lines of the configuration that name the backends."""
    if not backends:
        raise ServiceError("a balancer needs backends: give at least one name and address.")
    if unknown := sorted(weights.keys() - backends.keys()):
        raise ServiceError(f"there are weights for {', '.join(unknown)}, which are no backends.")
    lines = []
    for name, address in backends.items():
        found = re.fullmatch(r"(?:http://)?([\w.-]+:\d+)/?", address)
        if not found or not re.fullmatch(r"[\w.-]+", name):
            raise ServiceError(
                f"{name!r} at {address!r} is no backend: give a name of letters, digits and _.- "
                "and an address such as http://127.0.0.1:8001."
            )
        _check_weight(name, weight := weights.get(name, 100))
        line = f"server {name} {found[1]} weight {weight} check inter 1s fall 3 rise 2"
        line += "" if at_once is None else f" maxconn {at_once}"
        line += "" if errors is None else (
            f" observe layer7 error-limit {errors} on-error mark-down"
        )  # fmt: skip
        lines.append(line)
    return lines


CONFIGURATION = """\
global
    maxconn 4000
    no strict-limits
    nbthread 1
    noreuseport
    log stdout format raw local0 notice
    stats socket unix@socket mode 600 level admin

defaults
    mode http
    log global
    timeout connect 2s
    timeout client 60s
    timeout http-request 5s
    timeout http-keep-alive 60s

listen {proxy}
    bind {host}:{port}
    {rest}
"""


@contextlib.contextmanager
def _haproxy(settings: list[str], port: int, timeout: float) -> Iterator[Process]:
    program = programs()["haproxy"].path()
    folder = new_folder("balancer")
    text = CONFIGURATION.format(proxy=PROXY, host=HOST, port=port, rest="\n    ".join(settings))
    (folder / "haproxy.cfg").write_text(text)
    child = Process(
        [str(program), "-db", "-C", str(folder), "-f", "haproxy.cfg"],
        name="balancer",
        env=None,
        ready=lambda child: _answers(str(folder / "socket"), child.pid),
        timeout=timeout,
        folder=folder,
    )
    with supervised(child):
        yield child


def _answers(place: str, pid: int) -> bool:
    """True if *this* balancer takes requests, by its own word: it binds its port first."""
    try:
        return f"Pid: {pid}" in tell(place, "show info").splitlines()
    except ServiceError:
        return False
