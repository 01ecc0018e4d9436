"""A web service in a process of its own, as a context manager."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mlsd_kit.services.address import Address
from mlsd_kit.services.errors import ServiceError
from mlsd_kit.services.ports import HOST, refuse_taken
from mlsd_kit.services.process import process

MOST_BODY = 1 << 20  # bytes of a request


@contextlib.contextmanager
def http_service(
    app: str | Callable[..., Any],
    *,
    name: str | None = None,
    port: int | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = 60.0,
    most_body: int = MOST_BODY,
) -> Iterator[Address]:
    """A FastAPI (or other ASGI) app on 127.0.0.1, in a process of its own.

    Parameters
    ----------
    app : str, or callable
        ``"module:app"``, ``"path/to/file.py:app"``, the app itself, or a function that makes it
        (one from a notebook's cell, too; what it uses is copied to the new process).
    name : str, default=None
        With a name, the environment variable ``MLSD_HTTP_<NAME>`` may hold the address of a server
        of your own: it is yielded and nothing is started.
    port : int, default=None
        None takes a free one.
    env : mapping, default=None
        Environment variables for it, beside those of this process.
    timeout : float, default=60
        Seconds until it must answer.
    most_body : int, default=1,048,576
        Bytes of a request's body: a longer one is answered with 413.

    Yields
    ------
    Address
        ``"http://127.0.0.1:PORT"``, with its `process`; a restart keeps the port.

    Raises
    ------
    ServiceError
        If the port is in use, the app cannot be imported, or it does not answer in time.

    Notes
    -----
    A client has five seconds to send a request, and a second more for each 100 kB of it; a
    connection on which none is whole by then is closed, so that idle ones do not pile up.

    Examples
    --------
    >>> import httpx
    >>> def hello():
    ...     from fastapi import FastAPI
    ...     app = FastAPI()
    ...     app.get("/")(lambda: "hello")
    ...     return app
    >>> with http_service(hello) as url:
    ...     httpx.get(url).json()
    'hello'
    """
    own = os.environ.get(f"MLSD_HTTP_{name.upper()}") if name else None
    if own:
        yield Address(own.rstrip("/"))
        return
    refuse_taken(port)
    with tempfile.TemporaryDirectory(prefix="mlsd-http-") as folder:
        started = Path(folder, "started")
        target = _target(app, Path(folder))
        serve = [sys.executable, "-m", "mlsd_kit.services._serve"]
        service = process(
            [*serve, target, str(port or 0), str(started), str(most_body)],
            name=name or _name(app),
            env=env,
            ready=lambda child: started.exists() and _read(started)[1] == child.pid,
            timeout=timeout,
        )
        with service as child:
            yield Address(f"http://{HOST}:{_read(started)[0]}", child)


def _read(started: Path) -> tuple[int, int]:
    """The port and the process id of the server that last started."""
    port, pid = started.read_text().split()
    return int(port), int(pid)


def _target(app: str | Callable[..., Any], folder: Path) -> str:
    if not isinstance(app, str):
        import cloudpickle

        file = folder / "app.pickle"
        file.write_bytes(cloudpickle.dumps(app))
        return f"pickle:{file}"
    where, colon, name = app.rpartition(":")
    if not colon or not where or not name:
        raise ServiceError(f"{app!r} names no app: write 'module:app' or 'path/to/file.py:app'.")
    if not where.endswith(".py"):
        return app
    file = Path(where).resolve()
    if not file.is_file():
        raise ServiceError(f"there is no file {file}: correct {app!r}.")
    return f"{file}:{name}"


def _name(app: str | Callable[..., Any]) -> str:
    if isinstance(app, str):
        return Path(app.rpartition(":")[0]).stem
    return getattr(app, "__name__", "app")
