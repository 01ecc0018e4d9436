"""Real components behind one-line context managers: broker, databases, web services, workers.

Each listens on 127.0.0.1, picks a free port, ends with its ``with`` block or with the process that
started it, and keeps its log if something went wrong. An environment variable points to a server
of your own instead. `mlsd_kit.services.load` offers them load and measures it.
"""

from __future__ import annotations

from mlsd_kit.services.address import Address
from mlsd_kit.services.broker import broker
from mlsd_kit.services.errors import ServiceError
from mlsd_kit.services.http import http_service
from mlsd_kit.services.ports import free_port
from mlsd_kit.services.postgres import postgres
from mlsd_kit.services.process import Process, process
from mlsd_kit.services.redis import redis

__all__ = [
    "Address",
    "Process",
    "ServiceError",
    "broker",
    "free_port",
    "http_service",
    "postgres",
    "process",
    "redis",
]
