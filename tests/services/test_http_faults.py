"""Clients that send nonsense, too much or nothing: each is told, and none disturbs the others."""

import os
import signal
import socket
import threading
import time

import httpx
import psutil
import pytest

from mlsd_kit.services import http_service
from mlsd_kit.services._sturdy import PATIENCE

NONSENSE = {
    "cut off": b'{"a": 1',
    "empty": b"",
    "no text": b"\xff\xfe\x00",
    "not a number": b"NaN",
    "not a number inside": b"[NaN, Infinity]",
    "beyond float": b"[1e999]",
    "half a character": b'"\\ud800"',
    "nested without end": b"[" * 100_000,
    "endless number": b'{"a": ' + b"9" * 5_000 + b"}",
    "another type": b'["a"]',
}
JSON = {"Content-Type": "application/json"}
MEGABYTES = 1 << 20


def make(greeting="hello"):
    """An app with a parameter that has a default, as makers often do."""
    import fastapi

    app, begun = fastapi.FastAPI(), []

    @app.get("/begun")
    def count():
        return len(begun)

    @app.post("/rows")
    def rows(row: dict[str, float | str]):
        return sorted(row)

    @app.get("/slow")
    def slow(seconds: float):
        begun.append(seconds)
        time.sleep(seconds)
        return greeting

    return app


@pytest.fixture(scope="module")
def service():
    with http_service(make) as url:
        yield url
        assert "Traceback" not in url.process.tail(10_000)


def answers(url):
    return httpx.post(f"{url}/rows", json={"b": 1, "a": "x"}, timeout=60).json() == ["a", "b"]


@pytest.mark.parametrize("body", NONSENSE.values(), ids=NONSENSE)
def test_a_body_that_is_no_json_of_the_right_kind_is_refused_with_a_reason(service, body):
    said = httpx.post(f"{service}/rows", content=body, headers=JSON, timeout=60)
    assert said.status_code in (400, 422)
    assert said.json()["detail"]
    assert answers(service)


def test_a_long_body_that_flows_is_taken_and_one_that_dries_up_is_not(wait_for):
    def flowing():
        for _ in range(14):  # for longer than a short request may take
            time.sleep(0.5)
            yield b" " * 150_000
        yield b'{"a": 1}'

    with http_service(make, most_body=10 * MEGABYTES) as url:
        said = httpx.post(f"{url}/rows", content=flowing(), headers=JSON, timeout=60)
        assert said.json() == ["a"]
        with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as dry:
            dry.send(b"POST /rows HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n")
            dry.send(b" " * 50_000)
            assert wait_for(lambda: ended(dry), 60)


def chunks(count):
    for _ in range(count):
        yield b"x" * MEGABYTES


@pytest.mark.parametrize("known", [True, False], ids=["length said", "in chunks"])
def test_a_body_of_50_mb_is_refused_and_not_kept_in_memory(service, known):
    process = psutil.Process(service.process.pid)
    assert answers(service)
    before = process.memory_info().rss
    body = b"x" * (50 * MEGABYTES) if known else chunks(50)
    said = httpx.post(f"{service}/rows", content=body, headers=JSON, timeout=60)
    assert said.status_code == 413
    assert said.json() == {"detail": "the body is longer than 1,048,576 bytes: send less at once."}
    assert process.memory_info().rss - before < 25 * MEGABYTES
    assert answers(service)


def test_the_bound_on_a_body_can_be_moved():
    with http_service(make, most_body=100) as url:
        assert answers(url)
        long = {"a": "x" * 100}
        assert httpx.post(f"{url}/rows", json=long).status_code == 413


def test_a_thousand_half_open_connections_disturb_nobody_and_are_closed(
    service, half_open, wait_for
):
    port = int(service.rpartition(":")[2])
    held = half_open(port, 1000)
    for number, link in enumerate(held):
        if number % 2:
            link.send(b"POST /rows HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n")
        if number % 4 == 3:
            link.send(b"\r\n{")  # a body that stops in the middle
    assert answers(service)
    assert wait_for(lambda: all(map(ended, held)), 60)
    assert answers(service)


def ended(link):
    link.setblocking(False)
    try:
        return link.recv(100) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def test_bytes_that_drip_buy_no_time_and_slow_answers_are_not_cut_off(service, wait_for):
    port = int(service.rpartition(":")[2])
    slow = []
    waiting = threading.Thread(
        target=lambda: slow.append(
            httpx.get(f"{service}/slow", params={"seconds": PATIENCE + 1.5}, timeout=60).json()
        )
    )
    waiting.start()
    with httpx.Client() as kept, socket.create_connection(("127.0.0.1", port)) as dripping:
        dripping.send(b"GET /slow HTTP/1.1\r\n")

        def gone():
            try:
                dripping.send(b"x")
            except OSError:
                return True
            assert kept.post(f"{service}/rows", json={}).status_code == 200
            time.sleep(0.2)
            return ended(dripping)

        assert wait_for(gone, 60)
    waiting.join(60)
    assert slow == ["hello"]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["SIGTERM", "SIGKILL"])
def test_a_request_under_way_is_answered_at_sigterm_and_lost_at_sigkill(how, wait_for):
    with http_service(make) as url:
        got = []

        def ask():
            try:
                got.append(httpx.get(f"{url}/slow", params={"seconds": 1}, timeout=60).json())
            except httpx.TransportError:
                got.append(None)

        asking = threading.Thread(target=ask)
        asking.start()
        assert wait_for(lambda: httpx.get(f"{url}/begun").json() == 1)
        os.kill(url.process.pid, how)
        asking.join(60)
        assert wait_for(lambda: not url.process.alive)
        assert got == (["hello"] if how == signal.SIGTERM else [None])
        url.process.start()
        assert answers(url)


def test_an_app_may_answer_in_its_own_way():
    def own():
        from fastapi import FastAPI, Request
        from fastapi.exceptions import RequestValidationError
        from fastapi.responses import PlainTextResponse

        app = make()
        assert isinstance(app, FastAPI)

        @app.exception_handler(RequestValidationError)
        def refuse(request: Request, error: RequestValidationError):
            return PlainTextResponse("no", status_code=418)

        return app

    with http_service(own) as url:
        assert httpx.post(f"{url}/rows", content=b"NaN", headers=JSON).status_code == 418
        assert answers(url)
