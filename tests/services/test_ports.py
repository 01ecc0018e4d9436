"""A server on a free port, also when somebody else is faster."""

import contextlib
import socket

import pytest

from mlsd_kit.services import ServiceError
from mlsd_kit.services.ports import ATTEMPTS, free_port, listening, refuse_taken


@contextlib.contextmanager
def server(port):
    try:
        socket_ = socket.create_server(("127.0.0.1", port))
    except OSError as error:
        raise ServiceError(f"the server did not start: {error.strerror}")
    with socket_:
        yield socket_


@pytest.fixture
def taken():
    with socket.create_server(("127.0.0.1", 0)) as held:
        yield held.getsockname()[1]


def test_the_port_is_the_servers_and_free_afterwards():
    with listening(server) as (port, found):
        assert found.getsockname() == ("127.0.0.1", port)
    refuse_taken(port)


def test_a_lost_port_is_replaced(taken, monkeypatch):
    good = free_port()
    monkeypatch.setattr("mlsd_kit.services.ports.free_port", iter([taken, taken, good]).__next__)
    with listening(server) as (port, _):
        assert port == good


def test_it_gives_up(taken, monkeypatch):
    asked = []
    monkeypatch.setattr("mlsd_kit.services.ports.free_port", lambda: asked.append(1) or taken)
    with pytest.raises(ServiceError, match="in use"), listening(server):
        pass
    assert len(asked) == ATTEMPTS


def test_the_port_that_was_asked_for_is_not_replaced(taken):
    for listen in (refuse_taken, lambda port: listening(server, port).__enter__()):
        with pytest.raises(ServiceError, match=f"port {taken} is in use: leave `port` out"):
            listen(taken)


def test_another_fault_is_not_tried_again(monkeypatch):
    asked = []

    @contextlib.contextmanager
    def broken(port):
        asked.append(port)
        raise ServiceError("it has no program")
        yield

    with pytest.raises(ServiceError, match="no program"), listening(broken):
        pass
    assert len(asked) == 1


def test_an_error_in_the_block_starts_no_second_server():
    started = []

    def start(port):
        started.append(port)
        return server(port)

    with pytest.raises(ServiceError, match="in use, says the block"), listening(start):
        raise ServiceError("in use, says the block")
    assert len(started) == 1
