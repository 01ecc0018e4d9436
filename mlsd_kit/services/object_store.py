"""An object store with an S3 interface, as a context manager."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

from mlsd_kit.services.address import Address
from mlsd_kit.services.errors import ServiceError
from mlsd_kit.services.ports import HOST, free_port, is_taken, listening
from mlsd_kit.services.process import Process, new_folder, supervised
from mlsd_kit.services.programs import programs

ENVIRONMENT = "MLSD_S3_URL"
KEY = "mlsd"
INNER = (
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "s3.port.grpc",
    "s3.port.iceberg",
    "s3.port.lance",
)
"""Ports of the parts behind the interface: a port that is not named is a fixed one."""
SETTINGS = (
    "-filer",
    "-s3",
    f"-ip={HOST}",
    f"-ip.bind={HOST}",
    "-volume.max=0",  # as many files for objects as the disk holds
    "-master.volumeSizeLimitMB=64",
    "-master.electionTimeout=1s",  # after a restart it elects itself, which else takes longer
    "-master.telemetry=false",  # it would report to its makers
)
SURROUNDINGS = {"WEED_MASTER_VOLUME_GROWTH_COPY_1": "1"}  # a bucket begins with one file, not seven


@contextlib.contextmanager
def object_store(
    *, bucket: str = "lake", port: int | None = None, timeout: float = 90.0
) -> Iterator[Address]:
    """A real object store (SeaweedFS) with S3's interface, in a temporary folder while it runs.

    Parameters
    ----------
    bucket : str, default="lake"
        It is there from the start; 3 to 63 small letters, digits and hyphens.
    port : int, default=None
        None takes a free one.
    timeout : float, default=90
        Seconds until an object could be written to the bucket: its port opens seconds earlier.

    Yields
    ------
    Address
        ``"http://KEY:SECRET@127.0.0.1:PORT/BUCKET"`` with a secret made up for this store, and its
        `process`: a restarted store has the same address and all that was written. If
        ``$MLSD_S3_URL`` is set, that is yielded and nothing is started; its bucket must exist.
        `mlsd_kit.services.s3` makes a client of it, and the settings for lake tables.

    Raises
    ------
    ServiceError
        If the bucket has no such name, the port is in use, the program is missing, or nothing can
        be written in time.

    Notes
    -----
    A PUT with ``If-None-Match: *`` writes an object if there is none, and is 412 otherwise, also
    for writers at the same moment. Told to end, this store takes a quarter of a minute; `stop()`
    therefore kills it, which loses nothing that was acknowledged.

    Examples
    --------
    >>> from mlsd_kit.services import s3
    >>> with object_store() as address, s3.client(address) as store:
    ...     once = {"If-None-Match": "*"}
    ...     codes = [store.put("a/b", content=b"hi", headers=once).status_code for _ in range(2)]
    ...     codes, store.get("a/b").content
    ([200, 412], b'hi')
    """
    own = os.environ.get(ENVIRONMENT)
    if own:
        yield Address(own.rstrip("/"))
        return
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", bucket):
        raise ServiceError(
            f"{bucket!r} is no bucket's name: give 3 to 63 small letters, digits and hyphens."
        )
    secret = secrets.token_hex(16)
    with listening(lambda at: _weed(bucket, secret, at, timeout), port) as (at, child):
        yield Address(_address(secret, at, bucket), child)


class Store(Process):
    """A store that is ended at once: what it has acknowledged is in its files."""

    def stop(self, timeout: float = 5.0) -> None:
        """Kill it (`timeout` is for other processes: this one would take much longer)."""
        self.kill()


def _address(secret: str, port: int, bucket: str) -> str:
    return f"http://{KEY}:{secret}@{HOST}:{port}/{bucket}"


@contextlib.contextmanager
def _weed(bucket: str, secret: str, port: int, timeout: float) -> Iterator[Process]:
    program = programs()["weed"].path()
    folder = new_folder("object_store")
    data, keys = folder / "data", folder / "keys.json"
    data.mkdir()
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    credentials = [{"accessKey": KEY, "secretKey": secret}]
    identity = {"name": KEY, "credentials": credentials, "actions": actions}
    keys.write_text(json.dumps({"identities": [identity]}))
    ports = {"s3.port": port, **_free_ports(port)}
    child = Store(
        [str(program), "-logtostderr=true", "server", *SETTINGS]
        + [f"-{name}={at}" for name, at in ports.items()]
        + [f"-dir={data}", f"-s3.config={keys}"],
        name="object_store",
        env=SURROUNDINGS,
        ready=lambda child: is_taken(port) and _written(_address(secret, port, bucket)),
        timeout=timeout,
        folder=folder,
        leavings=[data, *_sockets(ports)],
    )
    with supervised(child):
        yield child


def _free_ports(other: int) -> dict[str, int]:
    """A port for each part, all different."""
    taken = {other}
    while len(taken) <= len(INNER):
        taken.add(free_port())
    return dict(zip(INNER, sorted(taken - {other}), strict=True))


def _sockets(ports: dict[str, int]) -> list[Path]:
    """The files that it makes in /tmp, whatever it is told, and leaves there when it is killed."""
    parts = ("master", "volume", "filer", "s3")
    names = [f"seaweedfs-{part}-grpc-{ports[f'{part}.port.grpc']}.sock" for part in parts]
    names += [f"seaweedfs-{part}-{ports[f'{part}.port']}.sock" for part in ("filer", "s3")]
    return [Path("/tmp", name) for name in names]


def _written(address: str) -> bool:
    """True if an object could be written to the bucket of *this* store: no other has its secret."""
    import httpx

    from mlsd_kit.services import s3

    probe = f".ready-{secrets.token_hex(4)}"
    try:
        with s3.client(address, timeout=10) as store:
            made = store.put(str(store.base_url).rstrip("/")).status_code
            if made not in (200, 409):  # 409: it is there since the last start
                return False
            if store.put(probe, content=b"ready").status_code != 200:
                return False
            return store.delete(probe).status_code in (200, 204)
    except httpx.HTTPError:
        return False
