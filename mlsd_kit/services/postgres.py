"""A PostgreSQL server, as a context manager."""

from __future__ import annotations

import atexit
import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from mlsd_kit.services import _postgres
from mlsd_kit.services._postgres_files import ENVIRONMENT, data_folder, programs, reachable
from mlsd_kit.services.address import Address
from mlsd_kit.services.errors import ServiceError
from mlsd_kit.services.ports import HOST, listening, refuse_taken
from mlsd_kit.services.process import Process, supervised

USER = "mlsd"
UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root
SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "shared_buffers": "32MB",
    "max_connections": "40",
    "authentication_timeout": "10s",  # who connects and says nothing takes a place for as long
    "client_connection_check_interval": "200ms",  # a query ends with the client who asked
    "fsync": "off",  # what is committed outlives a killed server, though not a power cut
}


@contextlib.contextmanager
def postgres(*, port: int | None = None, timeout: float = 60.0) -> Iterator[Address]:
    """A real PostgreSQL server whose data lie in a temporary folder while the block runs.

    Parameters
    ----------
    port : int, default=None
        None takes a free one.
    timeout : float, default=60
        Seconds until it must answer.

    Yields
    ------
    Address
        ``"postgresql://USER:PASSWORD@127.0.0.1:PORT/postgres"`` with a password made up for this
        server, and its `process`: a restarted server has the same address and all that was
        committed. If ``$MLSD_POSTGRES_DSN`` is set, that is yielded and nothing is started.

    Raises
    ------
    ServiceError
        If the port is in use, the server's program is missing, or it does not answer in time.

    Notes
    -----
    For root the server runs as the user ``nobody``. Server, sessions and data folder go at the end
    of the block, and also if this process is killed.

    Examples
    --------
    >>> import psycopg
    >>> with postgres() as dsn, psycopg.connect(dsn) as connection:
    ...     connection.execute("SELECT 6 * 7").fetchone()
    (42,)
    """
    own = os.environ.get(ENVIRONMENT)
    if own:
        yield Address(own)
        return
    refuse_taken(port)
    with contextlib.ExitStack() as stack:
        stack.callback(atexit.unregister, stack.close)
        atexit.register(stack.close)  # for a block that is never left
        data = Path(stack.enter_context(data_folder()), "data")
        stack.enter_context(_janitor(data))
        password = secrets.token_hex(16)
        place = _initialise(data, password, timeout)
        at, child = stack.enter_context(
            listening(lambda at: _server(place, data, at, timeout), port)
        )
        yield Address(f"postgresql://{USER}:{password}@{HOST}:{at}/postgres", child)


class Server(Process):
    """A server that takes its sessions with it: each is a process that would outlive it."""

    data = ""  # its data folder

    def kill(self) -> None:
        """End it at once (SIGKILL), with all its sessions, whatever they were about to do."""
        super().kill()
        _postgres.end_sessions(self.data)

    def stop(self, timeout: float = 10.0) -> None:
        """Ask it to end without waiting for its clients (SIGINT); kill it if it does not."""
        self._asked_to_end = True
        with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
            if self.alive:
                os.kill(self.pid, signal.SIGINT)
                self.wait(timeout)
        self.kill()


@contextlib.contextmanager
def _server(place: Path, data: Path, port: int, timeout: float) -> Iterator[Server]:
    command = [*_launcher(data), str(place / "postgres"), "-D", str(data), "-p", str(port)]
    for name, value in SETTINGS.items():
        command += ["-c", f"{name}={value}"]
    child = Server(
        command,
        name="postgres",
        env=None,
        ready=lambda child: _ready(data, child.pid),
        timeout=timeout,
    )
    child.data = str(data)
    with supervised(child):
        yield child


def _launcher(data: Path) -> list[str]:
    return [sys.executable, "-I", "-S", _postgres.__file__, UNPRIVILEGED, str(data)]


@contextlib.contextmanager
def _janitor(data: Path) -> Iterator[None]:
    """A process that tidies up should this one be killed."""
    janitor = subprocess.Popen(
        [sys.executable, "-I", "-S", _postgres.__file__, _postgres.AFTER, str(data)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        janitor.kill()
        janitor.wait()


def _ready(data: Path, pid: int) -> bool:
    """True if the server of this data folder takes connections, by its own word."""
    try:
        said = (data / "postmaster.pid").read_text().split("\n")
    except OSError:
        return False
    return said[0] == str(pid) and len(said) > 7 and said[7].strip() == "ready"


def _initialise(data: Path, password: str, timeout: float) -> Path:
    """Make an empty cluster; returns the folder of the programs."""
    folder = data.parent
    secret = folder / "password"
    secret.write_text(password)
    place = programs()
    if os.geteuid() == 0:
        place = reachable(place, folder)
        for file in (folder, secret):
            shutil.chown(file, UNPRIVILEGED)
    command = [*_launcher(data), str(place / "initdb"), "-D", str(data), "-U", USER]
    command += ["--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8", "--no-locale"]
    try:
        done = subprocess.run(
            [*command, "--no-sync"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ServiceError(f"postgres: its data folder was not ready after {timeout:.0f} s.")
    if done.returncode != 0:
        said = " ".join((done.stderr or done.stdout).split()[-40:])
        raise ServiceError(f"postgres: no data folder could be made in {folder}: {said}")
    secret.unlink()
    return place
