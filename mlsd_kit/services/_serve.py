"""Serve one ASGI app in this process: ``python -m mlsd_kit.services._serve APP PORT FILE BYTES``.

``APP`` is ``module:name``, ``file.py:name`` or ``pickle:file``. The app listens on 127.0.0.1, on
``PORT`` (0: any). Once it answers, ``FILE`` holds its port and process id; a later run reads the
port from there, so that a restarted service is found where it was. ``BYTES`` bounds a body.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import os
import pickle
import socket
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn

from mlsd_kit.files import write_atomic
from mlsd_kit.services._sturdy import ImpatientProtocol, Sturdy, allow_many_connections
from mlsd_kit.services.ports import HOST


def load(app: str) -> Any:
    """The ASGI app that ``app`` names; a function that needs no arguments is called for it."""
    where, _, name = app.rpartition(":")
    if where == "pickle":
        found = pickle.loads(Path(name).read_bytes())
    elif where.endswith(".py"):
        found = getattr(_module(Path(where)), name)
    else:
        found = getattr(importlib.import_module(where), name)
    is_function = inspect.isroutine(found) or isinstance(found, partial)
    return found() if is_function and not _needed(found) else found


def _needed(function: Callable[..., Any]) -> bool:
    """Whether it cannot be called without arguments."""
    parameters = inspect.signature(function).parameters.values()
    return any(
        p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters
    )


def _module(file: Path) -> Any:
    spec = importlib.util.spec_from_file_location(file.stem, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    sys.path.insert(0, str(file.parent))
    spec.loader.exec_module(module)
    return module


class _Server(uvicorn.Server):
    """Says so once it listens and its app has started."""

    def __init__(self, config: uvicorn.Config, file: Path, message: str) -> None:
        super().__init__(config)
        self._file, self._message = file, message

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            write_atomic(self._file, self._message)


def listen(port: int) -> socket.socket:
    """A socket bound to ``port`` (0: any).

    It says that it speaks TCP: otherwise asyncio leaves Nagle's algorithm on, and each answer waits
    about 40 ms for the client's acknowledgement of its first part.
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((HOST, port))
    return listening


def main(app: str, port: int, file: Path, most_body: int) -> int:
    """Serve until told to end."""
    if not port and file.exists():
        port = int(file.read_text().split()[0])
    allow_many_connections()
    listening = listen(port)
    config = uvicorn.Config(
        Sturdy(load(app), most_body),
        http=ImpatientProtocol,
        log_level="warning",
        access_log=False,
        lifespan="auto",
    )
    server = _Server(config, file, f"{listening.getsockname()[1]} {os.getpid()}")
    server.run(sockets=[listening])
    return 0 if server.started else 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])))
