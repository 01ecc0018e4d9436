"""Real components behind one-line context managers: broker, stores, servers, balancer, workers.

Each listens on 127.0.0.1, picks a free port, ends with its ``with`` block or with the process that
started it, and keeps its log if something went wrong. An environment variable points to a server
of your own instead. `mlsd_kit.services.load` offers them load and measures it.
"""

from __future__ import annotations

from mlsd_kit.services.address import Address
from mlsd_kit.services.balancer import Balancer, balancer
from mlsd_kit.services.broker import broker
from mlsd_kit.services.errors import ServiceError
from mlsd_kit.services.http import http_service
from mlsd_kit.services.object_store import object_store
from mlsd_kit.services.ports import free_port
from mlsd_kit.services.postgres import postgres
from mlsd_kit.services.process import Process, process
from mlsd_kit.services.redis import redis
from mlsd_kit.services.web_server import WebServer, web_server

__all__ = [
    "Address",
    "Balancer",
    "Process",
    "ServiceError",
    "WebServer",
    "balancer",
    "broker",
    "free_port",
    "http_service",
    "object_store",
    "postgres",
    "process",
    "redis",
    "web_server",
]
